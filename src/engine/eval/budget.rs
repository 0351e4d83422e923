use super::EvalError;
use crate::value::{Value, Work};

/// The steps of one evaluation: one for each operation and each element of a macro, and for each 64 bytes or 8
/// elements that are copied or compared.
pub const MAX_STEPS: u32 = 1_000_000;

/// The largest result of one evaluation, in bytes.
pub const MAX_OUTPUT: usize = 1 << 20;

/// As deep as a result may nest: what JSON text may, and what every walk over a value relies on.
const MAX_DEPTH: usize = 128;

/// Octets and elements that cost one step.
const OCTETS_PER_STEP: usize = 64;
const ELEMENTS_PER_STEP: usize = 8;

/// Which limit an expression went beyond.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Exhausted {
    /// More than [`MAX_STEPS`].
    #[error("the expression takes more than {MAX_STEPS} steps")]
    Steps,
    /// More than [`MAX_OUTPUT`].
    #[error("the expression's value is larger than {MAX_OUTPUT} bytes")]
    Output,
    /// The value nests too deep to be written down.
    #[error("the expression's value nests deeper than {MAX_DEPTH}")]
    Depth,
}

/// What is left of the steps of one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    steps: u32,
}

impl Budget {
    /// A budget of so many steps.
    #[must_use]
    pub fn new(steps: u32) -> Self {
        Self { steps }
    }

    /// Takes one step.
    ///
    /// # Errors
    /// When none is left.
    pub fn step(&mut self) -> Result<(), EvalError> {
        self.take(1)
    }

    /// Takes the steps of copying or comparing so many bytes.
    ///
    /// # Errors
    /// When not enough are left.
    pub fn octets(&mut self, octets: usize) -> Result<(), EvalError> {
        self.take(octets / OCTETS_PER_STEP)
    }

    /// Takes the steps of copying or comparing so many elements.
    ///
    /// # Errors
    /// When not enough are left.
    pub fn elements(&mut self, elements: usize) -> Result<(), EvalError> {
        self.take(elements / ELEMENTS_PER_STEP)
    }

    pub(super) fn work(&mut self, work: Work) -> Result<(), EvalError> {
        match work {
            Work::Octets(octets) => self.octets(octets),
            Work::Elements(elements) => self.elements(elements),
        }
    }

    fn take(&mut self, steps: usize) -> Result<(), EvalError> {
        let left = u32::try_from(steps).ok().and_then(|steps| self.steps.checked_sub(steps));
        self.steps = left.unwrap_or(0);
        if left.is_some() { Ok(()) } else { Err(Exhausted::Steps.into()) }
    }
}

/// Checks the size and the depth of a result.
pub(super) fn check_output(value: &Value) -> Result<(), EvalError> {
    let mut left = MAX_OUTPUT;
    measure(value, &mut left, MAX_DEPTH).map_err(EvalError::from)
}

fn measure(value: &Value, left: &mut usize, depth: usize) -> Result<(), Exhausted> {
    take(left, 1 + text_size(value))?;
    let deeper = || depth.checked_sub(1).ok_or(Exhausted::Depth);
    match value {
        Value::List(list) => {
            let depth = deeper()?;
            list.iter().try_for_each(|item| measure(item, left, depth))
        }
        Value::Map(map) => {
            let depth = deeper()?;
            map.iter().try_for_each(|(key, item)| {
                if let crate::value::Key::String(text) = key {
                    take(left, text.len())?;
                }
                measure(item, left, depth)
            })
        }
        Value::Optional(Some(inner)) => measure(inner, left, deeper()?),
        _ => Ok(()),
    }
}

fn take(left: &mut usize, octets: usize) -> Result<(), Exhausted> {
    *left = left.checked_sub(octets).ok_or(Exhausted::Output)?;
    Ok(())
}

fn text_size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Template(template) => template.size(),
        _ => 0,
    }
}
