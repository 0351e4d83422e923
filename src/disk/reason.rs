use std::io::ErrorKind;

/// What a system says of a file, in the manner of other messages.
#[must_use]
pub fn reason(error: &std::io::Error) -> String {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        return "there is no such file or folder".to_owned();
    }
    let said = error.to_string();
    said.split_once(" (os error").map_or(said.as_str(), |(said, _)| said).to_lowercase()
}
