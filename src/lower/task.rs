use ecow::EcoString;

use super::shape::Border;
use super::tables::Tables;
use crate::catalog::UNNAMED_FAILURE;
use crate::check::program::{self as checked, Argument, Config, Node, NodeIx, Workflow};
use crate::plan::{
    Action, Approval, Case, Child, CodeId, Condition, Count, Delay, Error, ErrorHandler, Fail, Fault,
    GraphId, Location, Loop, OnIterationError, Repeat, StateVariable, Task, WaitSignal,
};
use crate::types::Type;

/// How many iterations a loop over a list or a number may have where it doesn't say.
const MAX_ITERATIONS: u64 = 10_000;

impl<'a> Tables<'a, '_> {
    /// What a node does.
    pub(super) fn task(
        &mut self,
        index: NodeIx,
        node: &'a Node,
        workflow: &'a Workflow,
    ) -> Result<Task, Error> {
        let task = match (&node.execution, node.kind.as_str()) {
            (Some(execution), _) => Some(Task::Activity(Box::new(self.activity(node, execution)))),
            (None, "condition") => self.condition(&node.config),
            (None, "data_transformer") => {
                node.config.expr("value").map(|value| Task::Transform(self.code(value)))
            }
            (None, "delay") => self.delay(&node.config),
            (None, "loop") => self.repetition(node),
            (None, "error_handler") => Some(Task::ErrorHandler(self.error_handler(&node.config, workflow))),
            (None, "fail") => self.fail(&node.config),
            (None, "succeed") => Some(Task::Succeed),
            (None, "workflow") => self.child(&node.config),
            (None, "wait_signal") => self.wait_signal(&node.config),
            (None, "approval") => Some(Task::Approval(Box::new(self.approval(index, &node.config)))),
            (None, _) => None,
        };
        task.ok_or_else(|| Error::Invalid {
            place: Box::new(Location::Node {
                workflow: workflow.name.to_string(),
                node: node.name.to_string(),
            }),
            fault: Fault::Missing { what: "task" },
        })
    }

    fn optional_code(&mut self, config: &Config, field: &str) -> Option<CodeId> {
        config.expr(field).map(|expr| self.code(expr))
    }

    fn condition(&mut self, config: &'a Config) -> Option<Task> {
        if let Some(switch) = self.optional_code(config, "switch") {
            return Some(Task::Switch(switch));
        }
        if let Some(when) = self.optional_code(config, "when") {
            return Some(Task::Condition(Condition { cases: vec![when] }));
        }
        let cases = config.cases("cases")?.iter().map(|(_, case)| match case {
            Argument::Expr(expr) => Some(self.code(*expr)),
            _ => None,
        });
        Some(Task::Condition(Condition { cases: cases.collect::<Option<_>>()? }))
    }

    fn delay(&mut self, config: &Config) -> Option<Task> {
        match (self.optional_code(config, "for"), self.optional_code(config, "until")) {
            (Some(time), _) => Some(Task::Delay(Delay::For(time))),
            (None, until) => until.map(|until| Task::Delay(Delay::Until(until))),
        }
    }

    fn repetition(&mut self, node: &'a Node) -> Option<Task> {
        let (config, body) = (&node.config, node.body.as_ref()?);
        let repeat = self.repeat(config);
        let bound = match repeat {
            Repeat::Over(_) | Repeat::Times(_) => Some(Count::Fixed(MAX_ITERATIONS)),
            Repeat::While { .. } => None,
        };
        Some(Task::Loop(Box::new(Loop {
            body: GraphId::from(body.graph),
            repeat,
            state: body.state.iter().map(|variable| self.state_variable(variable)).collect(),
            collect: self.optional_code(config, "collect"),
            parallelism: self.count(config, "parallelism").unwrap_or(Count::Fixed(1)),
            max_iterations: self.count(config, "max_iterations").or(bound),
            enough: self.count(config, "enough"),
            on_iteration_error: match config.word("on_iteration_error").map(AsRef::as_ref) {
                Some("continue") => OnIterationError::Continue,
                _ => OnIterationError::Stop,
            },
            tolerate: config.flag("tolerate"),
        })))
    }

    fn repeat(&mut self, config: &Config) -> Repeat {
        match (self.optional_code(config, "over"), self.optional_code(config, "times")) {
            (Some(over), _) => Repeat::Over(over),
            (None, Some(times)) => Repeat::Times(times),
            (None, None) => Repeat::While {
                before: self.optional_code(config, "while"),
                until: self.optional_code(config, "until"),
            },
        }
    }

    fn state_variable(&mut self, variable: &checked::StateVariable) -> (String, StateVariable) {
        let lowered = StateVariable {
            shape: self.shape(&variable.ty, Border::Closed),
            initial: self.code(variable.initial),
            next: variable.next.map(|next| self.code(next)),
        };
        (variable.name.to_string(), lowered)
    }

    fn count(&mut self, config: &Config, field: &str) -> Option<Count> {
        match config.get(field)? {
            Argument::Int(number) => Some(Count::Fixed(u64::try_from(*number).unwrap_or_default())),
            Argument::Expr(expr) => Some(Count::Expr(self.code(*expr))),
            _ => None,
        }
    }

    fn error_handler(&mut self, config: &'a Config, workflow: &'a Workflow) -> ErrorHandler {
        let cases = config.cases("cases").unwrap_or_default().iter();
        let cases = cases.map(|(error, case)| (error.to_string(), self.case(Some(case), workflow))).collect();
        ErrorHandler { cases, otherwise: self.case(config.get("otherwise"), workflow) }
    }

    /// What is done about a failure; where nothing is said, its connection is taken as any other.
    fn case(&mut self, case: Option<&'a Argument>, workflow: &'a Workflow) -> Case {
        let Some(Argument::Fields(fields)) = case else {
            return Case { action: Action::Continue, value: None };
        };
        let action = match fields.word("action").map(AsRef::as_ref) {
            Some("stop") => Action::Stop,
            Some("retry") => Action::Retry(match &workflow.retry {
                Some(retry) => self.retry(retry),
                None => self.retry(&checked::Retry::standard()),
            }),
            _ => Action::Continue,
        };
        Case { action, value: self.optional_code(fields, "value") }
    }

    fn fail(&mut self, config: &'a Config) -> Option<Task> {
        if let Some(with) = self.optional_code(config, "with") {
            return Some(Task::Fail(Fail::With(with)));
        }
        let plain = EcoString::from(UNNAMED_FAILURE);
        let (name, details, message) = match config.get("error") {
            Some(Argument::Error { name, details, message }) => (name, *details, *message),
            _ => (&plain, None, None),
        };
        let details = details.or(config.expr("details"));
        let message = config.expr("message").or(message);
        Some(Task::Fail(Fail::Error(self.error_value(name, details, message))))
    }

    fn child(&mut self, config: &Config) -> Option<Task> {
        let Argument::Workflow(workflow) = config.get("call")? else { return None };
        Some(Task::Child(Child {
            callee: self.callee(*workflow),
            input: self.optional_code(config, "input"),
            detached: config.flag("detached"),
        }))
    }

    fn approval(&mut self, index: NodeIx, config: &Config) -> Approval {
        Approval {
            title: self.optional_code(config, "title"),
            details: self.optional_code(config, "details"),
            approvers: self.optional_code(config, "approvers"),
            remind: self.optional_code(config, "remind"),
            escalate: self.optional_code(config, "escalate"),
            notify: self.message(index),
        }
    }

    fn wait_signal(&mut self, config: &Config) -> Option<Task> {
        Some(Task::WaitSignal(WaitSignal {
            signal: config.word("signal")?.to_string(),
            payload: self.shape(config.ty("payload").unwrap_or(&Type::Json), Border::Closed),
            correlate: self.optional_code(config, "correlate"),
        }))
    }
}
