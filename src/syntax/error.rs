use miette::Diagnostic;
use thiserror::Error;

/// What can be wrong with a text before any name means anything.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("expected {expected}")]
    #[diagnostic(code(expected))]
    Expected { expected: String },
    #[error("`{found}` can't stand here: a `}}` is missing")]
    #[diagnostic(code(missing_close), help("close the block that is open"))]
    MissingClose { found: String },
    #[error("a comma is missing between two members on one line")]
    #[diagnostic(code(missing_comma), help("write a comma, or begin a new line"))]
    MissingComma,
    #[error("this text has no closing quote")]
    #[diagnostic(code(unclosed_text), help("a text ends on its line; longer ones stand between `\"\"\"`"))]
    UnclosedText,
    #[error("`{written}` is no operator here")]
    #[diagnostic(code(foreign_operator), help("write `{right}`"))]
    ForeignOperator { written: String, right: &'static str },
    #[error("a literal union has single bars")]
    #[diagnostic(code(union_bars), help("write `\"a\" | \"b\"`"))]
    UnionBars,
    #[error("this number is too large")]
    #[diagnostic(code(number_too_large), help("whole numbers have 64 bits"))]
    NumberTooLarge,
    #[error("the units of a duration stand once each, the largest first")]
    #[diagnostic(code(duration_units), help("units are `d`, `h`, `m`, `s`, `ms`, as in `1h30m`"))]
    DurationUnits,
    #[error("unknown escape")]
    #[diagnostic(code(unknown_escape), help("write `\\\\` for a backslash, or a raw text: `r\"…\"`"))]
    UnknownEscape,
    #[error("this text must be literal")]
    #[diagnostic(code(text_not_literal), help("write it without an interpolation"))]
    TextNotLiteral,
    #[error("`{name}` has a meaning of its own and can't be declared")]
    #[diagnostic(code(reserved_name), help("choose another name"))]
    ReservedName { name: String },
    #[error("a value is set with a colon")]
    #[diagnostic(code(colon_not_equals), help("write `{name}: …`"))]
    ColonNotEquals { name: String },
    #[error("comments begin with `//`")]
    #[diagnostic(code(hash_comment), help("write `//`"))]
    HashComment,
    #[error("connections are written `->`")]
    #[diagnostic(code(fat_arrow), help("write `->`"))]
    FatArrow,
    #[error("the name of a member has no quotes")]
    #[diagnostic(code(quoted_member), help("write `{name}: …`"))]
    QuotedMember { name: String },
    #[error("lists are written in brackets")]
    #[diagnostic(code(yaml_list), help("write `[a, b]`"))]
    YamlList,
    #[error("brackets are nested more than {limit} deep")]
    #[diagnostic(code(nested_too_deep), help("give a part of it a name of its own"))]
    TooDeep { limit: usize },
    #[error("lines end without a semicolon")]
    #[diagnostic(code(semicolon), help("remove it"))]
    Semicolon,
}
