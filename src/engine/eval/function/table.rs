use std::borrow::Cow;

use super::{convert, encode, format, math, optional, text, time};
use crate::engine::eval::error::{Answer, Fault};
use crate::engine::eval::evaluator::{Machine, Outcome};
use crate::engine::eval::patterns::Patterns;
use crate::engine::eval::{Budget, EvalError};
use crate::plan::expr::{ExprId, Function};
use crate::value::Value;

/// The arguments of a function, the receiver of a method first.
pub(super) type Arguments<'v> = [Cow<'v, Value>];

/// What a function may use besides its arguments.
pub(in crate::engine::eval) struct Context<'m> {
    pub(super) budget: &'m mut Budget,
    pub(super) patterns: &'m mut Patterns,
}

impl<'m> Context<'m> {
    pub(in crate::engine::eval) fn new(budget: &'m mut Budget, patterns: &'m mut Patterns) -> Self {
        Self { budget, patterns }
    }
}

type Implementation = fn(&Arguments<'_>, &mut Context<'_>) -> Answer;

/// In the order of the functions.
const IMPLEMENTATIONS: [(Function, Implementation); 71] = [
    (Function::Size, text::size),
    (Function::Type, convert::type_of),
    (Function::Dyn, convert::identity),
    (Function::Bool, convert::to_bool),
    (Function::Int, convert::to_int),
    (Function::Uint, convert::to_uint),
    (Function::Double, convert::to_double),
    (Function::String, convert::to_string),
    (Function::Bytes, convert::to_bytes),
    (Function::Duration, convert::to_duration),
    (Function::Timestamp, convert::to_timestamp),
    (Function::StartsWith, text::starts_with),
    (Function::EndsWith, text::ends_with),
    (Function::Contains, text::contains),
    (Function::Matches, text::matches),
    (Function::CharAt, text::char_at),
    (Function::IndexOf, text::index_of),
    (Function::LastIndexOf, text::last_index_of),
    (Function::Join, text::join),
    (Function::LowerAscii, text::lower_ascii),
    (Function::UpperAscii, text::upper_ascii),
    (Function::Replace, text::replace),
    (Function::Split, text::split),
    (Function::Substring, text::substring),
    (Function::Trim, text::trim),
    (Function::Reverse, text::reverse),
    (Function::Format, format::format),
    (Function::Quote, text::quote),
    (Function::GetDate, time::date),
    (Function::GetDayOfMonth, time::day_of_month),
    (Function::GetDayOfWeek, time::day_of_week),
    (Function::GetDayOfYear, time::day_of_year),
    (Function::GetFullYear, time::full_year),
    (Function::GetHours, time::hours),
    (Function::GetMilliseconds, time::milliseconds),
    (Function::GetMinutes, time::minutes),
    (Function::GetMonth, time::month),
    (Function::GetSeconds, time::seconds),
    (Function::Greatest, math::greatest),
    (Function::Least, math::least),
    (Function::Ceil, math::ceil),
    (Function::Floor, math::floor),
    (Function::Round, math::round),
    (Function::Trunc, math::trunc),
    (Function::Abs, math::abs),
    (Function::Sign, math::sign),
    (Function::IsNan, math::is_nan),
    (Function::IsInf, math::is_inf),
    (Function::IsFinite, math::is_finite),
    (Function::Sqrt, math::sqrt),
    (Function::BitAnd, math::bit_and),
    (Function::BitOr, math::bit_or),
    (Function::BitXor, math::bit_xor),
    (Function::BitNot, math::bit_not),
    (Function::BitShiftLeft, math::bit_shift_left),
    (Function::BitShiftRight, math::bit_shift_right),
    (Function::Base64Encode, encode::base64_encode),
    (Function::Base64Decode, encode::base64_decode),
    (Function::OptionalOf, optional::of),
    (Function::OptionalOfNonZero, optional::of_non_zero),
    (Function::OptionalNone, optional::none),
    (Function::HasValue, optional::has_value),
    (Function::ValueOf, optional::value_of),
    (Function::Or, optional::or),
    (Function::OrValue, optional::or_value),
    (Function::Unwrap, optional::unwrap),
    (Function::UnwrapOpt, optional::unwrap),
    (Function::JsonEncode, encode::json_encode),
    (Function::JsonDecode, encode::json_decode),
    (Function::FormatTime, time::format_time),
    (Function::UrlEncode, encode::url_encode),
];

/// As many arguments as are held without allocation.
const FEW: usize = 4;

impl<'a> Machine<'a, '_> {
    pub(in crate::engine::eval) fn call(&mut self, function: Function, arguments: &[ExprId]) -> Outcome<'a> {
        if let (Function::Or | Function::OrValue, [first, second]) = (function, arguments) {
            return self.alternative(function, *first, *second);
        }
        if arguments.len() > FEW {
            let values: Result<Vec<_>, _> = arguments.iter().map(|argument| self.eval(*argument)).collect();
            return self.apply_function(function, &values?);
        }
        let mut values = [const { Cow::Owned(Value::Null) }; FEW];
        for (value, argument) in values.iter_mut().zip(arguments) {
            *value = self.eval(*argument)?;
        }
        self.apply_function(function, &values[..arguments.len()])
    }

    /// `a.or(b)` and `a.orValue(b)` evaluate `b` only when it is needed.
    fn alternative(&mut self, function: Function, first: ExprId, second: ExprId) -> Outcome<'a> {
        let first = self.eval(first)?;
        match first.as_ref() {
            Value::Optional(Some(_)) if function == Function::Or => Ok(first),
            Value::Optional(Some(inner)) => Ok(Cow::Owned(inner.as_ref().clone())),
            _ => {
                let second = self.eval(second)?;
                self.apply_function(function, &[first, second])
            }
        }
    }

    fn apply_function(&mut self, function: Function, arguments: &Arguments<'a>) -> Outcome<'a> {
        let (_, implementation) = IMPLEMENTATIONS[function as usize];
        let answer = implementation(arguments, &mut self.context());
        let named =
            |fault: Fault| -> EvalError { fault.of(function.name(), arguments.iter().map(Cow::as_ref)) };
        answer.map(Cow::Owned).map_err(named)
    }
}

#[cfg(test)]
mod tests {
    use super::{Function, IMPLEMENTATIONS};

    #[test]
    fn every_function_is_implemented_in_its_place() {
        let order: Vec<_> = IMPLEMENTATIONS.iter().map(|row| row.0).collect();
        assert_eq!(order, Function::all().collect::<Vec<_>>());
    }
}
