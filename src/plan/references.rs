use super::{
    Activity, Approval, Argument, BreakerId, CalleeId, CodeId, Config, Count, Delay, ErrorValue, ErrorsId,
    Fail, GraphId, LimitId, Loop, Node, NodeId, OnError, RemoteId, Repeat, RetryId, Role, Task, TimeLimit,
    Workflow,
};
use crate::value::ShapeId;

/// What a part of a workflow refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// An expression that sees what the part sees.
    Code(CodeId),
    /// An expression that also sees the end of an iteration of this body.
    BodyCode(CodeId, GraphId),
    Shape(ShapeId),
    Node(NodeId),
    Graph(GraphId),
    Retry(RetryId),
    Errors(ErrorsId),
    Breaker(BreakerId),
    Limit(LimitId),
    Callee(CalleeId),
    Remote(RemoteId),
}

impl Node {
    /// Puts all that it refers to, connections apart, into `all`.
    pub(super) fn references(&self, all: &mut Vec<Reference>) {
        all.extend([Reference::Errors(self.errors), Reference::Shape(self.output)]);
        all.extend(self.fallback.map(Reference::Code));
        all.extend(self.timeout.and_then(TimeLimit::reference));
        all.extend(self.compensate.map(Reference::Node));
        if let Role::Undo(of) | Role::Message(of) = self.role {
            all.push(Reference::Node(of));
        }
        if let OnError::Retry(retry) = self.on_error {
            all.push(Reference::Retry(retry));
        }
        self.task.references(all);
    }
}

impl Task {
    fn references(&self, all: &mut Vec<Reference>) {
        match self {
            Self::Activity(task) => task.references(all),
            Self::Condition(task) => all.extend(task.cases.iter().copied().map(Reference::Code)),
            Self::Switch(code) | Self::Transform(code) => all.push(Reference::Code(*code)),
            Self::Delay(Delay::For(code) | Delay::Until(code)) => all.push(Reference::Code(*code)),
            Self::Loop(task) => task.references(all),
            Self::ErrorHandler(task) => {
                for case in task.cases.values().chain([&task.otherwise]) {
                    all.extend(case.value.map(Reference::Code));
                    if let super::Action::Retry(retry) = case.action {
                        all.push(Reference::Retry(retry));
                    }
                }
            }
            Self::Fail(Fail::With(code)) => all.push(Reference::Code(*code)),
            Self::Fail(Fail::Error(error)) => error.references(all),
            Self::Succeed => {}
            Self::Child(task) => {
                all.push(Reference::Callee(task.callee));
                all.extend(task.input.map(Reference::Code));
            }
            Self::WaitSignal(task) => {
                all.push(Reference::Shape(task.payload));
                all.extend(task.correlate.map(Reference::Code));
            }
            Self::Approval(task) => task.references(all),
        }
    }
}

impl Activity {
    fn references(&self, all: &mut Vec<Reference>) {
        arguments(&self.config, all);
        all.push(Reference::Retry(self.retry));
        let limits = [Some(self.timeout), self.total_timeout, self.heartbeat_timeout];
        all.extend(limits.into_iter().flatten().filter_map(TimeLimit::reference));
        if let Some(used) = &self.breaker {
            all.push(Reference::Breaker(used.breaker));
            all.extend(used.key.map(Reference::Code));
        }
        if let Some(used) = &self.limit {
            all.push(Reference::Limit(used.limit));
            all.extend(used.key.map(Reference::Code));
        }
    }
}

impl Approval {
    fn references(&self, all: &mut Vec<Reference>) {
        let codes = [self.title, self.details, self.approvers, self.remind, self.escalate];
        all.extend(codes.into_iter().flatten().map(Reference::Code));
        all.extend(self.notify.map(Reference::Node));
    }
}

impl TimeLimit {
    /// The expression that it is, where it is one.
    pub(super) fn reference(self) -> Option<Reference> {
        match self {
            Self::Millis(_) => None,
            Self::Expr(code) => Some(Reference::Code(code)),
        }
    }
}

impl Loop {
    fn references(&self, all: &mut Vec<Reference>) {
        all.push(Reference::Graph(self.body));
        let mut within = vec![self.collect];
        match self.repeat {
            Repeat::Over(code) | Repeat::Times(code) => all.push(Reference::Code(code)),
            Repeat::While { before, until } => within.extend([before, until]),
        }
        for variable in self.state.values() {
            all.extend([Reference::Shape(variable.shape), Reference::Code(variable.initial)]);
            within.push(variable.next);
        }
        for count in [Some(self.parallelism), self.max_iterations, self.enough].into_iter().flatten() {
            if let Count::Expr(code) = count {
                all.push(Reference::Code(code));
            }
        }
        all.extend(within.into_iter().flatten().map(|code| Reference::BodyCode(code, self.body)));
    }
}

fn arguments(config: &Config, all: &mut Vec<Reference>) {
    config.values().for_each(|argument| argument.references(all));
}

impl ErrorValue {
    fn references(&self, all: &mut Vec<Reference>) {
        all.extend([self.details, self.message].into_iter().flatten().map(Reference::Code));
    }
}

impl Argument {
    fn references(&self, all: &mut Vec<Reference>) {
        match self {
            Self::Expr(code) => all.push(Reference::Code(*code)),
            Self::Shape(shape) => all.push(Reference::Shape(*shape)),
            Self::Callee(callee) => all.push(Reference::Callee(*callee)),
            Self::Form { arguments: several, .. } | Self::List(several) => {
                several.iter().for_each(|argument| argument.references(all));
            }
            Self::Fields(config) => arguments(config, all),
            Self::Cases(cases) => cases.iter().for_each(|(_, argument)| argument.references(all)),
            Self::Error(error) => error.references(all),
            Self::Node(node) => all.push(Reference::Node(*node)),
            Self::Remote(remote) => all.push(Reference::Remote(*remote)),
            Self::Word(_)
            | Self::Text(_)
            | Self::Millis(_)
            | Self::Int(_)
            | Self::Bool(_)
            | Self::Double(_)
            | Self::Errors(_)
            | Self::Tool(_) => {}
        }
    }
}

impl Workflow {
    /// Puts what the workflow itself refers to, its nodes, constants and settings apart, into `all`.
    pub(super) fn references(&self, all: &mut Vec<Reference>) {
        all.push(Reference::Shape(self.input));
        for plugin in &self.plugins {
            arguments(&plugin.config, all);
        }
        for remote in &self.remotes {
            all.extend([remote.input, remote.returns].map(Reference::Shape));
        }
        all.extend(self.output.values().map(|code| Reference::BodyCode(*code, GraphId(0))));
        let key = self.concurrency.as_ref().and_then(|concurrency| concurrency.key);
        all.extend([self.id, key].into_iter().flatten().map(Reference::Code));
        all.extend(self.timeout.and_then(TimeLimit::reference));
        all.extend([self.on_failure, self.finally].into_iter().flatten().map(Reference::Node));
    }
}
