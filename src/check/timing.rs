//! Time-outs that don't fit each other.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::program::{Config, Millis, Retry};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;

/// How long an attempt may take where nothing is written.
pub(super) const ATTEMPT: Millis = 10 * 60 * 1_000;

/// What doesn't fit.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("{what} leaves no time for anything else in {within}")]
    #[diagnostic(
        code(timeout_order),
        severity(Warning),
        help("make `{shorter}` shorter, or {longer} longer")
    )]
    Order { what: String, within: String, shorter: EcoString, longer: String },
}

/// The time-outs of a node beside each other and beside the workflow's.
pub(super) struct Timeouts<'a> {
    /// The node's fields.
    pub(super) config: &'a Config,
    /// Its policy, where it is an activity.
    pub(super) retry: Option<&'a Retry>,
    /// The workflow's `timeout`, and where it is.
    pub(super) workflow: Option<(Millis, Span)>,
}

impl Timeouts<'_> {
    /// Warns of each pair that doesn't fit; at most one warning a field.
    pub(super) fn check(&self, problems: &mut Problems) {
        let total = self.field("total_timeout");
        let timeout = self.field("timeout");
        if let Some((attempt, at)) = timeout {
            let own = total.filter(|(total, _)| attempt >= *total).map(|(_, span)| (span, "`total_timeout`"));
            let outer = self.workflow.filter(|(whole, _)| attempt >= *whole);
            if let Some((longer, name)) = own.or(outer.map(|(_, span)| (span, "the workflow's `timeout`"))) {
                report("timeout", at, name, longer, problems);
            }
        }
        if let Some((heartbeat, at)) = self.field("heartbeat_timeout") {
            let (attempt, longer) = timeout.unwrap_or((ATTEMPT, at));
            if heartbeat > attempt {
                report("heartbeat_timeout", at, "`timeout`", longer, problems);
            }
        }
        if let (Some((total, at)), Some(retry)) = (total, self.retry)
            && retry.maximum_attempts != Some(1)
            && retry.initial_interval > total
        {
            let longer = self.config.span("retry").unwrap_or(at);
            report_interval(at, longer, problems);
        }
    }

    fn field(&self, name: &str) -> Option<(Millis, Span)> {
        Some((self.config.millis(name)?, self.config.span(name)?))
    }
}

fn report(field: &str, at: Span, longer: &str, longer_at: Span, problems: &mut Problems) {
    let error = Error::Order {
        what: format!("`{field}`"),
        within: longer.to_owned(),
        shorter: field.into(),
        longer: longer.to_owned(),
    };
    problems.report(Finding::new(at, error).label(longer_at, "as long or shorter"));
}

fn report_interval(at: Span, policy: Span, problems: &mut Problems) {
    let error = Error::Order {
        what: "the policy's `initial_interval`".into(),
        within: "`total_timeout`".into(),
        shorter: "initial_interval".into(),
        longer: "`total_timeout`".into(),
    };
    problems.report(Finding::new(at, error).label(policy, "the policy"));
}
