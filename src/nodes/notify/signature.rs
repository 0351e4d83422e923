use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::failure::unfit;
use crate::nodes::NodeError;

/// What a key begins with.
const PREFIX: &str = "whsec_";

/// The keys of a webhook's signatures: one, or while it is changed the new and the old one, with a space between them.
pub(super) struct Keys(Vec<Vec<u8>>);

impl Keys {
    /// Reads `whsec_` with base64 behind it, as Standard Webhooks 1.0 writes symmetric keys; the prefix may be missing.
    pub(super) fn read(text: &str) -> Result<Self, NodeError> {
        let key = |word: &str| STANDARD.decode(word.strip_prefix(PREFIX).unwrap_or(word));
        let keys: Result<Vec<Vec<u8>>, _> = text.split_whitespace().map(key).collect();
        match keys {
            Ok(keys) if !keys.is_empty() && keys.iter().all(|key| !key.is_empty()) => Ok(Self(keys)),
            _ => Err(unfit("the key of `sign_with` is not `whsec_` with base64 behind it")),
        }
    }

    /// `v1,` with the HMAC-SHA256 of id, time in seconds and body, for each key.
    pub(super) fn sign(&self, id: &str, time: i64, body: &[u8]) -> String {
        let signature = |key: &Vec<u8>| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of HMAC is of any length");
            mac.update(format!("{id}.{time}.").as_bytes());
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        };
        self.0.iter().map(signature).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    /// The published example of the scheme.
    #[test]
    fn the_published_example_has_its_signature() {
        let keys = Keys::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let signed = keys.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_keys_make_two_signatures() {
        let both = Keys::read("whsec_b25l dHdv").expect("keys").sign("id", 1, b"{}");
        let each = ["b25l", "whsec_dHdv"].map(|key| Keys::read(key).expect("a key").sign("id", 1, b"{}"));
        assert_eq!(both, each.join(" "));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        for text in ["", " ", "whsec_", "hunter2!", "whsec_hunter2"] {
            let error = Keys::read(text).err().expect("it is refused");
            assert!(error.before_effect && !format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
