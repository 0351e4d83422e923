use serde_json::Value as Json;

use super::fault::Fault;
use crate::diagnostic::Finding;
use crate::engine::{Evaluator, Variables};
use crate::plan::expr::Variable;
use crate::plan::{Formula, Test};
use crate::value::{EcoString, Value};

/// What the values of a test read: the constants of the file.
#[derive(Debug)]
pub(super) struct Values {
    constants: Vec<Option<Value>>,
}

impl Variables for Values {
    fn get(&self, variable: Variable) -> Option<&Value> {
        match variable {
            Variable::Constant(index) => self.constants.get(index as usize)?.as_ref(),
            _ => None,
        }
    }
}

impl Values {
    /// Those of a test. A constant without a value is found where it is read.
    pub(super) fn of(test: &Test) -> Self {
        let mut values = Self { constants: Vec::with_capacity(test.constants.len()) };
        for constant in &test.constants {
            let value = Evaluator::new().evaluate(constant, &values).ok();
            values.constants.push(value);
        }
        values
    }

    /// The value of an expression of the test.
    pub(super) fn value(&self, formula: &Formula) -> Result<Value, Box<Finding>> {
        let value = Evaluator::new().evaluate(&formula.code, self);
        value.map_err(|error| unusable(formula, error.to_string()))
    }

    /// The same as JSON.
    pub(super) fn json(&self, formula: &Formula) -> Result<Json, Box<Finding>> {
        let value = self.value(formula)?;
        value.to_json().map_err(|error| unusable(formula, error.to_string()))
    }

    /// The same as text.
    pub(super) fn text(&self, formula: &Formula) -> Result<EcoString, Box<Finding>> {
        Ok(self.value(formula)?.print().unwrap_or_default())
    }
}

fn unusable(formula: &Formula, reason: String) -> Box<Finding> {
    Box::new(Finding::new(formula.span, Fault::Value { reason }))
}
