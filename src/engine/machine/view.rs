use super::interpreter::Machine;
use super::state::{Place, Scope, ScopeId, State};
use super::{Failure, RunFailure};
use crate::engine::Variables;
use crate::plan::expr::Variable;
use crate::plan::{CodeId, Count, NodeId, TimeLimit};
use crate::value::{Map, Value};

/// From where an expression is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Vantage {
    pub(super) scope: ScopeId,
    /// The node that it belongs to; none for what is evaluated at the end of a graph.
    pub(super) node: Option<NodeId>,
}

impl Vantage {
    pub(super) const ROOT: Self = Self { scope: ScopeId::ROOT, node: None };

    pub(super) fn end(scope: ScopeId) -> Self {
        Self { scope, node: None }
    }
}

impl From<Place> for Vantage {
    fn from(place: Place) -> Self {
        Self { scope: place.scope, node: Some(place.node) }
    }
}

/// The variables of one expression, looked up before it is evaluated.
struct Frame(Vec<(Variable, Value)>);

impl Variables for Frame {
    fn get(&self, variable: Variable) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == variable).map(|(_, value)| value)
    }
}

impl Machine {
    /// The value of an expression.
    pub(super) fn evaluate(&mut self, code: CodeId, from: Vantage) -> Result<Value, Failure> {
        let frame = self.frame(code, from);
        let wired = std::sync::Arc::clone(&self.wired);
        let text = &wired.workflow(self.run.workflow).codes[code.index()];
        self.evaluator.evaluate(text, &frame).map_err(|error| Failure::of_expression(&error, code))
    }

    /// The text that an expression gives.
    pub(super) fn evaluate_text(
        &mut self,
        code: CodeId,
        from: Vantage,
    ) -> Result<crate::value::EcoString, Failure> {
        match self.evaluate(code, from)? {
            Value::String(text) => Ok(text),
            _ => Err(unfit(code, "the value is not a text")),
        }
    }

    /// A span of time in milliseconds, at least one.
    pub(super) fn time_limit(&mut self, limit: TimeLimit, from: Vantage) -> Result<u64, Failure> {
        let code = match limit {
            TimeLimit::Millis(millis) => return Ok(millis),
            TimeLimit::Expr(code) => code,
        };
        match self.evaluate(code, from)? {
            Value::Duration(duration) if duration.as_nanos() > 0 => Ok(super::moment::millis(duration)),
            _ => Err(unfit(code, "a time-out must be longer than no time")),
        }
    }

    /// A number that is at least 1.
    pub(super) fn count(&mut self, count: Count, from: Vantage) -> Result<u64, Failure> {
        let code = match count {
            Count::Fixed(count) => return Ok(count),
            Count::Expr(code) => code,
        };
        match self.evaluate(code, from)? {
            Value::Int(count) if count > 0 => Ok(count.unsigned_abs()),
            _ => Err(unfit(code, "the number must be at least 1")),
        }
    }

    fn frame(&self, code: CodeId, from: Vantage) -> Frame {
        let reads = self.wiring().reads(code);
        let value = |variable: &Variable| Some((*variable, self.variable(*variable, from)?));
        Frame(reads.iter().filter_map(value).collect())
    }

    fn variable(&self, variable: Variable, from: Vantage) -> Option<Value> {
        match variable {
            Variable::Input => Some(self.run.input.clone()),
            Variable::Run => Some(self.run_record()),
            Variable::Constant(index) => self.wiring().constant(index).cloned(),
            Variable::Setting(index) => {
                let setting = self.workflow().settings.get(index as usize)?;
                self.run.start.settings.get(setting.name.as_str()).cloned()
            }
            Variable::Secret(index) => self.wiring().secret(index).cloned(),
            Variable::Node(node) => self.output(NodeId(node), from.scope).cloned(),
            Variable::MaybeNode(node) => Some(
                self.output(NodeId(node), from.scope).map_or(Value::NONE, |value| Value::some(value.clone())),
            ),
            Variable::NodeError(node) => self.failure_of(NodeId(node), from.scope).map(Failure::value),
            Variable::MaybeNodeError(node) => Some(
                self.failure_of(NodeId(node), from.scope)
                    .map_or(Value::NONE, |failure| Value::some(failure.value())),
            ),
            Variable::Error => self.cause(from).map(Failure::value),
            Variable::Failure => Some(self.failure_record()),
            Variable::Item(out) => Some(self.iteration(from.scope, out)?.item.clone()),
            Variable::Index(out) => {
                Some(Value::Int(i64::try_from(self.iteration(from.scope, out)?.index).unwrap_or(i64::MAX)))
            }
            Variable::State(out) => self.iteration(from.scope, out)?.state.clone(),
            Variable::Now => Some(Value::Timestamp(self.now_of(from).timestamp())),
            Variable::Link => Some(self.link(Place { scope: from.scope, node: from.node? })),
            Variable::Body | Variable::Local(_) | Variable::Binding(_) => None,
        }
    }

    fn run_record(&self) -> Value {
        let scheduled = self.run.start.scheduled_at;
        Value::Map(Map::record([
            ("id", Value::String(self.run.start.run.clone())),
            ("workflow", Value::from(self.workflow().name.as_str())),
            ("started_at", Value::Timestamp(self.run.started_at.timestamp())),
            (
                "scheduled_at",
                scheduled.map_or(Value::NONE, |at| Value::some(Value::Timestamp(at.timestamp()))),
            ),
        ]))
    }

    /// The scope around `scope`, itself included, in which a node stands.
    pub(super) fn home(&self, node: NodeId, scope: ScopeId) -> Option<&Scope> {
        let graph = self.wiring().graph_of(node);
        self.around(scope).find(|scope| scope.graph == graph)
    }

    /// A scope and those around it, from the inside out.
    fn around(&self, scope: ScopeId) -> impl Iterator<Item = &Scope> {
        std::iter::successors(self.run.scopes.get(&scope), |scope| self.run.scopes.get(&scope.owner?.scope))
    }

    /// The scope of the loop so many bodies further out.
    fn iteration(&self, scope: ScopeId, out: u32) -> Option<&Scope> {
        self.around(scope).nth(out as usize)
    }

    fn output(&self, node: NodeId, scope: ScopeId) -> Option<&Value> {
        match &self.home(node, scope)?.cell(node).state {
            State::Succeeded(success) => Some(&success.output),
            _ => None,
        }
    }

    pub(super) fn failure_of(&self, node: NodeId, scope: ScopeId) -> Option<&Failure> {
        match &self.home(node, scope)?.cell(node).state {
            State::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The failure behind the error connection that led to a node, or to the loop around it.
    fn cause(&self, from: Vantage) -> Option<&Failure> {
        let mut at = from.node.map(|node| Place { scope: from.scope, node });
        if at.is_none() {
            at = self.run.scopes.get(&from.scope)?.owner;
        }
        while let Some(place) = at {
            let scope = self.run.scopes.get(&place.scope)?;
            if let Some(source) = scope.cell(place.node).cause {
                return self.failure_of(source, place.scope);
            }
            at = scope.owner;
        }
        None
    }

    /// `failure` in the handlers of the run's end; of a run that didn't fail, empty.
    fn failure_record(&self) -> Value {
        match self.run.failure() {
            Some(failure) => failure.value(),
            None => {
                let cause = Failure { attempts: 0, ..Failure::new("", "") };
                RunFailure { cause, unknown_effects: Vec::new(), failures: self.run.listed.clone() }.value()
            }
        }
    }

    fn now_of(&self, from: Vantage) -> super::Moment {
        let cell = from.node.and_then(|node| Some(self.run.scopes.get(&from.scope)?.cell(node)));
        match cell.map(|cell| &cell.state) {
            Some(State::Running(running)) => running.since,
            _ => self.run.now,
        }
    }
}

/// That an expression's value can't be used.
pub(super) fn unfit(code: CodeId, reason: &str) -> Failure {
    let details = Value::Map(Map::record([("reason", Value::from(reason))]));
    Failure { details, code: Some(code), ..Failure::new("ExpressionError", reason) }
}
