use crate::catalog::{Class, Effect, ErrorInfo, Field, Form, Kind, Known, Output, Reference};
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
        .errors([ErrorInfo::permanent("ChildFailed")])
}

fn activity() -> Kind {
    Kind::new("activity", Class::Activity { progress: true }, "Runs an activity of your own workers.")
        .field(Field::new("call", Form::Reference(Reference::Activity), "Which.").required())
        .field(Field::new("input", Form::InputOf("call".into()), "Its argument."))
        .field(Field::new("timeout", Form::TimeLimit, "How long an attempt may take.").required())
        .output(Output::Activity)
        .errors([ErrorInfo::permanent("TypeMismatch")])
}

/// A tool of a plugin whose schemas are not locked: any input, any output.
pub fn tool() -> Kind {
    Kind::new("tool", Class::Activity { progress: true }, "A tool of a plugin.")
        .field(Field::new("input", Form::Any, "Its arguments."))
        .output(Output::Is(Type::Json))
        .errors([
            ErrorInfo::retryable("PluginFailed"),
            ErrorInfo::retryable("PluginCrashed"),
            ErrorInfo::permanent("TypeMismatch"),
            ErrorInfo::permanent("PluginMissing"),
        ])
        .effect(Effect::Idempotent)
}
