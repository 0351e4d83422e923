use super::{agent, call, control, database, http, notification, repeat, script, wait};
use crate::catalog::Kind;

/// All standard kinds, in the order in which the docs show them.
pub fn standard() -> Vec<Kind> {
    [
        vec![http::http_request()],
        control::kinds(),
        vec![database::database_query(), script::script_execution(), agent::ai_agent()],
        vec![notification::notification(), repeat::repetition()],
        call::kinds(),
        wait::kinds(),
    ]
    .concat()
}
