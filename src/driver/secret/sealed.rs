use std::io::{BufReader, Read};
use std::path::Path;

use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor, Identity, IdentityFile};

use super::file::{MAX_SECRET, bytes, text, whole};

/// The largest encrypted file, and the largest file of identities, in bytes.
const MAX_FILE: usize = 1 << 20;

/// The text of a file that is encrypted with age, as text or in binary, without the line ends at its end.
///
/// # Errors
/// Why not, in a few words.
pub(in crate::driver) fn open(path: &Path, identity: Option<&Path>) -> Result<String, String> {
    let sealed = bytes(path, MAX_FILE)?;
    let identities = identities(identity)?;
    let decryptor = Decryptor::new_buffered(BufReader::new(ArmoredReader::new(sealed.as_slice())));
    let decryptor = decryptor.map_err(|error| reason(&error))?;
    if decryptor.is_scrypt() {
        return Err("it is encrypted with a passphrase, which nobody is there to type".to_owned());
    }
    let identities = identities.iter().map(|identity| identity.as_ref() as &dyn Identity);
    let opened = decryptor.decrypt(identities).map_err(|error| reason(&error))?;
    let text = text(plain(opened)?)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A part that was changed is found while it is read.
fn plain(opened: impl Read) -> Result<Vec<u8>, String> {
    whole(opened, MAX_SECRET)
}

fn identities(path: Option<&Path>) -> Result<Vec<Box<dyn Identity + Send + Sync>>, String> {
    let Some(path) = path else {
        return Err("no identity opens it: set CITADEL_AGE_IDENTITY to the file of one".to_owned());
    };
    let unreadable = |reason: String| format!("the identity {} can't be read: {reason}", path.display());
    let text = bytes(path, MAX_FILE).map_err(unreadable)?;
    let file = IdentityFile::from_buffer(text.as_slice());
    let file = file.map_err(|_| unreadable("it is no file of age identities".to_owned()))?;
    let all = file.into_identities().map_err(|error| unreadable(reason(&error)))?;
    if all.is_empty() { Err(unreadable("there is none in it".to_owned())) } else { Ok(all) }
}

fn reason(error: &DecryptError) -> String {
    match error {
        DecryptError::NoMatchingKeys => "the identity doesn't open it".to_owned(),
        DecryptError::Io(_) | DecryptError::InvalidHeader => "it is not encrypted with age".to_owned(),
        DecryptError::UnknownFormat => "it is encrypted with a newer version of age".to_owned(),
        _ => "it was changed after it was encrypted".to_owned(),
    }
}
