//! Findings as text: drawn in the source, one line each, or as data for programs.
//!
//! In: findings and their sources. Out: text in which no control character of an author's file is left. Never sees:
//! whether anybody looks at it.

mod document;
mod drawn;
mod escape;
mod renderer;
mod view;

pub use document::Document;
pub use escape::escaped;
pub use renderer::Renderer;
