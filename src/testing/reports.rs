use std::collections::BTreeMap;

use crate::driver::sim::{NodeReport, NodeStatus, Report};
use crate::engine::Variables;
use crate::engine::machine::{Moment, Outcome};
use crate::plan::expr::{Op, Variable};
use crate::plan::{Formula, NodeId, Workflow};
use crate::value::{Duration, EcoString, Map, Part, Template, Value, eco_format};

/// What expectations read: the reports of the run and its nodes. What one doesn't have isn't there.
#[derive(Debug)]
pub(super) struct Reports<'r> {
    report: &'r Report,
    workflow: &'r Workflow,
    values: BTreeMap<Variable, Value>,
}

impl Variables for Reports<'_> {
    fn get(&self, variable: Variable) -> Option<&Value> {
        self.values.get(&variable)
    }
}

impl<'r> Reports<'r> {
    /// The reports that some expectations read.
    pub(super) fn new(report: &'r Report, workflow: &'r Workflow, expectations: &[Formula]) -> Self {
        let mut reports = Self { report, workflow, values: BTreeMap::new() };
        for op in expectations.iter().flat_map(|expected| expected.code.ops()) {
            if let Op::Variable(variable) = op
                && !reports.values.contains_key(variable)
                && let Some(value) = reports.value(*variable)
            {
                reports.values.insert(*variable, value);
            }
        }
        reports
    }

    fn value(&self, variable: Variable) -> Option<Value> {
        match variable {
            Variable::Run => Some(run(self.report)),
            Variable::Node(node) => {
                let name = &self.workflow.nodes.get(NodeId(node).index())?.name;
                Some(self.report.nodes.get(name.as_str()).map_or_else(absent, node_report))
            }
            _ => None,
        }
    }

    /// How a report is called.
    pub(super) fn name(&self, variable: Variable) -> Option<&str> {
        match variable {
            Variable::Run => Some("run"),
            Variable::Node(node) => Some(&self.workflow.nodes.get(NodeId(node).index())?.name),
            _ => None,
        }
    }

    /// Why a report lacks a field, as the first half of a sentence.
    pub(super) fn why(&self, variable: Variable, field: &str) -> Option<String> {
        let Variable::Node(node) = variable else {
            return Some(match (&self.report.outcome, field) {
                (Some(Outcome::Failed(failure)), _) => {
                    format!("the run failed with `{}`", failure.cause.error)
                }
                (Some(Outcome::Cancelled { .. }), _) => "the run was cancelled".to_owned(),
                (_, _) => "the run did not fail".to_owned(),
            });
        };
        let node = self.workflow.nodes.get(NodeId(node).index())?;
        let name = &node.name;
        let report = self.report.nodes.get(name.as_str()).filter(|report| report.started_at.is_some());
        Some(match (report, field) {
            (None, _) => format!("`{name}` did not run"),
            (Some(_), "input") => format!("`{name}` is a `{}`, which starts nothing outside", node.kind),
            (Some(report), _) => match report.status {
                NodeStatus::Succeeded => format!("`{name}` did not fail"),
                NodeStatus::Failed => format!("`{name}` failed"),
                NodeStatus::Cancelled => format!("`{name}` was cancelled"),
                NodeStatus::Running | NodeStatus::Skipped => format!("`{name}` did not end"),
            },
        })
    }
}

/// A node that was never decided: nothing asked for it.
fn absent() -> Value {
    Value::Map(Map::record([
        ("ran", Value::Bool(false)),
        ("status", Value::from(NodeStatus::Skipped.word())),
        ("attempts", Value::Int(0)),
    ]))
}

fn node_report(report: &NodeReport) -> Value {
    let mut record = Map::record([
        ("ran", Value::Bool(report.started_at.is_some())),
        ("status", Value::from(report.status.word())),
        ("attempts", Value::Int(i64::from(report.attempts))),
    ]);
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            record.insert(name.into(), value);
        }
    };
    let time = |at: Moment| Value::Timestamp(at.timestamp());
    put("started_at", report.started_at.map(time));
    put("ended_at", report.started_at.and(report.ended_at).map(time));
    put("input", report.input.as_ref().map(written));
    put("output", report.output.as_ref().and_then(plain));
    put("error", report.error.as_ref().and_then(|failure| plain(&failure.value())));
    Value::Map(record)
}

fn run(report: &Report) -> Value {
    let status = report.outcome.as_ref().map_or("running", |outcome| outcome.status().word());
    let mut record = Map::record([("status", Value::from(status)), ("duration", duration(took(report)))]);
    match &report.outcome {
        Some(Outcome::Completed { output, .. }) => {
            record.insert("output".into(), plain(output).unwrap_or(Value::Null));
        }
        Some(Outcome::Failed(failure)) => {
            record.insert("error".into(), plain(&failure.value()).unwrap_or(Value::Null));
        }
        Some(Outcome::Cancelled { .. }) | None => {}
    }
    Value::Map(record)
}

/// How long the run took, in milliseconds.
pub(super) fn took(report: &Report) -> u64 {
    report.closed_at.unwrap_or(report.ended_at).since(report.started_at)
}

fn duration(millis: u64) -> Value {
    Value::Duration(Duration::from_nanos(i128::from(millis) * 1_000_000).unwrap_or(Duration::ZERO))
}

/// A value in which nothing is optional: what is there stands for itself, what isn't is left out of records and null
/// in lists. Nothing where the whole isn't there.
fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::Optional(inner) => plain(inner.as_deref()?),
        Value::List(list) => Some(list.iter().map(|item| plain(item).unwrap_or(Value::Null)).collect()),
        Value::Map(map) => {
            let mut whole = Map::new();
            for (key, value) in map.iter().filter_map(|(key, value)| Some((key, plain(value)?))) {
                whole.insert(key.clone(), value);
            }
            Some(Value::Map(whole))
        }
        other => Some(other.clone()),
    }
}

/// What a node was started with, as JSON shows it; of a secret its name.
fn written(input: &Value) -> Value {
    let open = opened(input);
    open.to_json().map_or(open, |json| Value::from_json(&json))
}

fn opened(value: &Value) -> Value {
    match value {
        Value::Template(template) => Value::String(named(template)),
        Value::List(list) => list.iter().map(opened).collect(),
        Value::Map(map) => {
            let mut whole = Map::new();
            map.iter().for_each(|(key, value)| whole.insert(key.clone(), opened(value)));
            Value::Map(whole)
        }
        other => other.clone(),
    }
}

fn named(template: &Template) -> EcoString {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Secret(name) => eco_format!("${{{name}}}"),
    };
    template.parts().iter().map(part).fold(EcoString::new(), |text, part| text + part)
}
