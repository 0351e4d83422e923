//! Takes the values of secrets out of what is recorded.
//!
//! *In*: the secrets of a workflow; then texts, values and errors that came from outside. *Out*: the same with
//! `[secret NAME]` where a secret stood, in whatever form it travelled. *Never sees*: where any of it goes.

mod form;
mod scrubber;

pub use scrubber::Scrubber;
