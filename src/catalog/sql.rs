use std::ops::Range;

/// Whose SQL a text is: they differ in what quotes, comments and escapes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL, with conforming strings.
    Postgres,
    /// MySQL and MariaDB, with backslashes in strings.
    MySql,
    /// SQLite.
    Sqlite,
}

/// What a part of a statement's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlPart {
    /// Anything that stays as it is.
    Text,
    /// A quoted text or name, or one between dollars.
    Quoted,
    /// A comment.
    Comment,
    /// `:name`.
    Parameter,
    /// `?`, `$1`, or another parameter without a name.
    Positional,
}

/// The parts of a statement's text with their places, which together are the whole text. Inside of quotes and comments
/// there are no parameters, `::` is a cast and `:=` an assignment. What is not closed goes on to the end.
#[must_use]
pub fn sql_parts(text: &str, dialect: Dialect) -> Vec<(Range<usize>, SqlPart)> {
    let mut parts: Vec<(Range<usize>, SqlPart)> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (length, part) = first(rest, dialect);
        let end = at + length.max(1);
        match parts.last_mut() {
            Some((range, SqlPart::Text)) if part == SqlPart::Text => range.end = end,
            _ => parts.push((at..end, part)),
        }
        at = end;
    }
    parts
}

/// The length of the first part, and what it is.
fn first(rest: &str, dialect: Dialect) -> (usize, SqlPart) {
    use Dialect::{MySql, Postgres, Sqlite};
    let Some(head) = rest.chars().next() else { return (0, SqlPart::Text) };
    match (head, dialect) {
        ('\'' | '"', _) => (quoted(rest, head, dialect == MySql), SqlPart::Quoted),
        ('`', MySql | Sqlite) => (quoted(rest, '`', false), SqlPart::Quoted),
        ('[', Sqlite) => (rest.find(']').map_or(rest.len(), |end| end + 1), SqlPart::Quoted),
        ('$', Postgres) => dollar(rest),
        ('-' | '#' | '/', _) => {
            comment(rest, dialect).map_or((1, SqlPart::Text), |end| (end, SqlPart::Comment))
        }
        (':', _) => colon(rest),
        ('?', _) => (1 + count(&rest[1..], |c| c.is_ascii_digit()), SqlPart::Positional),
        ('@' | '$', Sqlite) if name(&rest[1..]) > 0 => (1 + name(&rest[1..]), SqlPart::Positional),
        _ if is_of_a_name(head) => word(rest, dialect),
        _ => (head.len_utf8(), SqlPart::Text),
    }
}

/// How many bytes the leading characters of a kind take.
fn count(text: &str, is_wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_wanted(c)).unwrap_or(text.len())
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a name that a text begins with.
fn name(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { count(text, is_of_a_name) }
}

fn colon(rest: &str) -> (usize, SqlPart) {
    if rest.starts_with("::") || rest.starts_with(":=") {
        return (2, SqlPart::Text);
    }
    match name(&rest[1..]) {
        0 => (1, SqlPart::Text),
        length => (1 + length, SqlPart::Parameter),
    }
}

/// A word, a number, or a string of PostgreSQL that a word begins: `E'\''`.
fn word(rest: &str, dialect: Dialect) -> (usize, SqlPart) {
    let length = count(rest, |c| is_of_a_name(c) || c == '$');
    let has_escapes = dialect == Dialect::Postgres && ["e", "E"].contains(&&rest[..length]);
    if has_escapes && rest[length..].starts_with('\'') {
        return (length + quoted(&rest[length..], '\'', true), SqlPart::Quoted);
    }
    (length, SqlPart::Text)
}

/// The length of what a quote opens. The quote itself is doubled inside, or stands behind a backslash.
fn quoted(rest: &str, quote: char, has_escapes: bool) -> usize {
    let mut inside = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = inside.next() {
        if has_escapes && c == '\\' {
            inside.next();
        } else if c == quote && inside.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

/// `$tag$ … $tag$`, or `$1`.
fn dollar(rest: &str) -> (usize, SqlPart) {
    let digits = count(&rest[1..], |c| c.is_ascii_digit());
    if digits > 0 {
        return (1 + digits, SqlPart::Positional);
    }
    let tag = 1 + name(&rest[1..]);
    if !rest[tag..].starts_with('$') {
        return (1, SqlPart::Text);
    }
    let (open, inside) = rest.split_at(tag + 1);
    (inside.find(open).map_or(rest.len(), |end| end + 2 * open.len()), SqlPart::Quoted)
}

/// The length of a comment; none where there is none.
fn comment(rest: &str, dialect: Dialect) -> Option<usize> {
    let line = rest.find('\n').unwrap_or(rest.len());
    match dialect {
        // Without a space behind it, `--` is twice a minus.
        Dialect::MySql if rest.starts_with("--") => {
            rest[2..].chars().next().is_none_or(|c| c.is_whitespace() || c.is_control()).then_some(line)
        }
        Dialect::MySql if rest.starts_with('#') => Some(line),
        // What stands in these is executed.
        Dialect::MySql if rest.starts_with("/*!") || rest.starts_with("/*+") => None,
        _ if rest.starts_with("--") => Some(line),
        _ if rest.starts_with("/*") => Some(block(rest, dialect == Dialect::Postgres)),
        _ => None,
    }
}

fn block(rest: &str, nests: bool) -> usize {
    let (mut depth, mut at) = (1_usize, 2);
    while depth > 0 {
        let Some(found) = rest[at..].find(['*', '/']).map(|found| at + found) else { return rest.len() };
        at = found + 2;
        match rest.get(found..at) {
            Some("*/") => depth -= 1,
            Some("/*") if nests => depth += 1,
            _ => at = found + 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::Dialect::{MySql, Postgres, Sqlite};
    use super::{Dialect, SqlPart, sql_parts};

    /// The parameters of a text.
    fn parameters(text: &str, dialect: Dialect) -> Vec<&str> {
        let parts = sql_parts(text, dialect);
        let whole: String = parts.iter().map(|(range, _)| &text[range.clone()]).collect();
        assert_eq!(whole, text);
        let is_one = |part: &&(_, SqlPart)| part.1 == SqlPart::Parameter;
        parts.iter().filter(is_one).map(|(range, _)| &text[range.clone()]).collect()
    }

    #[test]
    fn parameters_are_found_where_they_stand() {
        for (text, found) in [
            ("select :a, :b_1, :a", &[":a", ":b_1", ":a"][..]),
            ("select :a::text, b::int, :größe", &[":a", ":größe"]),
            ("select '12:30:00', ':a', 'it''s :a', \":a\", \"\"\":a\"", &[]),
            ("select :a -- :b\n, :c /* :d */, :e", &[":a", ":c", ":e"]),
            ("select :a /* unclosed :b", &[":a"]),
            ("select ':b unclosed", &[]),
            ("select f(x := :a), 'a' || :b", &[":a", ":b"]),
            ("", &[]),
            (":", &[]),
        ] {
            for dialect in [Postgres, MySql, Sqlite] {
                assert_eq!(parameters(text, dialect), found, "{text} in {dialect:?}");
            }
        }
    }

    #[test]
    fn each_dialect_has_its_own_quotes_and_comments() {
        for (text, dialect, found) in [
            (r"select '\', :a, E'\' :b', e'''\\', :c", Postgres, &[":a", ":c"][..]),
            ("select xs[1:2], xs[:low : :high]", Postgres, &[":low", ":high"]),
            (r"select 'it\'s :a', '\\', :b", MySql, &[":b"]),
            (r#"select "\" :a", :b"#, MySql, &[":b"]),
            (r"select '\', :a", Sqlite, &[":a"]),
            ("select $$ :a $$, $t$ $$ :b $t$, a$b$c, :c", Postgres, &[":c"]),
            ("select /* /* :a */ :b */ :c", Postgres, &[":c"]),
            ("select /* /* :a */ :b", MySql, &[":b"]),
            ("select /* /* :a */ :b", Sqlite, &[":b"]),
            ("select `:a`, [:b], :c", Sqlite, &[":c"]),
            ("select `:a`, :b # :c\n, :d", MySql, &[":b", ":d"]),
            ("select 1--:a\n, :b -- :c", MySql, &[":a", ":b"]),
            ("select 1--:a\n, :b", Postgres, &[":b"]),
            ("select /*! :a */ /* :b */ 1", MySql, &[":a"]),
            ("select data ? 'a', data @> :b, data #> '{a}' || :c", Postgres, &[":b", ":c"]),
        ] {
            assert_eq!(parameters(text, dialect), found, "{text} in {dialect:?}");
        }
    }

    #[test]
    fn parameters_without_a_name_are_told_apart() {
        let positional = |text, dialect| {
            let parts = sql_parts(text, dialect);
            parts.iter().filter(|(_, part)| *part == SqlPart::Positional).count()
        };
        assert_eq!(positional("select $1, ?, $a$ $2 $a$, '$3'", Postgres), 2);
        assert_eq!(positional("select ?, ?12, @a, $b, '@c'", Sqlite), 4);
        assert_eq!(positional("select ?, @a, '?'", MySql), 1);
    }
}
