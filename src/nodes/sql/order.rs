use std::time::{Duration, Instant};

use super::fault;
use super::statement::Statement;
use crate::catalog::Dialect;
use crate::nodes::{Call, NodeError};
use crate::value::{Map, Shape, ShapeId, Value};

/// How many rows a node gives at most where the author says nothing.
const MAX_ROWS: usize = 10_000;

/// How long before its end an attempt's time is over for a server, so that it stops the statement itself.
const MARGIN: Duration = Duration::from_millis(100);

/// What becomes of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// All are given.
    Rows,
    /// There is one, which is given.
    One,
    /// There is one, or none.
    Optional,
    /// They are not looked at.
    Execute,
}

/// What an attempt wants of a database.
pub(super) struct Order<'c> {
    pub(super) call: &'c Call,
    pub(super) statement: Statement,
    /// The values of each execution of the statement.
    pub(super) records: Vec<Values<'c>>,
    pub(super) mode: Mode,
    /// More rows than this are an error.
    pub(super) max_rows: usize,
    /// The key under which the effect is kept, where it is to happen once.
    pub(super) key: Option<&'c str>,
    deadline: Instant,
}

/// The values of a statement's parameters by name: of a record of the batch first, then of `params`.
#[derive(Clone, Copy)]
pub(super) struct Values<'c> {
    record: Option<&'c Map>,
    params: Option<&'c Map>,
}

impl<'c> Order<'c> {
    /// Reads a call whose secrets are filled in.
    pub(super) fn new(call: &'c Call, dialect: Dialect) -> Result<Self, NodeError> {
        let mode = mode(call);
        let max_rows = match mode {
            Mode::Rows => call.count("max_rows").unwrap_or(MAX_ROWS),
            Mode::One | Mode::Optional | Mode::Execute => 1,
        };
        let order = Self {
            call,
            statement: Statement::new(call.text("query").unwrap_or_default(), dialect),
            records: records(call)?,
            mode,
            max_rows,
            key: matches!(call.field("transactional"), Some(Value::Bool(true))).then_some(call.key.as_str()),
            deadline: Instant::now() + call.timeout - (call.timeout / 10).min(MARGIN),
        };
        if order.statement.text.contains('\0') {
            return Err(fault::query_failed("the statement holds a NUL", None, None).before_effect());
        }
        order.records.iter().try_for_each(|values| order.check(values))?;
        Ok(order)
    }

    fn check(&self, values: &Values<'_>) -> Result<(), NodeError> {
        match self.statement.names.iter().find(|name| values.get(name).is_none()) {
            Some(name) => {
                let message = format!("the statement uses `:{name}`, which `params` doesn't give");
                Err(fault::query_failed(message, None, None).before_effect())
            }
            None => Ok(()),
        }
    }

    /// Whether the time is over, as far as a server can tell it.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() + MARGIN / 5 >= self.deadline
    }

    /// How long the database may still take.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }

    /// The shape of a row, where it was declared.
    pub(super) fn row_shape(&self) -> Option<ShapeId> {
        let mut shape = *self.call.borders.get("rows")?;
        while let Shape::Optional(inner) = self.call.shapes.get(shape) {
            shape = *inner;
        }
        Some(shape)
    }

    /// Whether nothing but one execution of one statement is asked for, so that it could stand outside of a
    /// transaction.
    pub(super) fn is_bare(&self) -> bool {
        self.mode == Mode::Execute && self.key.is_none() && self.call.field("batch").is_none()
    }
}

impl<'c> Values<'c> {
    pub(super) fn get(&self, name: &str) -> Option<&'c Value> {
        let of = |map: Option<&'c Map>| map.and_then(|map| map.field(name));
        of(self.record).or_else(|| of(self.params))
    }
}

fn mode(call: &Call) -> Mode {
    match call.text("mode") {
        Some("one") => Mode::One,
        Some("optional") => Mode::Optional,
        Some("execute") => Mode::Execute,
        _ => Mode::Rows,
    }
}

fn records(call: &Call) -> Result<Vec<Values<'_>>, NodeError> {
    let params = match call.field("params") {
        Some(Value::Map(params)) => Some(params),
        _ => None,
    };
    let Some(batch) = call.field("batch") else { return Ok(vec![Values { record: None, params }]) };
    let Value::List(batch) = batch else { return Err(no_record("batch")) };
    let values = batch.iter().enumerate().map(|(index, record)| match record {
        Value::Map(record) => Ok(Values { record: Some(record), params }),
        _ => Err(no_record(&format!("batch[{index}]"))),
    });
    values.collect()
}

fn no_record(place: &str) -> NodeError {
    fault::mismatch(format!("`{place}` is not what a batch is: a list of records")).before_effect()
}
