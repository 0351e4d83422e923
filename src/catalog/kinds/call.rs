use crate::catalog::{Ability, Class, Effect, ErrorInfo, Field, Form, Kind, Known, Output, Reference};
use crate::types::Type;

/// The kinds that run what is declared elsewhere.
pub fn kinds() -> Vec<Kind> {
    vec![workflow(), activity()]
}

fn workflow() -> Kind {
    Kind::new("workflow", Class::Composite, "Runs another workflow.")
        .field(Field::new("call", Form::Reference(Reference::Workflow), "Which.").required())
        .field(Field::new("input", Form::InputOf("call".into()), "What it is started with."))
        .field(
            Field::new("detached", Form::Known(Known::Bool), "It is started and left alone.").or_bool(false),
        )
        .output(Output::Callee)
        .errors([ErrorInfo::permanent("ChildFailed").when("The child was cancelled or terminated.")])
        .note(
            "The child runs the plan that its parent was checked against. Its failure keeps its type, so that the node \
             fails with the errors of the called workflow too. With `detached: true` nobody waits for it, and the output \
             is `{ run_id: string }`.",
        )
        .example(include_str!("../examples/workflow.citadel"))
}

fn activity() -> Kind {
    Kind::new("activity", Class::Activity { progress: true }, "Runs an activity of your own workers.")
        .field(Field::new("call", Form::Reference(Reference::Activity), "Which.").required())
        .field(Field::new("input", Form::InputOf("call".into()), "Its argument."))
        .field(Field::new("timeout", Form::TimeLimit, "How long an attempt may take.").required())
        .output(Output::Activity)
        .errors([ErrorInfo::permanent("TypeMismatch").when("The result isn't what `returns` says.")])
        .can(Ability::CheckedOnly)
        .note(
            "The declaration `activity name { … }` at the top of a file is the contract: task queue, input, result, effect \
             and errors, which the node can fail with too. Any Temporal worker in any language may serve it.",
        )
        .example(include_str!("../examples/activity.citadel"))
}

/// A tool of a plugin whose schemas are not locked: any input, any output.
pub fn tool() -> Kind {
    Kind::new("tool", Class::Activity { progress: true }, "A tool of a plugin.")
        .field(Field::new("input", Form::Any, "Its arguments."))
        .output(Output::Is(Type::Json))
        .errors([
            ErrorInfo::retryable("PluginFailed").when("The tool says that it failed."),
            ErrorInfo::retryable("PluginCrashed").when("The plugin ended in the middle of a call."),
            ErrorInfo::permanent("TypeMismatch").when("The result isn't what the schema says."),
            ErrorInfo::permanent("PluginMissing").when("The plugin can't be started."),
        ])
        .can(Ability::CheckedOnly)
        .effect(Effect::Idempotent)
}
