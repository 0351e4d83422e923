//! Calls of `database_query` as an engine makes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use citadel::nodes::{Call, Progress};
use citadel::value::{Field, Map, Shape, Shapes, Value};

/// A call that executes a statement, with one value, `:id`.
pub(crate) fn executed(url: &str, query: &str) -> Call {
    let mut shapes = Shapes::default();
    let int = shapes.add(Shape::Int);
    let field = Field { name: "affected".into(), shape: int, default: None };
    let output = shapes.add(Shape::Record { fields: vec![field], open: false });
    let params = Value::Map(Map::record([("id", Value::Int(7))]));
    let input = [
        ("connection", Value::from(url)),
        ("query", Value::from(query)),
        ("mode", Value::from("execute")),
        ("params", params),
    ];
    Call {
        run: "run-1".into(),
        path: "query".into(),
        trace: "run-1".into(),
        kind: "database_query".into(),
        input: Value::Map(Map::record(input)),
        shapes: Arc::new(shapes),
        borders: BTreeMap::new(),
        output,
        key: "key-of-the-execution".into(),
        attempt: 1,
        timeout: Duration::from_secs(60),
        heartbeat: None,
        progress: Progress::default(),
        effect_once: false,
    }
}

/// The same, once for each key.
pub(crate) fn transactional(url: &str, query: &str, key: &str) -> Call {
    let mut call = executed(url, query);
    if let Value::Map(fields) = &mut call.input {
        fields.insert("transactional".into(), Value::Bool(true));
    }
    Call { key: key.into(), ..call }
}

/// The same, with another time.
pub(crate) fn within(call: Call, timeout: Duration) -> Call {
    Call { timeout, ..call }
}
