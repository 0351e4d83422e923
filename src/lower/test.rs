use std::collections::BTreeMap;
use std::sync::Arc;

use super::expr;
use super::names::Names;
use super::program::{Traced, traced};
use super::tables::node_places;
use crate::check::Checked;
use crate::check::program::{self as checked, Program, WorkflowIx};
use crate::check::typed::ExprId;
use crate::plan::expr::Variable;
use crate::plan::{Error, Formula, Mock, MockOutcome, MockStep, NodeId, Test, TestedPlan, Tests, WorkflowId};
use crate::source::Sources;

/// The tests that are wanted, and the plans of what they run.
///
/// # Errors
/// When a plan doesn't verify, which means that the checker let something through: a mistake of this program, not
/// of the author.
pub fn lower_tests(
    program: &Checked<Program>,
    sources: &Sources,
    is_wanted: impl Fn(&checked::Test) -> bool,
) -> Result<Tests, Error> {
    let mut plans =
        Plans { program: program.get(), sources, tests: Tests::default(), known: BTreeMap::new() };
    for test in program.get().tests.iter().filter(|test| is_wanted(test)) {
        plans.add(test)?;
    }
    Ok(plans.tests)
}

/// The plans that were met.
struct Plans<'a> {
    program: &'a Program,
    sources: &'a Sources,
    tests: Tests,
    /// The place of each plan, and which workflow of it is which.
    known: BTreeMap<WorkflowIx, (usize, Vec<WorkflowIx>)>,
}

impl<'a> Plans<'a> {
    fn add(&mut self, test: &'a checked::Test) -> Result<(), Error> {
        if !self.known.contains_key(&test.workflow) {
            let Traced { plan, workflows, files } = traced(self.program, test.workflow, self.sources)?;
            self.known.insert(test.workflow, (self.tests.plans.len(), workflows));
            self.tests.plans.push(TestedPlan { plan: Arc::new(plan), files });
        }
        let Some((plan, reached)) = self.known.get(&test.workflow) else { return Ok(()) };
        let nodes = node_places(&self.program.workflows[test.workflow]);
        let values = Values { program: self.program, nodes, reached, names: Names::default() };
        self.tests.tests.push(values.test(test, *plan));
        Ok(())
    }
}

/// What the expressions of a test read.
struct Values<'a> {
    program: &'a Program,
    nodes: Vec<NodeId>,
    reached: &'a [WorkflowIx],
    names: Names,
}

impl<'a> Values<'a> {
    fn test(mut self, test: &'a checked::Test, plan: usize) -> Test {
        let input = test.input.map(|input| self.formula(input));
        let mocks = test.mocks.iter().map(|mock| self.mock(mock)).collect();
        let expectations = test.expectations.iter().map(|expected| self.formula(*expected)).collect();
        let constants = self.names.constants.finish().into_iter().map(|(_, value)| value.code).collect();
        Test { name: test.name.clone(), span: test.span, plan, constants, input, mocks, expectations }
    }

    fn mock(&mut self, mock: &'a checked::Mock) -> Mock {
        Mock {
            span: mock.span,
            path: mock.path.iter().map(|step| self.step(step)).collect(),
            outcomes: mock.outcomes.iter().map(|outcome| self.outcome(outcome)).collect(),
        }
    }

    fn step(&self, step: &checked::MockStep) -> MockStep {
        match step {
            checked::MockStep::Node(path) => MockStep::Node(path.clone()),
            checked::MockStep::Callee(workflow) => {
                let place = self.reached.iter().position(|reached| reached == workflow);
                MockStep::Callee(WorkflowId::from(place.unwrap_or(usize::MAX)))
            }
        }
    }

    fn outcome(&mut self, outcome: &checked::MockOutcome) -> MockOutcome {
        match outcome {
            checked::MockOutcome::Output(value) => MockOutcome::Output(self.formula(*value)),
            checked::MockOutcome::Failure { name, details, message } => MockOutcome::Failure {
                name: name.clone(),
                details: details.map(|details| self.formula(details)),
                message: message.map(|message| self.formula(message)),
            },
        }
    }

    fn formula(&mut self, expr: ExprId) -> Formula {
        let mut compiled = expr::compile(&self.program.exprs, expr);
        compiled.code.rename(|variable| self.renamed(variable));
        Formula { code: compiled.code, span: compiled.whole, steps: compiled.steps }
    }

    fn renamed(&mut self, variable: Variable) -> Variable {
        let program = self.program;
        match variable {
            Variable::Node(node) => {
                Variable::Node(self.nodes.get(node as usize).map_or(u32::MAX, |place| place.0))
            }
            Variable::Constant(constant) => {
                let compile =
                    |constant: usize| expr::compile(&program.exprs, program.constants[constant].value);
                Variable::Constant(self.names.constant(constant as usize, compile))
            }
            other => other,
        }
    }
}
