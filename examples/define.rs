//! A workflow built in code, checked as a file is, and run.
//!
//! `cargo run --example define`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use citadel::define::{Node, OnError, Workflow, expr};
use citadel::host::Citadel;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let workflow = Workflow::new("greeting")
        .set("name", "A greeting")
        .input("name", "string")
        .parallelism(5)
        .timeout(Duration::from_secs(30 * 60))
        .retry_attempts(3)
        .on_error(OnError::Continue)
        .node(Node::data_transformer("greet", "\"Hello, \" + input.name"))
        .node(Node::condition("long", "size(greet.value) > 12"))
        .node(Node::new("shout", "data_transformer").set("value", expr("greet.value.upperAscii()")))
        .node(Node::delay("pause", Duration::from_millis(10)))
        .connect("greet", "long")
        .connect("long.true", "shout")
        .connect("long.false", "pause")
        .output("text", "shout.?value.or(greet.?value).orValue(\"Hello\")");
    println!("{workflow}");

    let journal = std::env::args().nth(1).unwrap_or_else(|| "target/define".to_owned());
    let citadel = Citadel::at(journal).open().await?;
    citadel.register(&workflow)?;
    for name in ["Ada", "Alexandria"] {
        let run = citadel.execute("greeting", json!({ "name": name })).await?;
        println!("{:?}", citadel.result(&run).await?.status());
    }

    // What is wrong is said as the checker says it of a file.
    let broken = Workflow::new("broken").node(Node::data_transformer("a", "b.value"));
    if let Err(error) = citadel.register(&broken) {
        println!("{error}");
    }
    citadel.shut_down().await;
    Ok(())
}
