use crate::value::{Map, Value};

/// A message that a service has taken.
pub(super) struct Delivery {
    /// What it is called there, or the key that it was sent with.
    pub(super) id: String,
    /// Who has it.
    pub(super) delivered_to: Vec<String>,
    /// Who will not get it, because a server doesn't take it for them.
    pub(super) refused: Vec<String>,
}

impl Delivery {
    /// A message to one place.
    pub(super) fn to(place: impl Into<String>, id: impl Into<String>) -> Self {
        Self { id: id.into(), delivered_to: vec![place.into()], refused: Vec::new() }
    }

    /// The node's output.
    pub(super) fn output(self) -> Value {
        Value::Map(Map::record([
            ("id", Value::from(self.id)),
            ("delivered_to", texts(self.delivered_to)),
            ("refused", texts(self.refused)),
        ]))
    }
}

fn texts(texts: Vec<String>) -> Value {
    texts.into_iter().map(Value::from).collect()
}
