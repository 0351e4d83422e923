//! Citadel inside of another program: a workflow from a text, with a kind of node that the program adds.
//!
//! `cargo run --example embed`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use citadel::catalog::{Class, Field, Form, Kind, Output, Part};
use citadel::engine::machine::Outcome;
use citadel::host::Citadel;
use citadel::nodes::{Call, NodeError};
use citadel::types::Type;
use citadel::value::{Map, Value};
use serde_json::json;

const ORDERS: &str = r#"
workflow order {
  input { sku: string, quantity: int }
  node price: quote { sku: input.sku }
  node total: data_transformer { value: price.cents * input.quantity }
  price -> total
  output { cents: total.value }
}
"#;

/// What the kind is: its fields, its output, its errors. The checker knows it from now on.
fn quote() -> Kind {
    Kind::new("quote", Class::Activity { progress: false }, "Looks up what something costs.")
        .field(Field::new("sku", Form::Value(Type::String), "What is bought.").required())
        .output(Output::Record(vec![("cents".into(), Part::Is(Type::Int))]))
}

/// What it does: one attempt. Retries, time-outs and durability are the engine's.
async fn look_up(call: Call) -> Result<Value, NodeError> {
    let cents = match call.text("sku") {
        Some("apple") => 120,
        Some("pear") => 150,
        _ => return Err(NodeError::new("ExpressionError", "nobody sells that").before_effect()),
    };
    Ok(Value::Map(Map::record([("cents", Value::Int(cents))])))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let journal = std::env::args().nth(1).unwrap_or_else(|| "target/embed".to_owned());
    let citadel = Citadel::at(journal).kind(quote(), look_up).open().await?;
    citadel.register_text(ORDERS)?;

    let run = citadel.execute("order", json!({ "sku": "apple", "quantity": 3 })).await?;
    match citadel.result(&run).await? {
        Outcome::Completed { output, .. } => println!("{}", output.to_json()?),
        other => println!("{other:?}"),
    }
    println!("{}", citadel.status(&run).await?.word());
    citadel.shut_down().await;
    Ok(())
}
