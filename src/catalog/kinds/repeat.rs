use crate::catalog::{CaseValue, Class, ErrorInfo, Field, Form, Kind, Known, Output};
use crate::types::Type;

/// A loop.
pub fn repetition() -> Kind {
    let int = || Form::Value(Type::Int);
    Kind::new("loop", Class::Composite, "Repeats a body.")
        .field(Field::new("over", Form::Any, "A list or a map: once for each of its elements."))
        .field(Field::new("times", int(), "So many times.").at_least(0))
        .field(Field::new("while", Form::Value(Type::Bool), "Evaluated before an iteration."))
        .field(Field::new("until", Form::Value(Type::Bool), "Evaluated after an iteration."))
        .one_of(&["over", "times", "while until"])
        .field(Field::new("as", Form::Word, "What the element is called.").or_word("item"))
        .field(Field::new("index_as", Form::Word, "What its number is called.").or_word("index"))
        .field(Field::new("state", Form::Params, "Variables that go from one iteration to the next."))
        .field(Field::new("next", Form::Cases(CaseValue::Value), "What they are for the next iteration."))
        .field(Field::new("parallelism", int(), "How many iterations run at once.").at_least(1).or_int(1))
        .field(Field::new("max_iterations", int(), "More than these are the error `LoopLimit`.")
            .at_least(1)
            .or_told("10,000 with `over` and `times`; `while` and `until` need it or `timeout`"))
        .field(Field::new("body", Form::Body, "What is repeated.").required())
        .field(Field::new("collect", Form::Any, "What an iteration gives to `results`."))
        .field(
            Field::new(
                "on_iteration_error",
                Form::choice(&["stop", "continue"]),
                "What a failed iteration does.",
            )
            .or_word("stop"),
        )
        .field(
            Field::new("tolerate", Form::Known(Known::Bool), "Failed iterations leave the run `completed`.")
                .or_bool(false),
        )
        .field(Field::new("enough", int(), "So many successes end it.").at_least(1))
        .output(Output::Loop)
        .note("It fails with the errors of its body too. See [loops](language/loops.md) for state, pages and scopes.")
        .example(include_str!("../examples/loop.citadel"))
        .errors([ErrorInfo::permanent("LoopLimit").when("There are more iterations than `max_iterations`.")])
}
