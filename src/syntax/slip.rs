//! What an author of YAML, JSON, HCL or TypeScript writes by habit, recognised in what didn't parse.

use super::error::{DECLARATIONS, Error};
use super::grammar::Rule;
use super::skeleton::Skeleton;

/// Words that later versions will give a meaning to.
const RESERVED: [&str; 5] = ["template", "fn", "let", "policy", "environment"];

type Slip = Option<(usize, Error)>;

/// The slip in a skipped text, and where it is. `wanted` is what should have stood there.
pub(super) fn slip(skeleton: &Skeleton, wanted: Rule) -> Slip {
    let code = skeleton.code.as_str();
    let comment = || skeleton.unclosed_comment.map(|at| (at, Error::UnclosedComment));
    comment()
        .or_else(|| code.find('#').map(|at| (at, Error::HashComment)))
        .or_else(|| typographic(code))
        .or_else(|| if wanted == Rule::file { declaration(code) } else { None })
        .or_else(|| if wanted == Rule::node { node(code) } else { None })
        .or_else(|| yaml_item(code))
        .or_else(|| quoted_member(code))
        .or_else(|| arrow(code))
        .or_else(|| assignment(code))
        .or_else(|| typescript(code))
        .or_else(|| template(code))
        .or_else(|| operator(code))
        .or_else(|| code.find(';').map(|at| (at, Error::Semicolon)))
        .or_else(|| colon(code))
}

/// The word at the beginning.
fn first_word(code: &str) -> &str {
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    &code[..end]
}

fn typographic(code: &str) -> Slip {
    code.find(['“', '”', '„', '‘', '’']).map(|at| (at, Error::SmartQuotes))
}

fn declaration(code: &str) -> Slip {
    let word = first_word(code);
    if code.starts_with(['}', ']', ')']) {
        return Some((0, Error::UnexpectedClose));
    }
    if word.is_empty() {
        return None;
    }
    let after = code[word.len()..].trim_start();
    let written = word.to_owned();
    if RESERVED.contains(&word) {
        Some((0, Error::ReservedDeclaration { written }))
    } else if !DECLARATIONS.contains(&word) {
        Some((0, Error::UnknownDeclaration { written }))
    } else if after.starts_with('"') && word == "import" {
        Some((code.len() - after.len(), Error::ImportNames))
    } else if after.starts_with('"') && word != "test" {
        Some((code.len() - after.len(), Error::QuotedName))
    } else {
        None
    }
}

fn node(code: &str) -> Slip {
    let word = first_word(code);
    let after = code[word.len()..].trim_start();
    let name = first_word(after);
    let rest = after[name.len()..].trim_start();
    let place = |part: &str| code.len() - part.len();
    match word {
        "node" if after.starts_with('"') => Some((place(after), Error::QuotedName)),
        "node" if rest.starts_with('{') => Some((place(after), Error::MissingKind { name: name.into() })),
        "node" if rest.starts_with('=') => {
            Some((place(rest), Error::ColonNotEquals { name: format!("node {name}") }))
        }
        "node" | "" => None,
        _ if !name.is_empty() && rest.starts_with(':') => {
            Some((0, Error::UnknownMember { written: word.into() }))
        }
        _ => None,
    }
}

/// The first item of a list of YAML, on a line of its own.
fn yaml_item(code: &str) -> Slip {
    let key = code.lines().next()?;
    let list = code[key.len()..].trim_start();
    if code.starts_with("- ") {
        return Some((0, Error::YamlList));
    }
    (key.trim_end().ends_with(':') && list.starts_with("- "))
        .then(|| (code.len() - list.len(), Error::YamlList))
}

/// `"name": value` as a member.
fn quoted_member(code: &str) -> Slip {
    let after = code.strip_prefix('"')?.trim_start();
    after.starts_with(':').then_some((0, Error::QuotedMember))
}

fn arrow(code: &str) -> Slip {
    let at = code.find("=>")?;
    let open = code[..at].matches('(').count() > code[..at].matches(')').count();
    Some((at, if open { Error::ArrowFunction } else { Error::FatArrow }))
}

/// `name = value`, `name := value`.
fn assignment(code: &str) -> Slip {
    let name = first_word(code);
    let after = code[name.len()..].trim_start();
    let assigns = after.starts_with(":=") || (after.starts_with('=') && !after.starts_with("=="));
    (assigns && !name.is_empty())
        .then(|| (code.len() - after.len(), Error::ColonNotEquals { name: name.into() }))
}

/// `name?: type`, `type[]`.
fn typescript(code: &str) -> Slip {
    let name = first_word(code);
    let after = &code[name.len()..];
    if !name.is_empty() && after.strip_prefix('?').is_some_and(|after| after.trim_start().starts_with(':')) {
        return Some((name.len(), Error::OptionalMark { name: name.into() }));
    }
    let at = code.find("[]")?;
    let start = code[..at].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |before| before + 1);
    (start < at).then(|| (at, Error::ArrayType { element: code[start..at].into() }))
}

/// `` `text` `` and `{{ … }}`.
fn template(code: &str) -> Slip {
    let value = code.find(':').map_or(0, |colon| colon + 1);
    let after = code[value..].trim_start();
    let at = code.len() - after.len();
    if after.starts_with('`') {
        return Some((at, Error::BacktickText));
    }
    after.starts_with("{{").then_some((at, Error::DoubleBraces))
}

/// `=` for `==`, `not` for `!`.
fn operator(code: &str) -> Slip {
    let value = code.find(':')? + 1;
    let foreign = |at: usize, written: &str, right: &'static str| {
        Some((at, Error::ForeignOperator { written: written.into(), right }))
    };
    let after = code[value..].trim_start();
    if after.starts_with("not ") {
        return foreign(code.len() - after.len(), "not", "!");
    }
    let bytes = code.as_bytes();
    let alone = |at: usize| {
        bytes[at] == b'='
            && !matches!(bytes[at - 1], b'=' | b'!' | b'<' | b'>' | b':')
            && !matches!(bytes.get(at + 1), Some(b'=' | b'>'))
    };
    (value..bytes.len()).find(|at| alone(*at)).and_then(|at| foreign(at, "=", "=="))
}

/// A field without a colon, or with nothing behind it.
fn colon(code: &str) -> Slip {
    let name = first_word(code);
    let after = code[name.len()..].trim_start();
    if name.is_empty() {
        return None;
    }
    let at = code.len() - after.len();
    if after.trim_end() == ":" {
        return Some((at, Error::MissingValue { name: name.into() }));
    }
    let value = after.starts_with(|c: char| c == '"' || c.is_ascii_digit());
    value.then(|| (at, Error::MissingColon { name: name.into() }))
}
