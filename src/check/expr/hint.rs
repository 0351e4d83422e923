//! What an author meant who calls a function by the name that another language gives it.

use crate::catalog::function::{Function, macros};
use crate::diagnostic::nearest;
use crate::types::Type;

/// Names of other languages, and what is written here.
const FOREIGN: &[(&[&str], &str)] = &[
    (&["len", "length", "count", "strlen", "cardinality"], "write `size(x)`"),
    (&["toUpper", "upper", "toUpperCase", "uppercase", "upcase"], "write `.upperAscii()`"),
    (&["toLower", "lower", "toLowerCase", "lowercase", "downcase"], "write `.lowerAscii()`"),
    (&["includes", "contain"], "write `x in xs` for a list, `.contains(part)` for a text"),
    (&["toString", "str", "to_string", "asString"], "write `string(x)`, or interpolate: `\"${x}\"`"),
    (&["parseInt", "toInt", "Number", "to_i", "number", "long", "integer"], "write `int(x)`"),
    (&["parseFloat", "toFloat", "float", "toDouble"], "write `double(x)`"),
    (&["boolean", "toBool"], "write `bool(x)`"),
    (&["some", "any", "anyMatch"], "write `.exists(x, …)`"),
    (&["every", "allMatch"], "write `.all(x, …)`"),
    (&["find", "first", "firstWhere"], "write `.filter(x, …)[?0]`"),
    (&["where", "select", "grep"], "write `.filter(x, …)`"),
    (&["forEach", "each", "collect"], "write `.map(x, …)`"),
    (&["strip", "trimSpace"], "write `.trim()`"),
    (&["substr", "slice"], "write `.substring(i, j)`"),
    (&["startswith", "starts_with", "hasPrefix"], "write `.startsWith(…)`"),
    (&["endswith", "ends_with", "hasSuffix"], "write `.endsWith(…)`"),
    (&["replaceAll", "gsub"], "write `.replace(old, new)`"),
    (&["match", "test", "regex", "regexMatch"], "write `.matches(pattern)`"),
    (&["append", "push", "concat", "add"], "write `xs + [x]`"),
    (&["keys"], "write `.map(k, k)`"),
    (&["values"], "write `.transformList(k, v, v)`"),
    (&["entries", "items"], "write `.transformList(k, v, …)`"),
    (&["isEmpty", "empty", "is_empty"], "write `size(x) == 0`"),
    (&["max"], "write `math.greatest(…)`"),
    (&["min"], "write `math.least(…)`"),
    (&["abs", "floor", "ceil", "round", "sqrt", "trunc"], "write it with its namespace: `math.…(x)`"),
    (&["now", "Date", "today", "currentTime"], "write `now`, the time at which this node started"),
    (&["date", "datetime", "parseDate"], "write `timestamp(text)`"),
    (&["getOrElse", "unwrap_or", "unwrapOr", "default", "coalesce", "getOrDefault"], "write `.orValue(…)`"),
    (&["isPresent", "isSome", "is_some", "exists?"], "write `.hasValue()`"),
    (&["get", "unwrap"], "write `.value()`, or `.orValue(…)`"),
    (&["stringify", "toJson", "to_json", "toJSON", "jsonencode"], "write `json.encode(x)`"),
    (&["fromJson", "from_json", "parseJson", "jsondecode"], "write `json.decode(text)`"),
    (&["base64encode", "btoa"], "write `base64.encode(bytes(text))`"),
    (&["base64decode", "atob"], "write `base64.decode(text)`"),
    (&["sprintf", "printf"], "write `\"… ${x}\"`, or `\"%d\".format([x])`"),
    (&["strftime", "formatDate", "dateFormat"], "write `format_time(t, \"%Y-%m-%d\", \"UTC\")`"),
    (&["if", "iif", "ternary"], "write `condition ? a : b`"),
    (&["not"], "write `!x`"),
    (&["getDay", "day"], "write `.getDate()`"),
    (&["getYear", "year"], "write `.getFullYear()`"),
];

/// What to write in place of an unknown function or method.
pub(super) fn meant_function(name: &str, is_method: bool, receiver: Option<&Type>) -> Option<String> {
    if let Some(found) = macros().iter().find(|known| known.name == name) {
        return Some(format!("write `{}`", found.usage));
    }
    let plain = name.rsplit('.').next().unwrap_or(name);
    if let Some((_, help)) = FOREIGN.iter().find(|(names, _)| names.contains(&plain)) {
        return Some(help.replace("math.…", &format!("math.{plain}")));
    }
    let candidates = Function::all().filter(|function| function.is_method() == is_method);
    let names: Vec<&str> = candidates.map(Function::name).chain(macro_names(is_method)).collect();
    if let Some(near) = nearest(name, names) {
        return Some(format!("did you mean `{near}`?"));
    }
    let in_namespace =
        Function::all().map(Function::name).find(|known| known.rsplit('.').next() == Some(plain));
    match (in_namespace, receiver) {
        (Some(known), _) if known != name => Some(format!("write `{known}(…)`")),
        (_, Some(Type::Record(record))) if record.field(name).is_some() => {
            Some(format!("`{name}` is a field: leave the parentheses away"))
        }
        _ => None,
    }
}

fn macro_names(is_method: bool) -> impl Iterator<Item = &'static str> {
    macros().iter().map(|known| known.name).filter(move |name| is_method == (*name != "has"))
}
