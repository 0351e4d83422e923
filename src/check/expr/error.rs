use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

/// What is wrong with an expression.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// No variable, node or other value of that name is in scope.
    #[error("nothing is called `{name}` here")]
    #[diagnostic(code(unknown_name))]
    UnknownName {
        /// The name.
        name: EcoString,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A record without a field of that name, or a value without fields.
    #[error("`{ty}` has no field `{field}`")]
    #[diagnostic(code(unknown_field))]
    UnknownField {
        /// What was selected from.
        ty: String,
        /// The field.
        field: EcoString,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A record that lacks fields.
    #[error("`{ty}` needs {fields}")]
    #[diagnostic(code(missing_field))]
    MissingField {
        /// The record's type.
        ty: String,
        /// Its missing fields, in backticks.
        fields: String,
    },
    /// No function of that name.
    #[error("there is no {} `{name}`", if *.is_method { "method" } else { "function" })]
    #[diagnostic(code(unknown_function))]
    UnknownFunction {
        /// The name as written, with its namespace.
        name: EcoString,
        /// Whether it stands behind a dot.
        is_method: bool,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A value of another type than the place takes.
    #[error("expected `{expected}`, found `{found}`")]
    #[diagnostic(code(type_mismatch))]
    TypeMismatch {
        /// What the place takes.
        expected: String,
        /// What stands there.
        found: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An operator or function that doesn't take such values.
    #[error("{problem}")]
    #[diagnostic(code(no_such_overload))]
    NoOverload {
        /// What doesn't take what.
        problem: Overload,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A comparison whose result is always the same.
    #[error("`{ty}` is never {value}")]
    #[diagnostic(code(impossible_comparison))]
    ImpossibleComparison {
        /// The union.
        ty: String,
        /// What it is compared with.
        value: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// `x == null`
    #[error("`{ty}` is never `null`")]
    #[diagnostic(code(compared_with_null))]
    ComparedWithNull {
        /// What is compared.
        ty: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An operation on `json`.
    #[error("{operation} needs a type, and `json` says nothing about it")]
    #[diagnostic(code(untyped_operand))]
    UntypedOperand {
        /// `+`, a function's name, `a condition`.
        operation: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An optional where its value is needed.
    #[error("this is `{ty}` and may be missing")]
    #[diagnostic(code(optional_used))]
    OptionalUsed {
        /// Its type.
        ty: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// An operation on a secret.
    #[error("{operation} would show a secret")]
    #[diagnostic(
        code(secret_operation),
        help(
            "a secret can be interpolated, added to a text, chosen by `?:`, and stand as a value in lists and maps"
        )
    )]
    SecretOperation {
        /// `==`, a function's name, `a key`.
        operation: String,
    },
    /// A key of a literal without quotes.
    #[error("`{key}` is no variable, and a text as a key has quotes")]
    #[diagnostic(code(bare_key), help("write `\"{key}\": …`"))]
    BareKey {
        /// The key.
        key: EcoString,
    },
    /// A key that stands twice in a literal.
    #[error("the key {key} stands here twice")]
    #[diagnostic(code(duplicate_key), help("remove one of the two"))]
    DuplicateKey {
        /// The key as it is written.
        key: String,
    },
    /// An interpolation of what has no text.
    #[error("`{ty}` can't be put into a text")]
    #[diagnostic(code(not_interpolatable), help("write `${{json.encode(…)}}`, or interpolate what is in it"))]
    NotInterpolatable {
        /// Its type.
        ty: String,
    },
    /// A number where a duration is taken.
    #[error("a span of time needs a unit")]
    #[diagnostic(code(number_for_duration), help("write `{seconds}s` if seconds are meant"))]
    NumberForDuration {
        /// The number.
        seconds: String,
    },
    /// A variable with the name of a word that CEL keeps for itself.
    #[error("no variable can be called `{name}`")]
    #[diagnostic(code(reserved_name), help("it is a word of the language; choose another name"))]
    ReservedVariable {
        /// The word.
        name: EcoString,
    },
    /// A macro with wrong arguments.
    #[error("{problem}")]
    #[diagnostic(code(macro_arguments), help("write `{usage}`"))]
    MacroArguments {
        /// What is wrong.
        problem: String,
        /// The macro's forms.
        usage: String,
    },
    /// A literal that the function can't convert.
    #[error("{text} is no {wanted}")]
    #[diagnostic(code(invalid_conversion))]
    InvalidConversion {
        /// The literal as it is written.
        text: String,
        /// What the function makes.
        wanted: &'static str,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A regular expression that can't be read.
    #[error("this regular expression can't be read: {reason}")]
    #[diagnostic(
        code(invalid_regex),
        help("expressions run in linear time: there are no look-arounds and no back-references")
    )]
    InvalidRegex {
        /// Why.
        reason: String,
    },
    /// A format text that doesn't go with its values.
    #[error("{problem}")]
    #[diagnostic(
        code(invalid_format),
        help("clauses are `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x`, `%X`, and `%%` for a percent sign")
    )]
    InvalidFormat {
        /// What is wrong.
        problem: String,
    },
    /// A division by a literal zero.
    #[error("this divides by zero")]
    #[diagnostic(code(division_by_zero), help("it would fail in every run"))]
    DivisionByZero,
    /// An operation on literals whose result is beyond 64 bits.
    #[error("the result is beyond 64 bits")]
    #[diagnostic(code(number_overflow), help("calculate with `double`, or with smaller numbers"))]
    NumberOverflow,
    /// Branches, arguments or keys that have no common type.
    #[error("{what} have one type, but this is `{found}` after `{before}`")]
    #[diagnostic(code(mixed_types), help("convert one of them"))]
    MixedTypes {
        /// `both branches`, `the keys of a map`.
        what: &'static str,
        /// What came before.
        before: String,
        /// What comes here.
        found: String,
    },
}

/// What doesn't take what.
#[derive(Debug, Error)]
pub enum Overload {
    /// An operator between two operands.
    #[error("`{symbol}` doesn't take `{left}` and `{right}`")]
    Operator {
        /// The operator.
        symbol: &'static str,
        /// The type of the left operand.
        left: String,
        /// The type of the right operand.
        right: String,
    },
    /// An operator, index or function with a value that it doesn't take.
    #[error("{taker} doesn't take `{found}`")]
    Value {
        /// The operator, function or index.
        taker: String,
        /// The type of the value.
        found: String,
    },
    /// A function with too few or too many arguments.
    #[error("`{name}` takes {takes}, not {given}")]
    Count {
        /// The function.
        name: EcoString,
        /// `one argument`, `1 or 2 arguments`.
        takes: String,
        /// How many stand there.
        given: usize,
    },
    /// A function in the wrong place: before or behind the dot.
    #[error("`{name}` is called {}", if *.is_method { "behind a dot" } else { "with its argument in parentheses" })]
    Style {
        /// The function.
        name: EcoString,
        /// How it is called.
        is_method: bool,
    },
    /// Two things that are never equal.
    #[error("`{left}` and `{right}` are never equal")]
    NeverEqual {
        /// The type of the left operand.
        left: String,
        /// The type of the right operand.
        right: String,
    },
}
