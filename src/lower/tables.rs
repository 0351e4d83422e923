use std::collections::BTreeMap;

use super::debug::Files;
use super::expr::{self, Compiled};
use super::names::Names;
use super::once::Once;
use super::program::Reached;
use super::shape;
use crate::check::program as checked;
use crate::check::program::{ActivityIx, BreakerIx, Keyed, LimitIx, Millis, NodeIx, PluginIx, WorkflowIx};
use crate::check::typed::ExprId;
use crate::plan::expr::{Code, Variable};
use crate::plan::{
    Breaker, BreakerUse, CalleeId, CodeDebug, CodeId, ErrorTable, ErrorType, ErrorsId, Limit, LimitUse,
    NodeId, Place, Rate, Remote, RemoteId, Retry, RetryId, WorkflowId,
};
use crate::source::Span;
use crate::types::Type;
use crate::value::{EcoString, ShapeId};

/// What tells one retry policy from another; the coefficient by its bits.
type RetryKey = (Millis, u64, Millis, Option<u32>, Vec<EcoString>);
/// What tells one error table from another.
type ErrorsKey<'a> = Vec<(&'a str, bool, Option<u32>)>;

/// The tables of a workflow while it is being lowered. What fills them is met in an order that neither the order of
/// declarations nor that of fields changes.
pub(super) struct Tables<'a, 'p> {
    program: &'a checked::Program,
    files: &'p mut Files<'a>,
    reached: &'p mut Reached,
    /// The place of each checked node.
    nodes: Vec<NodeId>,
    /// The places of the messages of approvals, by the approval.
    messages: BTreeMap<NodeIx, NodeId>,
    /// Which nodes have incoming connections.
    joining: Vec<bool>,
    pub(super) names: Names,
    pub(super) shapes: shape::Table,
    pub(super) codes: Vec<Code>,
    pub(super) places: Vec<CodeDebug>,
    pub(super) retries: Once<RetryKey, Retry>,
    pub(super) errors: Once<ErrorsKey<'a>, ErrorTable>,
    pub(super) breakers: Once<BreakerIx, Breaker>,
    pub(super) limits: Once<LimitIx, Limit>,
    pub(super) plugins: Once<PluginIx, PluginIx>,
    pub(super) remotes: Once<ActivityIx, Remote>,
    pub(super) callees: Once<WorkflowIx, WorkflowId>,
}

impl<'a, 'p> Tables<'a, 'p> {
    /// Empty tables for a workflow.
    pub(super) fn new(
        program: &'a checked::Program,
        workflow: &checked::Workflow,
        reached: &'p mut Reached,
        files: &'p mut Files<'a>,
    ) -> Self {
        Self {
            program,
            files,
            reached,
            nodes: node_places(workflow),
            messages: message_places(workflow),
            joining: joining(workflow),
            names: Names::default(),
            shapes: shape::Table::default(),
            codes: Vec::new(),
            places: Vec::new(),
            retries: Once::default(),
            errors: Once::default(),
            breakers: Once::default(),
            limits: Once::default(),
            plugins: Once::default(),
            remotes: Once::default(),
            callees: Once::default(),
        }
    }

    /// Where something stood.
    pub(super) fn place(&mut self, span: Span) -> Place {
        self.files.place(span)
    }

    /// The place of a node, those of a graph being put side by side.
    pub(super) fn node(&self, node: NodeIx) -> NodeId {
        self.nodes.get(node).copied().unwrap_or(NodeId(u32::MAX))
    }

    /// The place of the message of an approval.
    pub(super) fn message(&self, approval: NodeIx) -> Option<NodeId> {
        self.messages.get(&approval).copied()
    }

    /// Whether a connection leads to a node.
    pub(super) fn is_joining(&self, node: NodeIx) -> bool {
        self.joining.get(node).copied().unwrap_or_default()
    }

    /// Compiles an expression.
    pub(super) fn code(&mut self, expr: ExprId) -> CodeId {
        self.renamed_code(expr::compile(&self.program.exprs, expr))
    }

    /// Compiles an address, interpolations being encoded.
    pub(super) fn address(&mut self, expr: ExprId) -> CodeId {
        self.renamed_code(expr::compile_address(&self.program.exprs, expr))
    }

    fn renamed_code(&mut self, mut compiled: Compiled) -> CodeId {
        compiled.code.rename(|variable| self.renamed(variable));
        self.compiled(compiled)
    }

    /// Adds a compiled expression whose variables are those of this workflow.
    pub(super) fn compiled(&mut self, compiled: Compiled) -> CodeId {
        let steps = compiled.steps.into_iter().map(|span| self.files.place(span)).collect();
        self.places.push(CodeDebug { whole: self.files.place(compiled.whole), steps });
        self.codes.push(compiled.code);
        CodeId::from(self.codes.len() - 1)
    }

    fn renamed(&mut self, variable: Variable) -> Variable {
        let program = self.program;
        let node = |node: u32| self.nodes.get(node as usize).map_or(u32::MAX, |place| place.0);
        match variable {
            Variable::Node(read) => Variable::Node(node(read)),
            Variable::MaybeNode(read) => Variable::MaybeNode(node(read)),
            Variable::NodeError(read) => Variable::NodeError(node(read)),
            Variable::MaybeNodeError(read) => Variable::MaybeNodeError(node(read)),
            Variable::Setting(setting) => Variable::Setting(self.names.setting(setting as usize)),
            Variable::Secret(secret) => Variable::Secret(self.names.secret(secret as usize)),
            Variable::Constant(constant) => {
                let compile =
                    |constant: usize| expr::compile(&program.exprs, program.constants[constant].value);
                Variable::Constant(self.names.constant(constant as usize, compile))
            }
            other => other,
        }
    }

    /// The shape of a type at a border.
    pub(super) fn shape(&mut self, ty: &Type, border: shape::Border) -> ShapeId {
        self.shapes.shape(ty, border)
    }

    /// A retry policy.
    pub(super) fn retry(&mut self, retry: &checked::Retry) -> RetryId {
        let key = (
            retry.initial_interval,
            retry.backoff_coefficient.to_bits(),
            retry.maximum_interval,
            retry.maximum_attempts,
            retry.non_retryable_errors.clone(),
        );
        RetryId::from(self.retries.place(key, || Retry {
            initial_interval_ms: retry.initial_interval,
            backoff_coefficient: retry.backoff_coefficient,
            maximum_interval_ms: retry.maximum_interval,
            maximum_attempts: retry.maximum_attempts,
            non_retryable_errors: texts(&retry.non_retryable_errors),
        }))
    }

    /// The table of the errors that a node may fail with.
    pub(super) fn errors(&mut self, errors: &'a [checked::ErrorType]) -> ErrorsId {
        let details: Vec<_> = errors
            .iter()
            .map(|error| error.details.as_ref().map(|ty| self.shape(ty, shape::Border::Closed)))
            .collect();
        let key = errors
            .iter()
            .zip(&details)
            .map(|(error, details)| (error.name.as_str(), error.retryable, details.map(|shape| shape.0)))
            .collect();
        ErrorsId::from(self.errors.place(key, || {
            let types = errors.iter().zip(details);
            let named = |(error, details): (&checked::ErrorType, _)| {
                (error.name.to_string(), ErrorType { retryable: error.retryable, details })
            };
            types.map(named).collect()
        }))
    }

    /// The breaker of a node.
    pub(super) fn breaker(&mut self, used: Keyed<BreakerIx>) -> BreakerUse {
        let program = self.program;
        let place = self.breakers.place(used.policy, || {
            let breaker = &program.breakers[used.policy];
            Breaker {
                name: breaker.name.to_string(),
                failure_threshold: breaker.failure_threshold,
                window_ms: breaker.window,
                cooldown_ms: breaker.cooldown,
                half_open_probes: breaker.half_open_probes,
            }
        });
        BreakerUse { breaker: place.into(), key: used.key.map(|key| self.code(key)) }
    }

    /// The limit of a node.
    pub(super) fn limit(&mut self, used: Keyed<LimitIx>) -> LimitUse {
        let program = self.program;
        let place = self.limits.place(used.policy, || {
            let limit = &program.limits[used.policy];
            let rate = limit.rate.map(|(count, per_ms)| Rate { count, per_ms });
            Limit { name: limit.name.to_string(), rate, concurrency: limit.concurrency }
        });
        LimitUse { limit: place.into(), key: used.key.map(|key| self.code(key)) }
    }

    /// Takes note that a tool of a plugin, `plugin.tool`, is used.
    pub(super) fn tool(&mut self, tool: &str) {
        let Some((plugin, _)) = tool.split_once('.') else { return };
        if let Some(index) = self.program.plugins.iter().position(|declared| declared.name == plugin) {
            self.plugins.place(index, || index);
        }
    }

    /// A remote activity.
    pub(super) fn remote(&mut self, activity: ActivityIx) -> RemoteId {
        let Self { program, remotes, shapes, .. } = self;
        RemoteId::from(remotes.place(activity, || {
            let activity = &program.activities[activity];
            Remote {
                name: activity.name.to_string(),
                task_queue: activity.task_queue.to_string(),
                input: shapes.shape(&activity.input, shape::Border::Closed),
                returns: shapes.shape(&activity.returns, shape::Border::Open),
            }
        }))
    }

    /// A workflow that is called.
    pub(super) fn callee(&mut self, workflow: WorkflowIx) -> CalleeId {
        let reached = &mut *self.reached;
        CalleeId::from(
            self.callees.place(workflow, || WorkflowId::from(reached.place(workflow, || workflow))),
        )
    }
}

/// The places of a workflow's nodes: graph by graph, a graph's in source order, then the messages of its approvals.
pub(super) fn node_places(workflow: &checked::Workflow) -> Vec<NodeId> {
    let mut places = vec![NodeId(u32::MAX); workflow.nodes.len()];
    let mut next = 0;
    for graph in &workflow.graphs {
        for (place, node) in (next..).zip(&graph.nodes) {
            places[*node] = NodeId::from(place);
        }
        next += graph.nodes.len() + messages(workflow, graph).count();
    }
    places
}

fn message_places(workflow: &checked::Workflow) -> BTreeMap<NodeIx, NodeId> {
    let mut places = BTreeMap::new();
    let mut next = 0;
    for graph in &workflow.graphs {
        next += graph.nodes.len();
        for node in messages(workflow, graph) {
            places.insert(node, NodeId::from(next));
            next += 1;
        }
    }
    places
}

/// The approvals of a graph that tell people, in source order.
pub(super) fn messages<'w>(
    workflow: &'w checked::Workflow,
    graph: &'w checked::Graph,
) -> impl Iterator<Item = NodeIx> + 'w {
    graph.nodes.iter().copied().filter(|node| workflow.nodes[*node].message.is_some())
}

fn joining(workflow: &checked::Workflow) -> Vec<bool> {
    let mut joining = vec![false; workflow.nodes.len()];
    for edge in workflow.graphs.iter().flat_map(|graph| &graph.edges) {
        joining[edge.to] = true;
    }
    joining
}

/// Texts of their own.
pub(super) fn texts(texts: &[EcoString]) -> Vec<String> {
    texts.iter().map(EcoString::to_string).collect()
}
