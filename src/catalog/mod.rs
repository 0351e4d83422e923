//! What a node kind is, and what the functions of expressions are.

pub mod function;
