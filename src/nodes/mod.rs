//! What the kinds of nodes do: an attempt of an activity in, its output or a typed error out.
//!
//! *In*: a call with evaluated fields, in which secrets are references. *Out*: the output that the catalogue promises, or
//! one of the errors that it lists, scrubbed of all secrets.
//! *Never sees*: a plan, a run, a journal, other nodes.
