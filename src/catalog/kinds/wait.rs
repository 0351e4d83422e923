use super::notification::message;
use crate::catalog::shorthand::{record, text};
use crate::catalog::{Class, Field, Form, Given, Kind, Output, Part, Ports};
use crate::types::Type;

/// The kinds that wait for a time, a signal or a person.
pub fn kinds() -> Vec<Kind> {
    vec![delay(), wait_signal(), approval()]
}

fn delay() -> Kind {
    Kind::new("delay", Class::Waiting, "Waits for a time.")
        .field(Field::new("for", Form::Value(Type::Duration), "How long.").at_least(0))
        .field(Field::new("until", Form::Value(Type::Timestamp), "Until when."))
        .one_of(&["for", "until"])
        .output(Output::Record(vec![("waited".into(), Part::Is(Type::Duration))]))
        .note("A durable timer: a run that waits takes no worker, and no restart shortens or lengthens it.")
        .example(include_str!("../examples/delay.citadel"))
}

fn wait_signal() -> Kind {
    Kind::new("wait_signal", Class::Waiting, "Waits for a signal.")
        .field(Field::new("signal", Form::Word, "Its name.").required())
        .field(Field::new("payload", Form::Type, "What comes with it."))
        .field(Field::new("correlate", text(), "Which of several signals of that name is meant."))
        .output(Output::Record(vec![("payload".into(), Part::Declared("payload".into(), Type::Json))]))
        .note("A signal that comes before the node starts is kept for it. `citadel signal RUN NAME [JSON]` sends one.")
        .example(include_str!("../examples/wait_signal.citadel"))
}

fn approval() -> Kind {
    let approvers = || Type::list(Type::String);
    let step = record(&[("after", Type::Duration), ("approvers", approvers())]);
    Kind::new("approval", Class::Waiting, "Waits for the decision of a person.")
        .field(Field::new("title", text(), "What is asked."))
        .field(Field::new("details", Form::Value(Type::Json), "What helps to decide."))
        .field(Field::new("approvers", Form::Value(approvers()), "Who may decide; anybody where it is empty."))
        .field(Field::new("remind", Form::Value(Type::Duration), "How often they are reminded."))
        .field(Field::new("escalate", Form::Value(Type::list(step)), "Who may decide later on."))
        .field(Field::new("notify", Form::Block(message().gives(Given::Link)), "How they hear of it."))
        .ports(Ports::Own(vec!["approved".into(), "rejected".into()]))
        .output(Output::Record(vec![
            ("decision".into(), Part::Is(Type::String)),
            ("by".into(), Part::Is(Type::String)),
            ("comment".into(), Part::Is(Type::String)),
            ("at".into(), Part::Is(Type::Timestamp)),
        ]))
        .note(
            "`citadel approve RUN [NODE]` answers, and so does any Temporal client. In the values of `notify` the name `link` \
             is where the question is answered. See [approvals](approvals.md).",
        )
        .example(include_str!("../examples/approval.citadel"))
}
