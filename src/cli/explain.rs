use std::io::Write;
use std::process::ExitCode;

use super::failure::Failure;
use crate::diagnostic::{explain, nearest};

/// `citadel explain [CODE]`
pub(super) fn explain(code: Option<&str>) -> Result<ExitCode, Failure> {
    let text = match code {
        Some(code) => plain(page(code)?),
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

/// A page as it is read in a terminal: no mark before its heading, blocks indented in place of fences.
fn plain(page: &str) -> String {
    let mut text = String::new();
    let mut in_block = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let (indent, line) = if in_block { ("    ", line) } else { ("", line.trim_start_matches("# ")) };
        text.push_str(format!("{indent}{line}").trim_end());
        text.push('\n');
    }
    text
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

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_page_is_plain_text() {
        let page = "# some_code\n\nWhat it is.\n\n```citadel\nconst a = 1\n\n# kept\n```\n\nWhat to do.\n";
        let text = "some_code\n\nWhat it is.\n\n    const a = 1\n\n    # kept\n\nWhat to do.\n";
        assert_eq!(plain(page), text);
    }
}
