//! JUnit's XML, which build servers read. Its schema is that of Jenkins' JUnit plugin: suites of cases, a failure in a
//! case that failed, times in seconds.

use std::fmt::Write as _;

use super::command::Ran;
use super::timeline::lines;

/// All tests, those of each file as a suite. Times are those of the clock; virtual ones would add up to years.
pub(super) fn document(ran: &[Ran<'_>]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"citadel\" {}>", counts(ran));
    for suite in ran.chunk_by(|a, b| a.file() == b.file()) {
        let name = suite.first().map(Ran::file).unwrap_or_default();
        let _ = writeln!(text, "  <testsuite name=\"{}\" {}>", text_of(&name), counts(suite));
        suite.iter().for_each(|ran| case(&mut text, ran));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts(ran: &[Ran<'_>]) -> String {
    let failed = ran.iter().filter(|ran| !ran.verdict.passed()).count();
    let seconds: f64 = ran.iter().map(|ran| ran.elapsed.as_secs_f64()).sum();
    format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"{seconds:.6}\"", ran.len())
}

fn case(text: &mut String, ran: &Ran<'_>) {
    let (name, file) = (text_of(&ran.test.name), text_of(&ran.file()));
    let seconds = ran.elapsed.as_secs_f64();
    let head = format!("    <testcase name=\"{name}\" classname=\"{file}\" time=\"{seconds:.6}\"");
    let Some(first) = ran.verdict.findings.first() else {
        let _ = writeln!(text, "{head}/>");
        return;
    };
    let findings = ran
        .verdict
        .findings
        .iter()
        .chain(&ran.verdict.failure)
        .chain(&ran.verdict.notes)
        .map(|it| ran.renderer.line(it));
    let body: Vec<String> = findings.chain(lines(&ran.verdict.timeline)).collect();
    let (message, code) = (text_of(&first.message), text_of(&first.code));
    let _ = writeln!(text, "{head}>");
    let _ = writeln!(text, "      <failure message=\"{message}\" type=\"{code}\">");
    let _ = writeln!(text, "{}", text_of(&body.join("\n")));
    text.push_str("      </failure>\n    </testcase>\n");
}

/// A text as XML 1.0 holds it: its special characters escaped, those that it can't hold left out.
fn text_of(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\n' | '\t' => safe.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(
            text_of("a<b> & \"c\"\u{0}\u{1b}[31m\u{ffff}\n'"),
            "a&lt;b&gt; &amp; &quot;c&quot;[31m\n&apos;"
        );
    }
}
