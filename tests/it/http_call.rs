//! Calls of `http_request` as an engine makes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use citadel::nodes::{Call, Context, Egress, Executors, NodeError, Progress, Secrets};
use citadel::value::{Field, Map, Shape, ShapeId, Shapes, Template, Value};

/// A call with these fields.
pub(crate) fn call<const N: usize>(fields: [(&str, Value); N]) -> Call {
    Call {
        run: "run-1".into(),
        path: "fetch".into(),
        trace: "run-1".into(),
        kind: "http_request".into(),
        input: Value::Map(Map::record(fields)),
        shapes: Arc::default(),
        borders: BTreeMap::new(),
        output: ShapeId(0),
        key: "key-of-the-execution".into(),
        attempt: 1,
        timeout: Duration::from_secs(20),
        heartbeat: None,
        progress: Progress::default(),
        effect_once: false,
    }
}

/// The same, with a type for its answer.
pub(crate) fn answered_by(call: Call, shape: Shape) -> Call {
    let mut shapes = Shapes::default();
    let string = shapes.add(Shape::String);
    let int = shapes.add(Shape::Int);
    assert_eq!((string, int), (STRING, INT));
    let id = shapes.add(shape);
    Call { shapes: Arc::new(shapes), borders: BTreeMap::from([("response".into(), id)]), ..call }
}

/// What `answered_by` has in its table beside.
pub(crate) const STRING: ShapeId = ShapeId(0);
pub(crate) const INT: ShapeId = ShapeId(1);

/// A closed record.
pub(crate) fn record<const N: usize>(fields: [(&str, ShapeId); N]) -> Shape {
    let fields = fields.map(|(name, shape)| Field { name: name.into(), shape, default: None });
    Shape::Record { fields: fields.into(), open: false }
}

pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::from(text.into())
}

pub(crate) fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(Map::record(fields))
}

pub(crate) fn list<const N: usize>(items: [Value; N]) -> Value {
    items.into_iter().collect()
}

/// A form such as `bearer(t)`.
pub(crate) fn form<const N: usize>(name: &str, arguments: [Value; N]) -> Value {
    map([("form", text(name)), ("arguments", list(arguments))])
}

/// The value of a secret alone.
pub(crate) fn secret(name: &str) -> Value {
    Value::Template(Arc::new(Template::secret(name)))
}

/// The value of a secret after some text.
pub(crate) fn secret_after(text: &str, name: &str) -> Value {
    let mut template = Template::default();
    template.push_text(text);
    template.append(&Template::secret(name));
    Value::Template(Arc::new(template))
}

pub(crate) fn secrets<const N: usize>(values: [(&str, &str); N]) -> Secrets {
    Secrets::new(values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Makes one attempt that may reach this machine.
pub(crate) async fn run(call: &Call) -> Result<Value, NodeError> {
    run_with(call, Secrets::default()).await
}

/// The same, with secrets.
pub(crate) async fn run_with(call: &Call, secrets: Secrets) -> Result<Value, NodeError> {
    Executors::standard().run(call, &Context::new(secrets, Egress::allow_private())).await
}

/// Why a call fails.
pub(crate) async fn failure(call: &Call) -> NodeError {
    run(call).await.expect_err("it fails")
}

/// A part of an output or of details: `headers.x-key`.
pub(crate) fn part(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |value, name| value.field(name).cloned().unwrap_or(Value::Null))
}
