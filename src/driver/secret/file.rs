use std::io::Read;
use std::path::Path;

/// The largest secret, in bytes.
pub(super) const MAX_SECRET: usize = 64 << 10;

/// The text of a file, without the line ends at its end.
///
/// # Errors
/// Why not, in a few words.
pub(in crate::driver) fn read(path: &Path) -> Result<String, String> {
    let text = text(bytes(path, MAX_SECRET)?)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The bytes of a file, of which there are at most so many. A pipe or a device may never end, so only a file is read.
pub(super) fn bytes(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    if !file.metadata().map_err(|error| error.to_string())?.is_file() {
        return Err("it is no file".to_owned());
    }
    whole(file, most)
}

/// All that there is to read, of which there are at most so many bytes.
pub(super) fn whole(from: impl Read, most: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > most { Err(format!("it is larger than {most} bytes")) } else { Ok(bytes) }
}

/// Bytes as text; what is none is not shown.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}
