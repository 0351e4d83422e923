use super::class;
use super::compile::PatternError;

/// The most that a repetition may count to.
const MAX_COUNT: u32 = 1000;

/// The pattern of the `regex` crate that finds what `pattern` finds as RE2 reads it.
pub(super) fn translate(pattern: &str) -> Result<String, PatternError> {
    let mut translation = Translation { rest: pattern, out: String::with_capacity(pattern.len()) };
    let mut was_repeated = false;
    while let Some(sign) = translation.next() {
        let is_repeated = translation.repetition(sign)?;
        if is_repeated && was_repeated {
            return Err(PatternError::Repetition);
        }
        if !is_repeated {
            translation.piece(sign)?;
        }
        was_repeated = is_repeated;
    }
    Ok(translation.out)
}

/// What is still to be read, and what was written for what was.
pub(super) struct Translation<'p> {
    pub(super) rest: &'p str,
    pub(super) out: String,
}

impl Translation<'_> {
    pub(super) fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let sign = chars.next();
        self.rest = chars.as_str();
        sign
    }

    /// Reads `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Writes a character that stands for itself, inside and outside of classes.
    pub(super) fn literal(&mut self, character: char) {
        if character.is_ascii() && !character.is_ascii_alphanumeric() {
            self.out.push_str(&format!("\\x{:02X}", u32::from(character)));
        } else {
            self.out.push(character);
        }
    }

    /// `*`, `+`, `?` or `{2,3}`, each lazy with another `?`. A brace that doesn't count stands for itself.
    fn repetition(&mut self, sign: char) -> Result<bool, PatternError> {
        let before = self.rest;
        match sign {
            '*' | '+' | '?' => {}
            '{' => match counts(self.rest) {
                Some((fewest, most, rest)) if fewest <= most && most <= MAX_COUNT => self.rest = rest,
                Some(_) => return Err(PatternError::Count),
                None => return Ok(false),
            },
            _ => return Ok(false),
        }
        self.take("?");
        self.out.push(sign);
        self.out.push_str(&before[..before.len() - self.rest.len()]);
        Ok(true)
    }

    fn piece(&mut self, sign: char) -> Result<(), PatternError> {
        match sign {
            '\\' => self.escape()?,
            '[' => class::translate(self)?,
            '(' => self.group()?,
            ')' | '|' | '^' | '$' | '.' => self.out.push(sign),
            other => self.literal(other),
        }
        Ok(())
    }

    /// What stands behind an opening bracket: nothing, a name, or flags.
    fn group(&mut self) -> Result<(), PatternError> {
        self.out.push('(');
        if !self.rest.starts_with('?') {
            return Ok(());
        }
        let is_named = self.rest.starts_with("?P<") || self.rest.starts_with("?<");
        let closers: &[char] = if is_named { &['>'] } else { &[':', ')'] };
        let end = self.rest.find(closers).ok_or(PatternError::Group)?;
        let (head, rest) = self.rest.split_at(end + 1);
        let is_flag = |letter: char| matches!(letter, 'i' | 'm' | 's' | 'U' | '-');
        if !is_named && !head[1..end].chars().all(is_flag) {
            return Err(PatternError::Group);
        }
        self.out.push_str(head);
        self.rest = rest;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), PatternError> {
        match self.rest.chars().next() {
            Some(sign @ ('b' | 'B')) => {
                self.next();
                self.out.push_str(&format!("(?-u:\\{sign})"));
            }
            Some(sign @ ('A' | 'z')) => {
                self.next();
                self.out.push_str(&format!("\\{sign}"));
            }
            Some('Q') => self.quoted(),
            _ if self.escaped_class() => {}
            _ => {
                let character = self.escaped_character()?;
                self.literal(character);
            }
        }
        Ok(())
    }

    /// `\Qa.b\E`; the end of the pattern ends it, too.
    fn quoted(&mut self) {
        let text = &self.rest[1..];
        let (quoted, rest) = text.split_once("\\E").unwrap_or((text, ""));
        quoted.chars().for_each(|character| self.literal(character));
        self.rest = rest;
    }

    /// `\d` and its like, of ASCII, and `\pL`, `\p{Greek}`; whether that is what comes next.
    pub(super) fn escaped_class(&mut self) -> bool {
        let Some(letter) = self.rest.chars().next() else { return false };
        if matches!(letter, 'p' | 'P') {
            let whole = self.rest;
            self.rest = &whole[1..];
            if self.next() == Some('{') {
                self.rest = self.rest.split_once('}').map_or("", |(_, rest)| rest);
            }
            self.out.push('\\');
            self.out.push_str(&whole[..whole.len() - self.rest.len()]);
            return true;
        }
        let members = match letter.to_ascii_lowercase() {
            'd' => "0-9",
            'w' => "0-9A-Za-z_",
            's' => "\\t\\n\\x0C\\r\\x20",
            _ => return false,
        };
        self.next();
        let not = if letter.is_ascii_uppercase() { "^" } else { "" };
        self.out.push_str(&format!("[{not}{members}]"));
        true
    }

    /// The character that a backslash and what follows it stand for.
    pub(super) fn escaped_character(&mut self) -> Result<char, PatternError> {
        let sign = self.next();
        let wrong = || PatternError::Escape(sign.map(String::from).unwrap_or_default());
        let character = match sign.ok_or_else(wrong)? {
            'a' => Some('\u{7}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            'x' => self.hexadecimal(),
            first @ '0'..='7' => self.octal(first),
            other => (other.is_ascii() && !other.is_ascii_alphanumeric()).then_some(other),
        };
        character.ok_or_else(wrong)
    }

    /// `\x7F`, `\x{10FFFF}`
    fn hexadecimal(&mut self) -> Option<char> {
        let (digits, rest) = match self.rest.strip_prefix('{') {
            Some(rest) => rest.split_once('}')?,
            None => self.rest.split_at_checked(2)?,
        };
        self.rest = rest;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| is_number).and_then(char::from_u32)
    }

    /// `\012`, `\141`; a single digit but 0 would be a reference to a group, which there isn't.
    fn octal(&mut self, first: char) -> Option<char> {
        let digits = self.rest.bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        if first != '0' && digits == 0 {
            return None;
        }
        let (rest_of_number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        u32::from_str_radix(&format!("{first}{rest_of_number}"), 8).ok().and_then(char::from_u32)
    }
}

/// The fewest, the most, and what follows, of `2}`, `2,}` or `2,3}`.
fn counts(text: &str) -> Option<(u32, u32, &str)> {
    let (inside, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != ',')?);
    let rest = rest.strip_prefix('}')?;
    let (fewest, most) = match inside.split_once(',') {
        None => (count(inside)?, count(inside)?),
        Some((fewest, "")) => (count(fewest)?, MAX_COUNT.max(count(fewest)?)),
        Some((fewest, most)) => (count(fewest)?, count(most)?),
    };
    Some((fewest, most, rest))
}

/// A number without a zero in front.
fn count(digits: &str) -> Option<u32> {
    let is_plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    if digits.is_empty() || !is_plain { None } else { Some(digits.parse().unwrap_or(u32::MAX)) }
}
