//! Conditions as the analysis of the flow sees them: who has succeeded, and conditions that are the same wherever
//! they stand.

use std::collections::BTreeMap;

use super::flow::{self, Class, ClassIx, Guard};
use super::program::NodeIx;
use super::typed::{Assumption, AssumptionId, ExprId, ExprKind, Exprs, Variable};
use crate::ast::BinaryOp;
use crate::types::{Literal, Type};
use crate::value::Value;

/// The conditions of one graph, by what they are.
#[derive(Debug)]
pub(super) struct Guards {
    local: BTreeMap<NodeIx, flow::NodeIx>,
    by_identity: BTreeMap<String, ClassIx>,
    classes: Vec<Class>,
}

impl Guards {
    /// None yet; `local` are the nodes that a condition may read.
    pub(super) fn new(local: BTreeMap<NodeIx, flow::NodeIx>) -> Self {
        Self { local, by_identity: BTreeMap::new(), classes: Vec::new() }
    }

    /// All classes so far.
    pub(super) fn classes(&self) -> Vec<Class> {
        self.classes.clone()
    }

    /// What a condition tells.
    pub(super) fn guard(&mut self, exprs: &Exprs, condition: ExprId) -> Guard {
        match &exprs[condition].kind {
            ExprKind::Literal(Value::Bool(value)) => Guard::Constant(*value),
            ExprKind::Not(of) => Guard::Not(Box::new(self.guard(exprs, *of))),
            ExprKind::And(operands) => Guard::And(self.guards(exprs, operands)),
            ExprKind::Or(operands) => Guard::Or(self.guards(exprs, operands)),
            ExprKind::Call { function, arguments } if function.name() == "hasValue" => {
                self.has_value(exprs, arguments, condition)
            }
            ExprKind::Binary { op: BinaryOp::Equal, left, right } => {
                self.member(exprs, *left, *right).unwrap_or_else(|| self.whole(exprs, condition))
            }
            ExprKind::Binary { op: BinaryOp::NotEqual, left, right } => {
                match self.member(exprs, *left, *right) {
                    Some(guard) => Guard::Not(Box::new(guard)),
                    None => self.whole(exprs, condition),
                }
            }
            _ => self.whole(exprs, condition),
        }
    }

    /// The class of a value that one of `cases` ports is chosen by.
    pub(super) fn class(&mut self, exprs: &Exprs, value: ExprId, cases: usize) -> ClassIx {
        let known = exprs.identity(value);
        if let Some(class) = known.as_ref().and_then(|identity| self.by_identity.get(identity)) {
            return *class;
        }
        let class = self.classes.len();
        self.classes.push(Class { cases, reads: self.reads(exprs, value) });
        if let Some(identity) = known {
            self.by_identity.insert(identity, class);
        }
        class
    }

    /// What is known to hold at a place; `None` where nothing is.
    pub(super) fn given(&mut self, exprs: &Exprs, given: Option<AssumptionId>) -> Option<Guard> {
        given?;
        let assumptions: Vec<(ExprId, bool)> = exprs
            .assumptions(given)
            .map(|Assumption { condition, holds, .. }| (*condition, *holds))
            .collect();
        let guards = assumptions.into_iter().map(|(condition, holds)| {
            let guard = self.guard(exprs, condition);
            if holds { guard } else { Guard::Not(Box::new(guard)) }
        });
        Some(Guard::And(guards.collect()))
    }

    /// What is known to hold at a place, and that none of some conditions does: what a proof has to exclude.
    pub(super) fn unless(&mut self, exprs: &Exprs, given: Option<AssumptionId>, asks: &[ExprId]) -> Guard {
        let mut guards: Vec<Guard> = self.given(exprs, given).into_iter().collect();
        guards.extend(asks.iter().map(|ask| Guard::Not(Box::new(self.guard(exprs, *ask)))));
        Guard::And(guards)
    }

    fn guards(&mut self, exprs: &Exprs, operands: &[ExprId]) -> Vec<Guard> {
        operands.iter().map(|operand| self.guard(exprs, *operand)).collect()
    }

    /// An optional that hangs on a node has a value only if the node has succeeded.
    fn has_value(&mut self, exprs: &Exprs, arguments: &[ExprId], condition: ExprId) -> Guard {
        let behind = arguments.first().and_then(|optional| exprs.node_behind(*optional));
        let node = behind.and_then(|behind| Some((*self.local.get(&behind.index)?, behind.is_all)));
        match node {
            Some((node, true)) => Guard::HasValue(node),
            Some((node, false)) => Guard::And(vec![Guard::HasValue(node), self.whole(exprs, condition)]),
            None => self.whole(exprs, condition),
        }
    }

    /// `x == "gold"`, where `x` is of a union: one of its cases.
    fn member(&mut self, exprs: &Exprs, left: ExprId, right: ExprId) -> Option<Guard> {
        let (value, literal) = match (&exprs[left].kind, &exprs[right].kind) {
            (_, ExprKind::Literal(literal)) => (left, literal),
            (ExprKind::Literal(literal), _) => (right, literal),
            _ => return None,
        };
        let Type::Literals(members) = exprs.ty(value) else { return None };
        let case = members.iter().position(|member| Literal::of(literal).as_ref() == Some(member))?;
        let cases = members.len();
        Some(Guard::Is { class: self.class(exprs, value, cases), case })
    }

    fn whole(&mut self, exprs: &Exprs, condition: ExprId) -> Guard {
        match exprs.identity(condition) {
            Some(_) => Guard::Is { class: self.class(exprs, condition, 2), case: 0 },
            None => Guard::Unknown,
        }
    }

    /// The nodes of this graph that an expression reads.
    fn reads(&self, exprs: &Exprs, of: ExprId) -> Vec<flow::NodeIx> {
        let (mut reads, mut open) = (Vec::new(), vec![of]);
        while let Some(expr) = open.pop() {
            let kind = &exprs[expr].kind;
            if let ExprKind::Variable(
                Variable::Node(node)
                | Variable::MaybeNode(node)
                | Variable::NodeError(node)
                | Variable::MaybeNodeError(node),
            ) = kind
            {
                reads.extend(self.local.get(node));
            }
            kind.operands(|operand| open.push(operand));
        }
        reads.sort_unstable();
        reads.dedup();
        reads
    }
}
