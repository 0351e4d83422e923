//! Words that other workflow languages have for what is written otherwise here.

use ecow::EcoString;

/// What somebody meant who writes a field of another language, with the words of this one. The advice counts only
/// where the block has the field that it names.
const WORDS: [(&[&str], Option<&str>, &str); 26] = [
    (
        &["retries", "max_retries", "maxRetries", "max_attempts", "attempts"],
        Some("retry_attempts"),
        "write `retry_attempts: 3`, or name a `retry` policy",
    ),
    (&["max_attempts", "attempts", "max_retries"], Some("maximum_attempts"), "write `maximum_attempts`"),
    (
        &["backoff", "backoff_multiplier", "multiplier", "factor"],
        Some("backoff_coefficient"),
        "write `backoff_coefficient`",
    ),
    (&["delay", "initial_delay", "interval"], Some("initial_interval"), "write `initial_interval`"),
    (&["max_delay", "max_interval"], Some("maximum_interval"), "write `maximum_interval`"),
    (
        &["if", "when", "condition"],
        None,
        "write a `condition` node and connect its port: `check.true -> this`",
    ),
    (
        &["depends_on", "dependsOn", "needs", "after", "requires", "upstream"],
        None,
        "connect nodes instead: `before -> this`",
    ),
    (
        &["then", "on_success", "onSuccess", "goto", "next_step"],
        None,
        "connect nodes instead: `this -> next`",
    ),
    (
        &["catch", "on_failure", "onFailure", "onError", "rescue"],
        None,
        "connect the error port: `this.error -> handler`",
    ),
    (
        &["body_type", "response_type", "returns", "output", "output_type"],
        Some("response"),
        "write `response: T`",
    ),
    (&["data", "payload", "body_json"], Some("json"), "write `json: { … }`"),
    (&["params", "query_params"], Some("query"), "write `query: { … }`"),
    (&["token", "bearer", "authorization"], Some("auth"), "write `auth: bearer(token)`"),
    (&["timeout_ms", "timeout_seconds", "timeoutSeconds"], Some("timeout"), "write `timeout: 30s`"),
    (&["foreach", "for_each", "items", "in", "with_items"], Some("over"), "write `over: list`"),
    (&["concurrency", "max_parallel", "parallel"], Some("parallelism"), "write `parallelism: 10`"),
    (&["count", "repeat"], Some("times"), "write `times: 3`"),
    (&["steps", "tasks", "do"], Some("body"), "write `body { … }` with nodes and connections"),
    (&["sql", "statement"], Some("query"), "write `query: \"…\"`"),
    (&["duration", "seconds", "sleep"], Some("for"), "write `for: 10s`"),
    (&["args", "inputs", "parameters", "with"], Some("input"), "write `input: { … }`"),
    (&["workflow"], Some("call"), "write `call: name`"),
    (&["message"], Some("text"), "write `text: \"…\"`"),
    (
        &["expect", "expects", "expectations", "assert", "asserts", "assertions", "should"],
        Some("workflow"),
        "a test says what it expects in a block: `expect { … }`",
    ),
    (&["mocks", "stub", "stubs"], Some("workflow"), "write `mock node { … }` for each node"),
    (
        &["type", "uses", "kind"],
        None,
        "the kind of a node stands behind its name: `node this: http_request { … }`",
    ),
];

/// The advice for a word, where the block has the field that it speaks of.
pub(super) fn hint(word: &str, known: &[EcoString]) -> Option<&'static str> {
    let fits = |field: &Option<&str>| field.is_none_or(|field| known.iter().any(|name| name == field));
    let entry = WORDS.iter().find(|(words, field, _)| words.contains(&word) && fits(field));
    entry.map(|(_, _, advice)| *advice)
}
