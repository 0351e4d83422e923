use serde_json::{Map as Object, Value as Json};

use super::cell::Cell;
use super::fault;
use super::order::{Mode, Order};
use crate::nodes::NodeError;
use crate::value::{Key, Map, Shape, ShapeId, Value};

/// The largest output, in bytes of JSON: what every engine records at most.
const MAX_OUTPUT: usize = 1 << 20;

/// How many places where a row doesn't fit a message names.
const MOST_MISMATCHES: usize = 20;

/// A column of the rows.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// Its type, as its database calls it.
    pub(super) ty: String,
}

/// Takes the rows of an order as they come, and no more of them than it may.
pub(super) struct Sink<'o> {
    order: &'o Order<'o>,
    row: Option<ShapeId>,
    columns: Vec<Column>,
    rows: Vec<Value>,
    left: usize,
}

/// A cell that can't be read at all: why, and what the author could do.
pub(super) struct Unreadable(pub(super) String);

impl<'o> Sink<'o> {
    /// One without rows.
    pub(super) fn new(order: &'o Order<'o>) -> Self {
        Self { order, row: order.row_shape(), columns: Vec::new(), rows: Vec::new(), left: MAX_OUTPUT }
    }

    /// Whether anybody looks at rows.
    pub(super) fn wants_rows(&self) -> bool {
        self.order.mode != Mode::Execute
    }

    /// Tells which columns the rows have.
    pub(super) fn describe(&mut self, columns: Vec<Column>) -> Result<(), NodeError> {
        if !self.wants_rows() {
            return Ok(());
        }
        for (at, column) in columns.iter().enumerate() {
            if columns[..at].iter().any(|other| other.name == column.name) {
                let message = format!("two columns are called `{}`: name one of them with `as`", column.name);
                return Err(fault::query_failed(message, None, None));
            }
        }
        self.columns = columns;
        self.check_missing()
    }

    /// A column that the type has must be there, also where there is no row that would miss it.
    fn check_missing(&self) -> Result<(), NodeError> {
        let Some(Shape::Record { fields, .. }) = self.row.map(|row| self.order.call.shapes.get(row)) else {
            return Ok(());
        };
        let is_needed = |shape| !matches!(self.order.call.shapes.get(shape), Shape::Optional(_));
        let missing: Vec<String> = fields
            .iter()
            .filter(|field| field.default.is_none() && is_needed(field.shape))
            .filter(|field| !self.columns.iter().any(|column| *column.name == *field.name))
            .map(|field| format!("`{}`", field.name))
            .collect();
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(fault::mismatch(format!("the rows have no column {}", missing.join(", ")))),
        }
    }

    /// Takes a row, whose cells `read` gives by the number of their column.
    pub(super) fn take<'r>(
        &mut self,
        mut read: impl FnMut(usize) -> Result<Cell<'r>, Unreadable>,
    ) -> Result<(), NodeError> {
        if self.rows.len() >= self.order.max_rows {
            return Err(self.too_many());
        }
        let mut row = Object::new();
        for (index, column) in self.columns.iter().enumerate() {
            let Some(declared) = self.declared(&column.name) else { continue };
            let cell = read(index).map_err(|reason| unreadable(column, &reason))?;
            if cell.size() > self.left {
                return Err(too_large());
            }
            let json = cell.json(&self.order.call.shapes, declared).map_err(|found| unlike(column, found))?;
            row.insert(column.name.clone(), json);
        }
        let row = self.decode(Json::Object(row))?;
        self.left = self.left.checked_sub(size(&row)).ok_or_else(too_large)?;
        self.rows.push(row);
        Ok(())
    }

    /// What a column is declared to be, if anything; none where the type drops it.
    fn declared(&self, name: &str) -> Option<Option<ShapeId>> {
        match self.row.map(|row| self.order.call.shapes.get(row)) {
            Some(Shape::Record { fields, open }) => match fields.iter().find(|field| *field.name == *name) {
                Some(field) => Some(Some(field.shape)),
                None if *open => None,
                None => Some(None),
            },
            Some(Shape::Map { value, .. }) => Some(Some(*value)),
            _ => Some(None),
        }
    }

    fn decode(&self, row: Json) -> Result<Value, NodeError> {
        let Some(shape) = self.row else { return Ok(Value::from_json(&row)) };
        self.order.call.shapes.decode(shape, &row).map_err(|mismatches| {
            let all = mismatches.0.iter().take(MOST_MISMATCHES);
            let texts: Vec<String> = all
                .map(|mismatch| {
                    match self.columns.iter().find(|column| is_in(&column.name, &mismatch.path)) {
                        Some(column) => format!("column {mismatch} ({})", column.ty),
                        None => mismatch.to_string(),
                    }
                })
                .collect();
            fault::mismatch(texts.join("; "))
        })
    }

    fn too_many(&self) -> NodeError {
        let message = match self.order.mode {
            Mode::One => "more than one row where there is to be one".to_owned(),
            Mode::Optional => "more than one row where there is to be at most one".to_owned(),
            _ => format!("more than {} rows", self.order.max_rows),
        };
        NodeError::new("TooManyRows", message)
    }

    /// The node's output.
    pub(super) fn output(mut self, affected: u64) -> Result<Value, NodeError> {
        let affected = if self.wants_rows() { self.rows.len() as u64 } else { affected };
        let affected = ("affected", Value::Int(i64::try_from(affected).unwrap_or(i64::MAX)));
        let rows = match self.order.mode {
            Mode::Execute => return Ok(Value::Map(Map::record([affected]))),
            Mode::Rows => ("rows", self.rows.into_iter().collect()),
            Mode::Optional => ("row", self.rows.pop().map_or(Value::NONE, Value::some)),
            Mode::One => match self.rows.pop() {
                Some(row) => ("row", row),
                None => return Err(NodeError::new("NoRow", "no row where there is to be one")),
            },
        };
        Ok(Value::Map(Map::record([rows, affected])))
    }
}

/// Whether a path such as `a.b` begins with a name.
fn is_in(name: &str, path: &str) -> bool {
    let rest = path.strip_prefix(name).or_else(|| path.strip_prefix(&format!("[{name:?}]")));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn unreadable(column: &Column, reason: &Unreadable) -> NodeError {
    fault::mismatch(format!("column `{}` ({}) can't be read: {}", column.name, column.ty, reason.0))
}

fn unlike(column: &Column, found: &str) -> NodeError {
    fault::mismatch(format!("column `{}` ({}) holds {found}", column.name, column.ty))
}

/// That the output is larger than any engine records.
pub(super) fn too_large() -> NodeError {
    NodeError::new("PayloadTooLarge", "the rows are larger than 1 MiB")
}

/// About how long the JSON of a value is.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Bytes(bytes) => bytes.len().div_ceil(3) * 4 + 2,
        Value::List(list) => 4 + list.iter().map(size).sum::<usize>(),
        Value::Map(map) => 4 + map.iter().map(|(key, value)| key_size(key) + size(value)).sum::<usize>(),
        Value::Optional(Some(inner)) => 4 + size(inner),
        Value::Timestamp(_) | Value::Double(_) | Value::Duration(_) => 16,
        _ => 4,
    }
}

fn key_size(key: &Key) -> usize {
    match key {
        Key::String(text) => text.len() + 3,
        _ => 8,
    }
}
