use crate::catalog::shorthand::text;
use crate::catalog::{Block, CaseValue, Class, Field, Form, Kind, Output, Part, Ports};
use crate::types::Type;

/// The kinds that the workflow computes itself, and those that end it.
pub fn kinds() -> Vec<Kind> {
    vec![condition(), data_transformer(), error_handler(), fail(), succeed()]
}

fn condition() -> Kind {
    Kind::new("condition", Class::Pure, "Chooses a way.")
        .field(Field::new("when", Form::Value(Type::Bool), "Chooses between `true` and `false`."))
        .field(Field::new(
            "cases",
            Form::Cases(CaseValue::Condition),
            "The first that holds wins, else `otherwise`.",
        ))
        .field(Field::new("switch", Form::Any, "A port for each member of a literal union."))
        .one_of(&["when", "cases", "switch"])
        .ports(Ports::Condition)
        .output(Output::Record(vec![("case".into(), Part::Is(Type::String))]))
        .note(
            "A port without a connection is no error: that way simply ends. `case` holds the name of the port that was \
             taken.",
        )
        .example(include_str!("../examples/condition.citadel"))
}

fn data_transformer() -> Kind {
    Kind::new("data_transformer", Class::Pure, "Names the value of an expression.")
        .field(Field::new("value", Form::Any, "The value.").required())
        .output(Output::Record(vec![("value".into(), Part::ValueOf("value".into()))]))
        .note("An expression with a name. Its type is inferred, and the workflow evaluates it itself.")
        .example(include_str!("../examples/data_transformer.citadel"))
}

fn error_handler() -> Kind {
    Kind::new("error_handler", Class::Pure, "Decides what failures mean whose error connections lead to it.")
        .field(Field::new(
            "cases",
            Form::Cases(CaseValue::Error(action())),
            "What to do, by the error's name.",
        ))
        .field(Field::new("otherwise", Form::Block(action()), "What to do about all other errors."))
        .output(Output::Handler)
        .note(
            "It takes many error connections and decides for each source when it fails. A case for a type that none of \
             its sources can have is an error.",
        )
        .example(include_str!("../examples/error_handler.citadel"))
}

fn action() -> Block {
    Block::new()
        .field(
            Field::new(
                "action",
                Form::choice(&["continue", "stop", "retry"]),
                "`stop` stops the run, `retry` runs the source again, `continue` takes the connection.",
            )
            .required(),
        )
        .field(Field::new("value", Form::Any, "What the handler's `value` is then."))
}

fn fail() -> Kind {
    Kind::new("fail", Class::Ending, "Ends the run as failed.")
        .field(Field::new("error", Form::ErrorValue, "The error that the run ends with.").or_told("`Failed`"))
        .field(Field::new("message", text(), "What happened, for people."))
        .field(Field::new("details", Form::InputOf("error".into()), "More about it."))
        .field(Field::new("with", Form::NodeError, "The error of another node, as it came."))
        .one_of(&["error message details", "with"])
        .ports(Ports::None)
        .note("What still runs is cancelled. In the body of a loop it fails the iteration.")
        .example(include_str!("../examples/fail.citadel"))
}

fn succeed() -> Kind {
    Kind::new("succeed", Class::Ending, "Ends the run as completed.")
        .ports(Ports::None)
        .note("What still runs is cancelled. The body of a loop has none.")
        .example(include_str!("../examples/succeed.citadel"))
}
