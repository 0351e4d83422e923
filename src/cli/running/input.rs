use std::io::Read;
use std::path::Path;

use serde_json::Value as Json;

use crate::cli::failure::Failure;

/// The largest input that is read, in bytes; what is larger is refused when it is decoded.
const MOST: u64 = 16 << 20;

/// JSON as an argument gives it: itself, or `@` and the file that holds it. `what` is what it is.
pub(in crate::cli) fn json(argument: &str, what: &str) -> Result<Json, Failure> {
    let text = match argument.strip_prefix('@') {
        None => argument.to_owned(),
        Some("-") => read(std::io::stdin().lock(), Path::new("standard input"))?,
        Some(path) => {
            let path = Path::new(path);
            if path.is_dir() {
                return Err(Failure::Usage(format!("{} is a folder", path.display())));
            }
            let file = std::fs::OpenOptions::new().read(true).open(path).map_err(Failure::io(path))?;
            read(file, path)?
        }
    };
    serde_json::from_str(&text).map_err(|error| {
        let reason = error.to_string();
        Failure::Usage(format!("{what} is not JSON: {reason}"))
    })
}

fn read(from: impl Read, path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes).map_err(Failure::io(path))?;
    if bytes.len() as u64 > MOST {
        return Err(Failure::Usage(format!("{} is larger than 16 MiB", path.display())));
    }
    String::from_utf8(bytes).map_err(|_| Failure::Usage(format!("{} is not UTF-8", path.display())))
}
