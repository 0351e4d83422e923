use super::shape::Border;
use super::tables::Tables;
use crate::check::MESSAGE;
use crate::check::program::{self as checked, NodeIx};
use crate::plan::{Activity, Effect, Error, Join, Node, NodeDebug, OnError, Role, Task, TimeLimit};

/// How long an undo may take where it doesn't say; the run's own time-out doesn't bound it.
const UNDO_TIMEOUT_MS: u64 = 3_600_000;

impl<'a> Tables<'a, '_> {
    /// A node, and where it stood.
    pub(super) fn lower_node(
        &mut self,
        index: NodeIx,
        workflow: &'a checked::Workflow,
    ) -> Result<(Node, NodeDebug), Error> {
        let node = &workflow.nodes[index];
        self.tool(&node.kind);
        let lowered = Node {
            name: node.name.to_string(),
            title: node.title.as_ref().map(ToString::to_string),
            kind: node.kind.to_string(),
            role: match node.role {
                checked::Role::Step => Role::Step,
                checked::Role::Undo(of) => Role::Undo(self.node(of)),
                checked::Role::Handler => Role::Handler,
            },
            join: if self.is_joining(index) { join(node.join) } else { Join::All },
            ports: super::tables::texts(&node.ports),
            errors: self.errors(&node.errors),
            output: self.shape(&node.output, Border::Open),
            fallback: node.fallback.map(|value| self.code(value)),
            on_error: match &node.on_error {
                checked::OnError::Stop => OnError::Stop,
                checked::OnError::Continue => OnError::Continue,
                checked::OnError::Retry(retry) => OnError::Retry(self.retry(retry)),
            },
            compensate: node.compensate.map(|undo| self.node(undo)),
            timeout: node.timeout.map(|limit| self.time_limit(limit)),
            task: self.task(index, node, workflow)?,
        };
        Ok((lowered, self.node_places(node)))
    }

    fn node_places(&mut self, node: &checked::Node) -> NodeDebug {
        let fields = node.config.spans().map(|(name, span)| (name.to_string(), self.place(span))).collect();
        NodeDebug { name: self.place(node.span), fields }
    }

    /// How long something may take.
    pub(super) fn time_limit(&mut self, limit: checked::TimeLimit) -> TimeLimit {
        match limit {
            checked::TimeLimit::Fixed(span) => TimeLimit::Millis(span),
            checked::TimeLimit::Computed(expr) => TimeLimit::Expr(self.code(expr)),
        }
    }

    /// What an activity is tried under, with the fields of its kind.
    pub(super) fn activity(
        &mut self,
        node: &'a checked::Node,
        execution: &'a checked::Execution,
    ) -> Activity {
        let undo_timeout =
            matches!(node.role, checked::Role::Undo(_)).then_some(checked::TimeLimit::Fixed(UNDO_TIMEOUT_MS));
        self.tried(&node.config, execution, undo_timeout)
    }

    /// The message of an approval: a node that no connection leads to.
    pub(super) fn lower_message(
        &mut self,
        index: NodeIx,
        workflow: &'a checked::Workflow,
    ) -> Option<(Node, NodeDebug)> {
        let node = &workflow.nodes[index];
        let (message, fields) = (node.message.as_ref()?, node.config.fields("notify")?);
        let lowered = Node {
            name: format!("notify:{}", node.name),
            title: None,
            kind: MESSAGE.to_owned(),
            role: Role::Message(self.node(index)),
            join: Join::All,
            ports: vec!["ok".to_owned()],
            errors: self.errors(&message.errors),
            output: self.shape(&message.output, Border::Open),
            fallback: None,
            on_error: OnError::Continue,
            compensate: None,
            timeout: None,
            task: Task::Activity(Box::new(self.tried(fields, &message.execution, None))),
        };
        let name = self.place(node.config.span("notify").unwrap_or(node.span));
        let fields = fields.spans().map(|(name, span)| (name.to_string(), self.place(span))).collect();
        Some((lowered, NodeDebug { name, fields }))
    }

    fn tried(
        &mut self,
        config: &'a checked::Config,
        execution: &'a checked::Execution,
        undo_timeout: Option<checked::TimeLimit>,
    ) -> Activity {
        Activity {
            config: self.config(config),
            effect: match execution.effect {
                checked::Effect::Idempotent => Effect::Idempotent,
                checked::Effect::Once => Effect::Once,
            },
            retry: self.retry(&execution.retry),
            timeout: self.time_limit(execution.timeout),
            total_timeout: execution.total_timeout.or(undo_timeout).map(|limit| self.time_limit(limit)),
            heartbeat_timeout: execution.heartbeat_timeout.map(|limit| self.time_limit(limit)),
            breaker: execution.breaker.map(|used| self.breaker(used)),
            limit: execution.limit.map(|used| self.limit(used)),
            task_queue: execution.task_queue.as_ref().map(ToString::to_string),
            local: execution.local,
        }
    }
}

fn join(join: checked::Join) -> Join {
    match join {
        checked::Join::All => Join::All,
        checked::Join::Every => Join::Every,
        checked::Join::AtLeast(count) => Join::AtLeast(count),
        checked::Join::First(count) => Join::First(count),
    }
}
