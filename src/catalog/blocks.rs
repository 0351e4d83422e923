//! The blocks of declarations that aren't nodes, and the fields that nodes have beside those of their kind.

use super::shorthand::{string_map, text};
use super::{Block, CaseValue, Class, Field, Form, Known, Meaning, Reference, Signature};
use crate::types::Type;

const AT_LEAST_ONE: Form = Form::Known(Known::Int { least: 1 });
const DURATION: Form = Form::Known(Known::Duration);
const NAME: Form = Form::Known(Known::Text);

/// The fields of all kinds of a class.
pub fn common(class: Class) -> Block {
    let block = Block::new().fields(every_kind());
    match class {
        Class::Activity { progress } => {
            let heartbeat =
                Field::new("heartbeat_timeout", Form::TimeLimit, "The longest time without progress.");
            let block = block.fields(activity()).fields(progress.then_some(heartbeat)).field(compensate());
            block.at_most_one_of(&["retry", "retry_attempts"])
        }
        Class::Composite | Class::Waiting => block
            .field(Field::new("timeout", Form::TimeLimit, "How long the whole may take."))
            .field(compensate()),
        Class::Pure | Class::Ending => block,
    }
}

fn every_kind() -> [Field; 4] {
    [
        Field::new("name", NAME, "What it is called for people."),
        Field::new(
            "on_error",
            Form::choice(&["stop", "continue", "retry"]),
            "What a failure does that nothing takes.",
        )
        .or_told("the workflow's"),
        Field::new("fallback", Form::Fallback, "What it succeeds with where nothing takes its failure."),
        Field::new("join", Form::Join, "How many incoming connections it waits for.").or_word("all"),
    ]
}

fn compensate() -> Field {
    Field::new("compensate", Form::Reference(Reference::Node), "The node that undoes it when the run stops.")
}

fn activity() -> [Field; 9] {
    [
        retry(),
        retry_attempts(),
        Field::new("timeout", Form::TimeLimit, "How long an attempt may take.").or_told("10m"),
        Field::new("total_timeout", Form::TimeLimit, "How long all attempts may take."),
        Field::new(
            "breaker",
            Form::Reference(Reference::Breaker),
            "The circuit breaker that it goes through; with a key in parentheses.",
        ),
        Field::new(
            "limit",
            Form::Reference(Reference::Limit),
            "The limit that it goes through; with a key in parentheses.",
        ),
        Field::new("effect", Form::choice(&["idempotent", "once"]), "What a second execution does."),
        Field::new("task_queue", NAME, "Whose workers execute it.").or_told("the workflow's"),
        Field::new("local", Form::Known(Known::Bool), "It runs in the worker of the workflow itself.")
            .or_bool(false),
    ]
}

fn retry() -> Field {
    Field::new("retry", Form::Reference(Reference::Retry), "The retry policy, or `none`.")
        .or_told("the workflow's, else 3 attempts")
}

fn retry_attempts() -> Field {
    Field::new("retry_attempts", AT_LEAST_ONE, "How many attempts there are in all.")
}

/// The fields of a workflow; nodes and connections stand beside them.
pub fn workflow() -> Block {
    Block::new()
        .field(Field::new("name", NAME, "What it is called for people."))
        .field(Field::new("description", NAME, "What it is for."))
        .field(Field::new("id", text(), "The id of a run."))
        .field(
            Field::new(
                "on_duplicate",
                Form::choice(&["reject", "return_existing"]),
                "A second start with the same id.",
            )
            .or_word("reject"),
        )
        .field(Field::new("timeout", Form::TimeLimit, "How long a run may take."))
        .field(Field::new(
            "parallelism",
            AT_LEAST_ONE,
            "Activities and children of one run at the same time.",
        ))
        .field(
            Field::new("max_concurrent", AT_LEAST_ONE, "Activities of one run at the same time.").or_int(50),
        )
        .field(
            Field::new(
                "on_error",
                Form::choice(&["stop", "continue", "retry"]),
                "A failure that nothing takes.",
            )
            .or_word("stop"),
        )
        .fields([retry(), retry_attempts()])
        .field(Field::new("on_failure", Form::Reference(Reference::Node), "Runs when a run has failed."))
        .field(Field::new("finally", Form::Reference(Reference::Node), "Runs when a run has ended."))
        .field(Field::new("concurrency", Form::Block(concurrency()), "How many runs there may be."))
        .field(Field::new("task_queue", NAME, "Whose workers execute its activities."))
        .field(Field::new("input", Form::Params, "What a run is started with."))
        .field(Field::new("output", Form::Cases(CaseValue::Value), "What a run gives."))
        .at_most_one_of(&["retry", "retry_attempts"])
}

fn concurrency() -> Block {
    Block::new()
        .field(Field::new(
            "key",
            Form::OneOf(vec![Type::String, Type::Int]),
            "What the runs share that are counted.",
        ))
        .field(Field::new("limit", AT_LEAST_ONE, "How many may be open.").required())
        .field(
            Field::new(
                "then",
                Form::choice(&["queue", "cancel_running", "reject"]),
                "What becomes of the next.",
            )
            .or_word("queue"),
        )
}

/// The fields of a retry policy.
pub fn retry_policy() -> Block {
    Block::new()
        .field(Field::new("initial_interval", DURATION, "The delay before the second attempt; 1s."))
        .field(Field::new(
            "backoff_coefficient",
            Form::Known(Known::Double { least: 1 }),
            "The growth of delays; 2.0.",
        ))
        .field(Field::new("maximum_interval", DURATION, "The longest delay; 100 times the first."))
        .field(Field::new("maximum_attempts", AT_LEAST_ONE, "How many attempts there are in all."))
        .field(Field::new("non_retryable_errors", Form::ErrorNames, "Errors that end the attempts at once."))
}

/// The fields of a circuit breaker.
pub fn breaker() -> Block {
    Block::new()
        .field(Field::new("failure_threshold", AT_LEAST_ONE, "So many failures open it.").required())
        .field(Field::new("window", DURATION, "The time in which they are counted.").required())
        .field(Field::new("cooldown", DURATION, "How long it stays open.").required())
        .field(Field::new("half_open_probes", AT_LEAST_ONE, "So many successes close it.").or_int(1))
}

/// The fields of a limit.
pub fn limit() -> Block {
    Block::new()
        .field(Field::new("rate", AT_LEAST_ONE, "How many start in a period."))
        .field(Field::new("per", DURATION, "The period."))
        .field(Field::new("concurrency", AT_LEAST_ONE, "How many run at the same time."))
        .one_of(&["rate concurrency"])
        .one_of_with("rate", &["per"])
        .one_of_with("per", &["rate"])
}

/// The fields of a remote activity.
pub fn remote_activity() -> Block {
    Block::new()
        .field(Field::new("task_queue", NAME, "Whose workers serve it.").required())
        .field(Field::new("input", Form::Type, "Its argument."))
        .field(Field::new("returns", Form::Type, "Its result."))
        .field(Field::new("effect", Form::choice(&["idempotent", "once"]), "What a second execution does."))
        .field(Field::new("errors", Form::ErrorNames, "What it may fail with."))
}

/// The fields of a schedule.
pub fn schedule() -> Block {
    let overlaps = ["skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow_all"];
    Block::new()
        .field(Field::new("workflow", Form::Reference(Reference::Workflow), "What it starts.").required())
        .field(Field::new("input", Form::InputOf("workflow".into()), "With what."))
        .field(
            Field::new("cron", Form::Literal("a schedule is fixed when it is made"), "When.")
                .meaning(Meaning::Cron),
        )
        .field(Field::new("every", DURATION, "How often."))
        .one_of(&["cron", "every"])
        .field(
            Field::new(
                "timezone",
                Form::Literal("a schedule is fixed when it is made"),
                "The zone of `cron`; UTC.",
            )
            .meaning(Meaning::Zone),
        )
        .field(
            Field::new("overlap", Form::choice(&overlaps), "While the last run is still open.")
                .or_word("skip"),
        )
        .field(Field::new("catchup_window", DURATION, "How late a missed start is still made."))
        .field(Field::new("jitter", DURATION, "By how much starts are spread."))
        .field(Field::new("paused", Form::Known(Known::Bool), "It waits to be resumed.").or_bool(false))
}

/// The fields of a trigger.
pub fn trigger() -> Block {
    let auth = vec![
        Signature::new("hmac_sha256", &["*secret", "header"]),
        Signature::new("bearer", &["*token"]),
        Signature::new("basic", &["~user", "*password"]),
        Signature::new("api_key", &["header", "*value"]),
        Signature::new("standard_webhooks", &["*secret"]),
    ];
    Block::new()
        .field(
            Field::new(
                "webhook",
                Form::Literal("an address that callers know is fixed"),
                "The path that is called.",
            )
            .required()
            .meaning(Meaning::Path),
        )
        .field(
            Field::new("auth", Form::Call(auth), "Who may call; a trigger without it is refused.").secret(),
        )
        .field(Field::new("body", Form::Type, "What a call's body is."))
        .field(Field::new("workflow", Form::Reference(Reference::Workflow), "What it starts.").required())
        .field(Field::new("input", Form::InputOf("workflow".into()), "With what."))
        .field(Field::new("id", text(), "The id of the run."))
}

/// The fields of a plugin.
pub fn plugin() -> Block {
    Block::new()
        .field(Field::new("env", Form::Value(string_map()), "Variables of its environment.").secret())
        .field(Field::new("args", Form::Value(Type::list(Type::String)), "Its arguments."))
        .field(Field::new("network", Form::Known(Known::Bool), "Whether it may use the network."))
        .field(Field::new("timeout", DURATION, "How long a call may take."))
}

/// The fields of a test; mocks and expectations stand beside them.
pub fn test() -> Block {
    Block::new()
        .field(Field::new("workflow", Form::Reference(Reference::Workflow), "What it runs.").required())
        .field(Field::new("input", Form::InputOf("workflow".into()), "With what."))
}
