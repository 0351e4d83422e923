use miette::Diagnostic;
use thiserror::Error;

use crate::value::EcoString;

/// Why a test fails, or what is worth knowing when it does.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum Fault {
    #[error("the expectation does not hold")]
    #[diagnostic(code(expectation_failed))]
    Expectation,
    #[error("the expectation has no value: {reason}")]
    #[diagnostic(code(expectation_error))]
    Unevaluated { reason: String },
    #[error("{why}, so it has no `{field}`")]
    #[diagnostic(code(nothing_to_read))]
    NothingToRead { why: String, field: EcoString },
    #[error("`{path}` runs without a mock")]
    #[diagnostic(code(missing_mock), help("write `mock {path} {{ }}`, with the outputs that count{}", match child {
        Some(child) => format!("; or mock the whole child: `mock {child} {{ }}`"),
        None => String::new(),
    }))]
    MissingMock { path: EcoString, child: Option<EcoString> },
    #[error("`{path}` waits for a signal that never comes")]
    #[diagnostic(
        code(endless_wait),
        help("write `mock {path} {{ … }}` with what comes with it, or give the node a `timeout`")
    )]
    EndlessWait { path: EcoString },
    #[error("the run does not come to its end")]
    #[diagnostic(
        code(endless_run),
        help("a loop goes on while no time passes: mock what ends it, or put a `delay` into its body")
    )]
    EndlessRun,
    #[error("the signal `{name}` is turned away: {reason}")]
    #[diagnostic(code(refused_signal), help("give what the node takes"))]
    RefusedSignal { name: EcoString, reason: EcoString },
    #[error("this has no value: {reason}")]
    #[diagnostic(code(test_value))]
    Value { reason: String },
    #[error("the setting `{name}` has no default: it is {value} in this test")]
    #[diagnostic(code(setting_without_default), severity(Advice))]
    Setting { name: String, value: String },
}
