use std::io::Write;
use std::process::ExitCode;

use super::failure::Failure;
use crate::diagnostic::{explain, nearest};

/// `citadel explain [CODE]`
pub(super) fn explain(code: Option<&str>) -> Result<ExitCode, Failure> {
    let text = match code {
        Some(code) => page(code)?.to_owned(),
        None => list(),
    };
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn page(code: &str) -> Result<&'static str, Failure> {
    explain::page(code).ok_or_else(|| {
        Failure::Usage(match nearest(code, explain::codes()) {
            Some(near) => format!("there is no finding `{code}`: did you mean `{near}`?"),
            None => format!("there is no finding `{code}`; `citadel explain` lists all codes"),
        })
    })
}

/// Each code with the first sentence of its page.
fn list() -> String {
    let width = explain::codes().map(str::len).max().unwrap_or(0);
    explain::codes()
        .map(|code| format!("{code:width$}  {}\n", explain::page(code).map_or("", first_sentence)))
        .collect()
}

fn first_sentence(page: &str) -> &str {
    let text = page.lines().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or("");
    text.split_once(". ").map_or(text, |(sentence, _)| sentence).trim_end_matches('.')
}
