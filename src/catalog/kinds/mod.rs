//! The standard kinds of nodes, a file for each family.

mod agent;
mod call;
mod control;
mod database;
mod http;
mod notification;
mod repeat;
mod script;
mod wait;

pub use call::tool;

use super::Kind;

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
