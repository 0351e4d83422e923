use url::Url;

/// Who logs in with what, as an address such as `smtp://user:password@host` says it, decoded.
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

impl Login {
    /// That of an address; none where it names no user.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let password = url.password().unwrap_or_default();
        (!url.username().is_empty())
            .then(|| Self { user: decoded(url.username()), password: decoded(password) })
    }
}

/// A text whose percent-encoded bytes are what they stand for (RFC 3986, section 2.1).
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('%') {
        bytes.extend(plain.bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend(rest.bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn encoded_bytes_are_what_they_stand_for() {
        assert_eq!(decoded("a%40b%2Fc%3a%25"), "a@b/c:%");
        assert_eq!(decoded("%C3%A4+%zz%4"), "ä+%zz%4");
        assert_eq!(decoded("%FF"), "%FF");
    }
}
