/// A macro: its arguments are not evaluated before it is.
#[derive(Debug, Clone, Copy)]
pub struct Macro {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// What it is for, in a sentence.
    pub doc: &'static str,
}

const fn row(name: &'static str, usage: &'static str, doc: &'static str) -> Macro {
    Macro { name, usage, doc }
}

/// All macros, in the order in which they are documented. Those over several forms stand more than once.
const MACROS: &[Macro] = &[
    row("has", "has(x.field)", "Whether a field is there."),
    row(
        "all",
        "xs.all(x, condition)",
        "Whether the condition holds for all elements of a list or keys of a map.",
    ),
    row(
        "all",
        "xs.all(i, x, condition)",
        "The same with the index and the element, or the key and the value.",
    ),
    row("exists", "xs.exists(x, condition)", "Whether the condition holds for one."),
    row(
        "exists",
        "xs.exists(i, x, condition)",
        "The same with the index and the element, or the key and the value.",
    ),
    row("exists_one", "xs.exists_one(x, condition)", "Whether the condition holds for exactly one."),
    row("exists_one", "xs.exists_one(i, x, condition)", "The same with index and element, or key and value."),
    row("existsOne", "xs.existsOne(x, condition)", "The same as `exists_one`."),
    row("existsOne", "xs.existsOne(i, x, condition)", "The same with index and element, or key and value."),
    row(
        "filter",
        "xs.filter(x, condition)",
        "The elements, or keys, for which the condition holds, as a list.",
    ),
    row("map", "xs.map(x, value)", "The list of the values for all elements, or keys."),
    row("map", "xs.map(x, condition, value)", "The same for those for which the condition holds."),
    row(
        "transformList",
        "xs.transformList(i, x, value)",
        "The list of the values for all elements or entries.",
    ),
    row("transformList", "xs.transformList(i, x, condition, value)", "The same where the condition holds."),
    row("transformMap", "xs.transformMap(k, x, value)", "The map of the values under the same keys."),
    row("transformMap", "xs.transformMap(k, x, condition, value)", "The same where the condition holds."),
    row(
        "transformMapEntry",
        "xs.transformMapEntry(k, x, { key: value })",
        "The map of the entries that are given.",
    ),
    row(
        "transformMapEntry",
        "xs.transformMapEntry(k, x, condition, { key: value })",
        "The same where the condition holds.",
    ),
    row("optMap", "opt.optMap(x, value)", "The value for what an optional holds, as an optional."),
    row("optFlatMap", "opt.optFlatMap(x, optional)", "The optional for what an optional holds."),
];

/// All macros.
#[must_use]
pub fn macros() -> &'static [Macro] {
    MACROS
}
