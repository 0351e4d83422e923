use ecow::{EcoString, eco_format};

use super::{Value, print_double};

impl Value {
    /// The text that interpolation writes: text as it is, numbers, bools, durations (`1h30m`) and timestamps.
    /// `None` for every other kind.
    #[must_use]
    pub fn print(&self) -> Option<EcoString> {
        Some(match self {
            Self::String(text) => text.clone(),
            Self::Bool(value) => eco_format!("{value}"),
            Self::Int(value) => eco_format!("{value}"),
            Self::Uint(value) => eco_format!("{value}"),
            Self::Double(value) => print_double(*value),
            Self::Duration(value) => value.print(),
            Self::Timestamp(value) => value.print(),
            _ => return None,
        })
    }
}
