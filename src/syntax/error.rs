use miette::Diagnostic;
use thiserror::Error;

use crate::diagnostic::nearest;

/// The words that begin a declaration.
pub(super) const DECLARATIONS: [&str; 15] = [
    "import", "const", "setting", "secret", "type", "error", "retry", "breaker", "limit", "plugin",
    "activity", "workflow", "schedule", "trigger", "test",
];

/// What can be wrong with a text before any name means anything.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("expected {expected}")]
    #[diagnostic(code(expected))]
    Expected { expected: String },
    #[error("{found} can't stand here: a `{close}` is missing")]
    #[diagnostic(code(missing_close), help("write `{close}` where what is open ends"))]
    MissingClose { found: String, close: char },
    #[error("a comma is missing here")]
    #[diagnostic(code(missing_comma), help("write a comma, or begin a new line"))]
    MissingComma,
    #[error("this text has no closing quote")]
    #[diagnostic(code(unclosed_text), help("a text ends on its line; longer ones stand between `\"\"\"`"))]
    UnclosedText,
    #[error("a declaration begins with its keyword, not with `{written}`")]
    #[diagnostic(
        code(foreign_modifier),
        help("remove `{written}`: files say what they import, not what they export")
    )]
    Modifier { written: String },
    #[error("what is imported gets another name with `as`")]
    #[diagnostic(code(colon_alias), help("write `name as other`"))]
    ColonAlias,
    #[error("a value of a type is built without `new`")]
    #[diagnostic(code(new_value), help("write `Order {{ id: \"x\" }}`"))]
    NewValue,
    #[error("`{written}` can't be a name")]
    #[diagnostic(
        code(malformed_name),
        help("names are letters, digits and `_`, and begin with no digit: write `{right}`")
    )]
    MalformedName { written: String, right: String },
    #[error("`{name}` holds a map, and a map stands in braces")]
    #[diagnostic(code(yaml_map), help("write `{name}: {{ \"key\": value }}`"))]
    YamlMap { name: String },
    #[error("a text of several lines stands in quotes")]
    #[diagnostic(code(yaml_text), help("write it between `\"\"\"` or `'''`"))]
    YamlText,
    #[error("a text stands in quotes")]
    #[diagnostic(code(unquoted_text), help("write `\"…\"`"))]
    UnquotedText,
    #[error("`{written}` is no operator here")]
    #[diagnostic(code(foreign_operator), help("write `{right}`"))]
    ForeignOperator { written: String, right: &'static str },
    #[error("a literal union has single bars")]
    #[diagnostic(code(union_bars), help("write `\"a\" | \"b\"`"))]
    UnionBars,
    #[error("this number is too large")]
    #[diagnostic(code(number_too_large), help("whole numbers have 64 bits"))]
    NumberTooLarge,
    #[error("`{unit}` is no unit of a duration")]
    #[diagnostic(code(duration_unit), help("write `{right}`"))]
    DurationUnit { unit: String, right: String },
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
    #[diagnostic(code(quoted_member), help("write the bare name before the colon"))]
    QuotedMember,
    #[error("lists are written in brackets")]
    #[diagnostic(code(yaml_list), help("write `[a, b]`"))]
    YamlList,
    #[error("brackets are nested more than {limit} deep")]
    #[diagnostic(code(nested_too_deep), help("give a part of it a name of its own"))]
    TooDeep { limit: usize },
    #[error("interpolated texts are nested more than {limit} deep")]
    #[diagnostic(code(interpolated_too_deep), help("give the inner text a name of its own"))]
    InterpolatedTooDeep { limit: usize },
    #[error("`{written}` is no declaration")]
    #[diagnostic(code(unknown_declaration), help("{}", nearest(written, DECLARATIONS).map_or_else(
        || format!("a file holds {}", DECLARATIONS.join(", ")),
        |near| format!("write `{near}`"),
    )))]
    UnknownDeclaration { written: String },
    #[error("`{written}` is kept for a later version")]
    #[diagnostic(code(reserved_declaration), help("it declares nothing yet"))]
    ReservedDeclaration { written: String },
    #[error("`{written}` begins no member")]
    #[diagnostic(code(unknown_member), help("a node is written `node name: kind {{ … }}`"))]
    UnknownMember { written: String },
    #[error("the node `{name}` has no kind")]
    #[diagnostic(code(missing_kind), help("write `node {name}: kind {{ … }}`"))]
    MissingKind { name: String },
    #[error("a name has no quotes")]
    #[diagnostic(code(quoted_name), help("write the bare name"))]
    QuotedName,
    #[error("`{name}` wants a colon before its value")]
    #[diagnostic(code(missing_colon), help("write `{name}: …`"))]
    MissingColon { name: String },
    #[error("`{name}` has no value")]
    #[diagnostic(code(missing_value), help("write one behind the colon, or remove the field"))]
    MissingValue { name: String },
    #[error("these quotes are typographic")]
    #[diagnostic(code(smart_quotes), help("write `\"`"))]
    SmartQuotes,
    #[error("a text doesn't stand between backticks")]
    #[diagnostic(code(backtick_text), help("write `\"…\"`, which interpolates too"))]
    BacktickText,
    #[error("braces are not doubled")]
    #[diagnostic(code(double_braces), help("write the expression as it is, or `\"${{…}}\"` inside a text"))]
    DoubleBraces,
    #[error("a macro's variable and its expression are separated by a comma")]
    #[diagnostic(code(arrow_function), help("write `map(x, x + 1)`"))]
    ArrowFunction,
    #[error("what may be absent is marked at its type")]
    #[diagnostic(code(optional_field_mark), help("write `{name}: …?`"))]
    OptionalMark { name: String },
    #[error("a list type isn't written with brackets")]
    #[diagnostic(code(array_type), help("write `list<{element}>`"))]
    ArrayType { element: String },
    #[error("an import names what it takes")]
    #[diagnostic(code(import_names), help("write `import {{ name }} from \"./file.citadel\"`"))]
    ImportNames,
    #[error("nothing is open that this could close")]
    #[diagnostic(code(unexpected_close), help("remove it"))]
    UnexpectedClose,
    #[error("this comment has no end")]
    #[diagnostic(code(unclosed_comment), help("write `*/`"))]
    UnclosedComment,
    #[error("lines end without a semicolon")]
    #[diagnostic(code(semicolon), help("remove it"))]
    Semicolon,
    #[error("this interpolation has no end")]
    #[diagnostic(code(unclosed_interpolation), help("write `}}` where its expression ends"))]
    UnclosedInterpolation,
    #[error("`{found}` closes what `{close}` should")]
    #[diagnostic(code(wrong_close), help("write `{close}`"))]
    WrongClose { found: char, close: char },
    #[error("a `{{` is missing here")]
    #[diagnostic(code(missing_open), help("what follows belongs between braces"))]
    MissingOpen,
    #[error("a name is missing here")]
    #[diagnostic(code(missing_name), help("write one: letters, digits and `_`"))]
    MissingName,
    #[error("`{name}` has no type")]
    #[diagnostic(code(missing_type), help("write `{name}: string`, or what it is"))]
    MissingType { name: String },
    #[error("`{name}` holds a block, and a block has no colon")]
    #[diagnostic(code(block_with_colon), help("a colon leads to a value; remove it"))]
    BlockWithColon { name: String },
    #[error("what `{name}` stands for follows `=`")]
    #[diagnostic(code(equals_not_colon), help("write `{name} = …`"))]
    EqualsNotColon { name: String },
    #[error("the type of a constant is that of its value")]
    #[diagnostic(code(annotated_constant), help("remove the type, or declare a `setting`"))]
    AnnotatedConstant,
    #[error("a union has literals only")]
    #[diagnostic(code(union_of_types), help("what may be absent is `T?`, what may be anything is `json`"))]
    UnionOfTypes,
    #[error("a type can't stand in a value")]
    #[diagnostic(
        code(type_as_value),
        help("types stand in declarations, in `input`, `state`, and in fields such as `response`")
    )]
    TypeAsValue,
    #[error("an arrow has one dash")]
    #[diagnostic(code(long_arrow), help("write `->`"))]
    LongArrow,
    #[error("`{written}` connects nothing")]
    #[diagnostic(code(odd_arrow), help("write `from -> to`"))]
    OddArrow { written: String },
    #[error("an arrow leads from a node to a node, and one is missing here")]
    #[diagnostic(code(chain_end), help("write `a -> b`; `start -> b` says that `b` starts at once"))]
    ChainEnd,
    #[error("there is no node in this group")]
    #[diagnostic(code(empty_group), help("write `[a, b]`"))]
    EmptyGroup,
    #[error("`{name}` begins no member: a node is declared with `node`")]
    #[diagnostic(code(unmarked_node), help("write `node {name}: …`"))]
    UnmarkedNode { name: String },
    #[error("{what} stands {place}")]
    #[diagnostic(code(misplaced), help("move it there"))]
    Misplaced { what: String, place: &'static str },
    #[error("a comma too many")]
    #[diagnostic(code(extra_comma), help("remove it"))]
    ExtraComma,
    #[error("sizes are written in `KiB`, `MiB` and `GiB`")]
    #[diagnostic(code(size_unit), help("write `{right}`"))]
    SizeUnit { right: String },
    #[error("this is no number")]
    #[diagnostic(code(malformed_number), help("numbers are written `1000`, `1.5`, `1e9`, `0xff` or `7u`"))]
    MalformedNumber,
    #[error("this space is not an ordinary one")]
    #[diagnostic(code(unusual_space), help("write a plain space"))]
    UnusualSpace,
    #[error("the character U+{code:04X} may not stand in a file")]
    #[diagnostic(code(forbidden_character), help("in a text write it as `\\u{code:04x}`"))]
    ForbiddenCharacter { code: u32 },
    #[error("this expression is nested more than {limit} deep")]
    #[diagnostic(code(expression_too_deep), help("give a part of it a name of its own"))]
    ExpressionTooDeep { limit: u16 },
}

impl Error {
    /// Whether what else seems wrong with the line follows from this.
    pub(super) fn echoes(&self) -> bool {
        matches!(
            self,
            Self::UnclosedText
                | Self::UnquotedText
                | Self::UnclosedInterpolation
                | Self::UnexpectedClose
                | Self::WrongClose { .. }
                | Self::MissingOpen
        )
    }

    /// What to write in place of a number with a unit that is written as elsewhere.
    pub(super) fn right(&self) -> Option<String> {
        match self {
            Self::DurationUnit { right, .. } | Self::SizeUnit { right } => Some(right.clone()),
            _ => None,
        }
    }

    /// What to write in the marked place, where that alone mends it.
    pub(super) fn replacement(&self) -> Option<&'static str> {
        match self {
            Self::HashComment => Some("//"),
            Self::UnexpectedClose | Self::Semicolon => Some(""),
            Self::UnusualSpace => Some(" "),
            _ => None,
        }
    }
}
