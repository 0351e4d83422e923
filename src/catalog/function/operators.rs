use std::sync::LazyLock;

use super::Overload;

/// Operators whose operands decide what they do. `&&`, `||` and `?:` take bools and are no functions.
const OPERATORS: &[(&str, &[&str])] = &[
    (
        "+",
        &[
            "int + int: int",
            "uint + uint: uint",
            "double + double: double",
            "string + string: string",
            "bytes + bytes: bytes",
            "list<T> + list<T>: list<T>",
            "timestamp + duration: timestamp",
            "duration + timestamp: timestamp",
            "duration + duration: duration",
        ],
    ),
    (
        "-",
        &[
            "int - int: int",
            "uint - uint: uint",
            "double - double: double",
            "timestamp - timestamp: duration",
            "timestamp - duration: timestamp",
            "duration - duration: duration",
        ],
    ),
    ("*", &["int * int: int", "uint * uint: uint", "double * double: double"]),
    ("/", &["int / int: int", "uint / uint: uint", "double / double: double"]),
    ("%", &["int % int: int", "uint % uint: uint"]),
    ("==", &["T == T: bool"]),
    ("!=", &["T != T: bool"]),
    (
        "<",
        &[
            "bool < bool: bool",
            "int < int: bool",
            "int < double: bool",
            "int < uint: bool",
            "uint < uint: bool",
            "uint < double: bool",
            "uint < int: bool",
            "double < double: bool",
            "double < int: bool",
            "double < uint: bool",
            "string < string: bool",
            "bytes < bytes: bool",
            "timestamp < timestamp: bool",
            "duration < duration: bool",
        ],
    ),
    ("in", &["T in list<T>: bool", "T in map<T, V>: bool"]),
    ("!", &["!bool: bool"]),
    ("unary -", &["-int: int", "-double: double"]),
];

static OVERLOADS: LazyLock<Vec<(&'static str, Vec<Overload>)>> = LazyLock::new(|| {
    let read = |(symbol, texts): &(&'static str, &[&'static str])| {
        let written = symbol.trim_start_matches("unary ");
        (*symbol, texts.iter().filter_map(|text| Overload::of_operator(written, text)).collect())
    };
    OPERATORS.iter().map(read).collect()
});

/// The overloads of an operator; a minus before its operand is `unary -`, and all comparisons of order are as `<`.
#[must_use]
pub fn operator(symbol: &str) -> &'static [Overload] {
    let symbol = if matches!(symbol, "<=" | ">" | ">=") { "<" } else { symbol };
    OVERLOADS.iter().find(|(known, _)| *known == symbol).map_or(&[], |(_, overloads)| overloads)
}

#[cfg(test)]
mod tests {
    use super::{OPERATORS, operator};

    #[test]
    fn every_text_reads() {
        for (symbol, texts) in OPERATORS {
            assert_eq!(operator(symbol).len(), texts.len(), "{symbol}");
        }
    }
}
