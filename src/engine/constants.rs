use super::{EvalError, Evaluator, Variables};
use crate::plan::expr::Variable;
use crate::plan::{Setting, Workflow};
use crate::value::Value;

/// The values of a workflow's constants, which are all that the defaults of its settings may read.
#[derive(Debug)]
pub struct Constants(Vec<Option<Value>>);

impl Constants {
    /// Works them out, each of which reads only those before it. One without a value is found where it is read.
    #[must_use]
    pub fn of(workflow: &Workflow) -> Self {
        let mut constants = Self(Vec::with_capacity(workflow.constants.len()));
        let mut evaluator = Evaluator::new();
        for constant in &workflow.constants {
            let code = &workflow.codes[constant.value.index()];
            let value = evaluator.evaluate(code, &constants).ok();
            constants.0.push(value);
        }
        constants
    }

    /// What a setting of the workflow is where nobody sets it; none where it must be set.
    #[must_use]
    pub fn default(&self, workflow: &Workflow, setting: &Setting) -> Option<Result<Value, EvalError>> {
        let code = &workflow.codes[setting.default?.index()];
        Some(Evaluator::new().evaluate(code, self))
    }

    pub(super) fn at(&self, index: u32) -> Option<&Value> {
        self.0.get(index as usize)?.as_ref()
    }
}

impl Variables for Constants {
    fn get(&self, variable: Variable) -> Option<&Value> {
        match variable {
            Variable::Constant(index) => self.at(index),
            _ => None,
        }
    }
}
