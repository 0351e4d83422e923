//! `citadel docs nodes`: the catalogue for people and for programs.
//!
//! In: the catalogue, and what is asked for. Out: text for terminals, Markdown, or JSON, all three made of the same
//! sheet for each kind. Never sees: a file.

mod columns;
mod command;
mod describe;
mod field;
mod markdown;
mod reference;
mod sheet;
mod text;
mod words;

pub(super) use command::docs;
