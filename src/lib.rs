//! Citadel compiles `.citadel` files, typed descriptions of durable workflows, into execution plans.
//!
//! The rooms, in the order in which a file passes through them. Every room is pure (no clock, no files, no
//! environment, no randomness) unless its line says *edge*; `tests/it/tidy.rs` holds who may import whom.
//!
//! | room | what it does |
//! |---|---|
//! | [`source`] | files, spans, lines, and [`source::World`], all that the compiler may ask of outside |
//! | [`value`] | run-time values and the one decoder of what crosses a border |
//! | [`diagnostic`] | findings: severity, code, spans, fixes; how they are sorted and shown |
//! | [`ast`] | what was written, with spans |
//! | [`syntax`] | text to [`ast`], by the grammar in `grammar/citadel.pest`, with recovery |
//! | [`types`] | static types and when one fits another |
//! | [`catalog`] | what a node kind *is*: fields, ports, output, errors, effect |
//! | [`resolve`] | names to declarations, imports, connections, cycles |
//! | [`check`] | types of every expression, readable outputs, policies, lints: a checked program |
//! | [`plan`] | the execution plan: versioned, canonical, hashed, verified on load |
//! | [`lower`] | a checked program to plans |
//! | [`config`] | where workflows run: `citadel.toml`, variables and flags, each value with its source |
//! | [`compile`] | the only place that knows the order of the stages |
//! | [`engine`] | the machine that runs plans, and the evaluator of their expressions |
//! | `nodes` | what the kinds of nodes do (*edge*, feature `embedded`) |
//! | [`driver`] | the engines around the machine (*edge*; the embedded one with the feature `embedded`) |
//! | `telemetry` | metrics, spans and logs of runs (*edge*, feature `embedded`) |
//! | [`define`] | workflows built in code |
//! | [`disk`] | the files of a project, as the compiler asks for them (*edge*) |
//! | `host` | Citadel inside of another program (*edge*, feature `embedded`) |
//! | [`testing`] | runs the tests of files in virtual time, with mocks |
//! | [`cli`] | the `citadel` command (*edge*) |

// Ground.
pub mod diagnostic;
pub mod source;
pub mod value;

// What is said about a project.
pub mod config;

// Language.
pub mod ast;
pub mod catalog;
pub mod check;
pub mod lower;
pub mod plan;
pub mod resolve;
pub mod syntax;
pub mod types;

// Offices.
pub mod compile;
pub mod define;

// Running.
pub mod engine;

#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an engine is an edge: it has a clock, files and threads"
)]
pub mod driver;
#[cfg(feature = "embedded")]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "nodes are an edge: they reach the world outside"
)]
pub mod nodes;

#[cfg(feature = "embedded")]
#[allow(clippy::disallowed_methods, reason = "telemetry is an edge: it tells the world outside")]
pub mod telemetry;

// Offices of what runs.
pub mod testing;

// Doors.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is an edge: it reads files and the environment"
)]
pub mod cli;
#[expect(clippy::disallowed_methods, reason = "it reads files for the compiler, which never does")]
pub mod disk;
#[cfg(feature = "embedded")]
#[expect(clippy::disallowed_methods, reason = "it lives in another program, which has files")]
pub mod host;
