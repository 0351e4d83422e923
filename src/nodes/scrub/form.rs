//! The forms in which a secret travels and comes back: as it is, and as what programs make of it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use url::Url;

use crate::nodes::login::decoded;

/// What the encoders in use leave as it is beside letters and digits: RFC 3986, forms, `encodeURIComponent`,
/// `encodeURI`, Python's `quote`, and pieces of paths, paths and queries of the URL Standard.
const UNESCAPED: [&[u8]; 9] = [
    b"-._~",
    b"*-._",
    b"-_.!~*'()",
    b"-_.!~*'();/?:@&=+$,#",
    b"-._~/",
    b"!$&'()*+,-.:;=@[\\]_|~",
    b"!$&'()*+,-.:;=@[\\]^_|~",
    b"!$%&'()*+,-./:;=@[\\]_|~",
    b"!$%&()*+,-./:;=?@[\\]^_`{|}~",
];

/// How long a piece of an address is, in bytes, that is taken for a proof and not for a name.
const LONG_PIECE: usize = 16;

/// The fewest digits of base64 that are looked for in the midst of others: fewer are often there by chance.
const FEWEST_DIGITS: usize = 6;

/// All forms of a value and of the parts of it that are as secret; none where it is empty.
pub(super) fn forms(value: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    // A value whose spaces or line end somebody took away is as secret.
    let mut values = BTreeSet::from([value.to_owned(), value.trim().to_owned()]);
    values.extend(parts(value.trim()));
    for value in &values {
        forms.insert(value.clone());
        add_base64(&mut forms, value);
        add_percent(&mut forms, value);
        add_json(&mut forms, value);
        add_html(&mut forms, value);
        add_hex(&mut forms, value);
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// What travels alone of a value: of an address its password and, of one of the web, the long pieces of its path and its
/// query, which prove who calls; of the key of a signature what stands behind its prefix.
fn parts(value: &str) -> BTreeSet<String> {
    let mut parts: BTreeSet<String> = value.strip_prefix("whsec_").map(str::to_owned).into_iter().collect();
    let Some(url) = Url::parse(value).ok().filter(Url::has_host) else { return parts };
    if let Some(password) = url.password() {
        parts.extend([password.to_owned(), decoded(password)]);
    }
    if ["http", "https"].contains(&url.scheme()) {
        let pieces = url.path_segments().into_iter().flatten();
        let values = url.query().unwrap_or_default().split(['&', '=']);
        for piece in pieces.chain(values).filter(|piece| piece.len() >= LONG_PIECE) {
            parts.extend([piece.to_owned(), decoded(piece)]);
        }
        let whole = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        parts.extend([whole].into_iter().filter(|whole| whole.len() >= LONG_PIECE));
    }
    parts
}

fn add_base64(forms: &mut BTreeSet<String>, value: &str) {
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.insert(engine.encode(value));
    }
    // OAuth 2.0 encodes identifiers and secrets as in forms before it makes a pair of them.
    for value in [value, &percent_encoded(value, UNESCAPED[1]).replace("%20", "+")] {
        forms.extend(inner_base64(&STANDARD_NO_PAD, value));
        forms.extend(inner_base64(&URL_SAFE_NO_PAD, value));
    }
}

/// What a value's bytes come to inside of a longer text in base64, such as `user:secret`, at each of the three places
/// where they may begin: without the digits that also depend on what stands beside it.
fn inner_base64(engine: &impl base64::Engine, value: &str) -> impl Iterator<Item = String> {
    (0..3).filter_map(move |before| {
        let mut bytes = vec![0; before];
        bytes.extend(value.as_bytes());
        let digits = engine.encode(&bytes);
        let own = digits.get((before * 8).div_ceil(6)..bytes.len() * 8 / 6)?;
        (own.len() >= FEWEST_DIGITS).then(|| own.to_owned())
    })
}

fn add_percent(forms: &mut BTreeSet<String>, value: &str) {
    for unescaped in UNESCAPED {
        let upper = percent_encoded(value, unescaped);
        let lower = lower_escapes(&upper);
        forms.insert(upper.replace("%20", "+"));
        forms.insert(lower.replace("%20", "+"));
        forms.extend([upper, lower]);
    }
}

fn percent_encoded(value: &str, unescaped: &[u8]) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || unescaped.contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn lower_escapes(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

fn add_json(forms: &mut BTreeSet<String>, value: &str) {
    let nothing: fn(char) -> bool = |_| false;
    let beyond_ascii: fn(char) -> bool = |c| !c.is_ascii();
    let of_markup: fn(char) -> bool = |c| matches!(c, '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}');
    for is_escaped in [nothing, beyond_ascii, of_markup] {
        for is_upper in [false, true] {
            let form = json_escaped(value, is_escaped, is_upper);
            forms.insert(form.replace('/', "\\/"));
            forms.insert(form);
        }
    }
}

fn json_escaped(value: &str, is_escaped: fn(char) -> bool, is_upper: bool) -> String {
    let mut text = String::new();
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if u32::from(c) < 0x20 || is_escaped(c) => push_units(&mut text, c, is_upper),
            c => text.push(c),
        }
    }
    text
}

fn push_units(text: &mut String, c: char, is_upper: bool) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        text.push_str(&if is_upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
    }
}

fn add_hex(forms: &mut BTreeSet<String>, value: &str) {
    if value.len() * 2 >= FEWEST_DIGITS {
        let digits = value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        forms.insert(digits.to_ascii_uppercase());
        forms.insert(digits);
    }
}

fn add_html(forms: &mut BTreeSet<String>, value: &str) {
    let form = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = form.replace('"', "&quot;");
    for apostrophe in ["'", "&#39;", "&#x27;"] {
        forms.insert(quoted.replace('\'', apostrophe));
    }
    forms.insert(form);
}
