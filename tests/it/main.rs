//! The project's integration tests, one binary.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::panic,
    reason = "tests are an edge: they read fixtures, start the program, and fail by panicking"
)]

#[cfg(feature = "embedded")]
mod approvals;
#[cfg(feature = "embedded")]
mod beside;
#[cfg(feature = "embedded")]
mod both_engines;
mod cel;
mod cli;
mod command;
mod compiler;
mod config;
mod conformance;
mod corners;
#[cfg(feature = "embedded")]
mod crash_points;
#[cfg(feature = "embedded")]
mod docs_nodes;
#[cfg(feature = "embedded")]
mod drivers;
#[cfg(feature = "embedded")]
mod embedding;
#[cfg(feature = "embedded")]
mod examples;
#[cfg(feature = "embedded")]
mod examples_run;
mod expectation;
mod expressions;
mod fixtures;
#[cfg(feature = "temporal")]
mod gates_run;
#[cfg(feature = "embedded")]
mod getting_started;
#[cfg(feature = "embedded")]
mod http;
#[cfg(feature = "embedded")]
mod http_call;
#[cfg(feature = "embedded")]
mod http_egress;
#[cfg(feature = "embedded")]
mod http_secrets;
#[cfg(feature = "embedded")]
mod http_server;
#[cfg(feature = "embedded")]
mod http_token;
#[cfg(feature = "embedded")]
mod journal;
#[cfg(feature = "embedded")]
mod journal_damage;
#[cfg(feature = "embedded")]
mod journal_process;
#[cfg(feature = "embedded")]
mod journal_rig;
#[cfg(feature = "embedded")]
mod ledger;
mod limits;
mod lowering;
mod machine;
#[cfg(feature = "embedded")]
mod mail;
#[cfg(feature = "embedded")]
mod mail_engines;
#[cfg(feature = "embedded")]
mod mail_server;
mod model;
#[cfg(feature = "embedded")]
mod notify;
mod patterns;
mod plan;
mod program;
mod properties;
mod reference;
mod rig;
#[cfg(feature = "embedded")]
mod running;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod script_confinement;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod script_desk;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod script_files;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod script_input;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod script_limits;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod script_output;
#[cfg(feature = "embedded")]
mod secrets;
#[cfg(feature = "embedded")]
mod secrets_canary;
#[cfg(feature = "embedded")]
mod sql_call;
#[cfg(feature = "embedded")]
mod sql_desk;
#[cfg(feature = "embedded")]
mod sql_effects;
#[cfg(feature = "embedded")]
mod sql_engines;
#[cfg(feature = "embedded")]
mod sql_faults;
#[cfg(feature = "embedded")]
mod sql_mariadb;
#[cfg(feature = "embedded")]
mod sql_postgres;
#[cfg(feature = "embedded")]
mod sql_server;
#[cfg(feature = "embedded")]
mod sql_sqlite;
#[cfg(feature = "embedded")]
mod sql_tls;
#[cfg(feature = "temporal")]
mod telemetry;
#[cfg(feature = "temporal")]
mod temporal;
#[cfg(feature = "temporal")]
mod temporal_config;
#[cfg(feature = "temporal")]
mod temporal_dev;
#[cfg(feature = "temporal")]
mod temporal_events;
#[cfg(feature = "temporal")]
mod temporal_faults;
#[cfg(feature = "temporal")]
mod temporal_histories;
#[cfg(feature = "temporal")]
mod temporal_queues;
#[cfg(feature = "temporal")]
mod temporal_rig;
#[cfg(feature = "temporal")]
mod temporal_server;
#[cfg(feature = "temporal")]
mod temporal_town;
#[cfg(feature = "temporal")]
mod temporal_versions;
mod test_command;
mod tidy;
mod tree;
#[cfg(feature = "temporal")]
mod wire;
