//! The execution plan of a workflow: versioned, canonical, hashed, and verified when it is loaded.

pub mod expr;
