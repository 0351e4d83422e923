use super::Exhausted;
use crate::plan::expr::{Defect, Variable};
use crate::value::{EcoString, EncodeError, Kind, Unencodable, Value};

/// Why an expression has no value.
///
/// [`Self::is_budget`] tells `ExpressionBudget` from `ExpressionError`; the text is the error's `reason`.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error(transparent)]
pub struct EvalError(Box<Failure>);

/// What went wrong in an expression.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum Failure {
    /// The limit of section "budget" was passed.
    #[error(transparent)]
    Budget(Exhausted),
    /// An operator or a function that doesn't take values of these kinds.
    #[error("`{operation}` does not take {kinds}")]
    Overload {
        /// The operator or function.
        operation: &'static str,
        /// The kinds that came: `int and string`.
        kinds: EcoString,
    },
    /// `x / 0`.
    #[error("division by zero")]
    DivisionByZero,
    /// `x % 0`.
    #[error("remainder of a division by zero")]
    RemainderByZero,
    /// A result beyond 64 bits, or beyond the range of durations or timestamps.
    #[error("the result is out of range")]
    Overflow,
    /// A condition that is neither true nor false.
    #[error("a condition must be a bool, not {}", .0.word())]
    Condition(Kind),
    /// A conversion of what the target can't hold.
    #[error("the {} can't become {}", .from.word(), .to.word())]
    Conversion {
        /// What came.
        from: Kind,
        /// What it should become.
        to: Kind,
    },
    /// A key or field that isn't there.
    #[error("no such key `{0}`")]
    NoSuchKey(EcoString),
    /// An index before the first or after the last element or character.
    #[error("the index {0} is out of range")]
    Index(i64),
    /// A shift by so many bits, of which there can't be fewer than 0.
    #[error("a shift by {0} bits")]
    Shift(i64),
    /// An index that is no integer.
    #[error("an index must be an integer, not {}", .0.word())]
    IndexKind(Kind),
    /// A key that is no bool, integer or text.
    #[error("a key must be a bool, an integer or a string, not {}", .0.word())]
    KeyKind(Kind),
    /// A map with one key twice.
    #[error("the key `{0}` comes twice")]
    RepeatedKey(EcoString),
    /// The value of an optional that has none.
    #[error("the optional has no value")]
    NoValue,
    /// A format clause that doesn't exist, or has no argument.
    #[error("the format clause `%{0}` can't be filled")]
    FormatClause(EcoString),
    /// A regular expression that isn't one.
    #[error("the pattern is not a regular expression")]
    Pattern,
    /// A pattern of `format_time` that isn't one.
    #[error("the pattern is not one of `strftime`")]
    TimePattern,
    /// A zone that the database doesn't have.
    #[error("unknown time zone `{0}`")]
    Zone(EcoString),
    /// Text that is not JSON.
    #[error("the text is not JSON")]
    NotJson,
    /// A value that JSON can't hold.
    #[error("json can't hold {reason}")]
    NotEncodable {
        /// Where, from the outermost value.
        path: String,
        /// Why.
        reason: Unencodable,
    },
    /// `.` or `..` as a segment of a URL, which would lead elsewhere.
    #[error("a segment of a url can't be `.` or `..`")]
    DotSegment,
    /// What this node, run or test doesn't have.
    #[error("there is no such value here")]
    Unavailable(Variable),
    /// An expression that was not checked.
    #[error(transparent)]
    Defect(Defect),
}

impl EvalError {
    /// What went wrong.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.0
    }

    /// Whether the expression went beyond its budget. Nothing absorbs that.
    #[must_use]
    pub fn is_budget(&self) -> bool {
        matches!(*self.0, Failure::Budget(_))
    }

    /// The error of values that `operation` doesn't take.
    pub(super) fn overload<'v>(operation: &'static str, values: impl IntoIterator<Item = &'v Value>) -> Self {
        let kinds: Vec<_> = values.into_iter().map(|value| value.kind().word()).collect();
        let kinds = match kinds.as_slice() {
            [] => EcoString::from("nothing"),
            kinds => kinds.join(" and ").into(),
        };
        Failure::Overload { operation, kinds }.into()
    }
}

impl From<Failure> for EvalError {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl From<Exhausted> for EvalError {
    fn from(exhausted: Exhausted) -> Self {
        Failure::Budget(exhausted).into()
    }
}

impl From<EncodeError> for EvalError {
    fn from(EncodeError { path, reason }: EncodeError) -> Self {
        Failure::NotEncodable { path, reason }.into()
    }
}

/// Why an operator or a function gives nothing for its arguments.
pub(super) enum Fault {
    /// It doesn't take values of these kinds; who called it knows its name.
    Overload,
    /// It takes them and failed.
    Failed(EvalError),
}

impl Fault {
    /// The error, for the operation of that name.
    pub(super) fn of<'v>(
        self,
        operation: &'static str,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> EvalError {
        match self {
            Self::Overload => EvalError::overload(operation, values),
            Self::Failed(error) => error,
        }
    }
}

impl From<EvalError> for Fault {
    fn from(error: EvalError) -> Self {
        Self::Failed(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into())
    }
}

/// What an operator or a function gives for its arguments.
pub(super) type Answer = Result<Value, Fault>;
