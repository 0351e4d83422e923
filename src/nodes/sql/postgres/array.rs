use tokio_postgres::types::Type;

use super::cell::{Reader, read};
use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::sink::Unreadable;

/// The most dimensions that a server gives an array.
const MOST_DIMENSIONS: usize = 6;

/// An array, whose dimensions are lists in lists.
pub(super) fn array<'r>(element: &Type, bytes: &'r [u8]) -> Result<Cell<'r>, Unreadable> {
    let cut = || Unreadable("the array is cut short".to_owned());
    let mut reader = Reader(bytes);
    let dimensions = usize::try_from(reader.i32().ok_or_else(cut)?).map_err(|_| cut())?;
    reader.i32().ok_or_else(cut)?;
    reader.i32().ok_or_else(cut)?;
    if dimensions > MOST_DIMENSIONS {
        return Err(cut());
    }
    let mut lengths = Vec::new();
    for _ in 0..dimensions {
        lengths.push(usize::try_from(reader.i32().ok_or_else(cut)?).map_err(|_| cut())?);
        reader.i32().ok_or_else(cut)?;
    }
    let mut cells = Vec::new();
    while let Some(length) = reader.i32() {
        cells.push(match usize::try_from(length) {
            Ok(length) => read(element, reader.bytes(length).ok_or_else(cut)?)?,
            Err(_) => Cell::Null,
        });
    }
    // The innermost lists first.
    for length in lengths.iter().skip(1).rev() {
        let mut rest = cells.into_iter();
        cells = std::iter::from_fn(|| {
            let list: Vec<Cell<'r>> = rest.by_ref().take(*length).collect();
            (!list.is_empty()).then_some(Cell::List(list))
        })
        .collect();
    }
    Ok(Cell::List(cells))
}
