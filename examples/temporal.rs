//! A workflow on a Temporal server, with a worker inside of this program.
//!
//! `citadel dev` in another terminal, then `cargo run --example temporal`; `CITADEL_TEMPORAL_ADDRESS` names another server.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program reads its environment and shows what it does"
)]

use citadel::config::Temporal;
use citadel::driver::temporal::Ending;
use citadel::engine::machine::Outcome;
use citadel::host::Service;
use serde_json::json;

const GREETING: &str = r#"
workflow greeting {
  input { name: string }
  output { text: greet.value }
  node greet: data_transformer { value: "hello ${input.name}" }
}
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::var("CITADEL_TEMPORAL_ADDRESS").unwrap_or_else(|_| "localhost:7233".to_owned());
    let config = Temporal::default().with_address(address).with_task_queue("greetings");
    config.validate()?;

    let service = Service::of(config).connect().await?;
    service.register_text(GREETING)?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn({
        let service = service.clone();
        async move { service.work(async { drop(stopped.await) }).await }
    });

    let run = service.execute("greeting", json!({ "name": "Ada" })).await?;
    match service.result(&run).await? {
        Ending::Outcome(Outcome::Completed { output, .. }) => println!("{}", output.to_json()?),
        other => println!("{other:?}"),
    }
    drop(stop);
    worker.await??;
    Ok(())
}
