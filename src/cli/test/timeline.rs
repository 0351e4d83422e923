use crate::testing::{Row, Timeline};
use crate::value::Duration;

/// How many rows are shown before and after those that are only counted.
const FIRST: usize = 28;
const LAST: usize = 8;

/// What a line may hold, its indent apart.
const WIDTH: usize = 98;
const WIDEST_PATH: usize = 36;

/// A time in milliseconds as the language writes it.
pub(super) fn time(millis: u64) -> String {
    let duration = Duration::from_nanos(i128::from(millis) * 1_000_000).unwrap_or(Duration::ZERO);
    duration.print().to_string()
}

/// A run as a table, one line for each node: when it started, what it is, how it ended, how long it took.
pub(super) fn lines(timeline: &Timeline) -> Vec<String> {
    let rows = &timeline.rows;
    if timeline.status.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("the run: {} after {}", timeline.status, time(timeline.took))];
    let columns = Columns::of(rows);
    if rows.len() <= FIRST + LAST + 1 {
        lines.extend(rows.iter().map(|row| columns.line(row)));
    } else {
        let (first, rest) = rows.split_at(FIRST);
        let (between, last) = rest.split_at(rest.len() - LAST);
        let failed = between.iter().filter(|row| row.error.is_some()).count();
        lines.extend(first.iter().map(|row| columns.line(row)));
        lines.push(format!("  ... {} more, {failed} of them failed ...", between.len()));
        lines.extend(last.iter().map(|row| columns.line(row)));
    }
    if !timeline.skipped.is_empty() {
        let names: Vec<&str> = timeline.skipped.iter().map(AsRef::as_ref).collect();
        lines.push(cut(&format!("  skipped: {}", names.join(", ")), WIDTH));
    }
    lines
}

/// How wide the columns of a table are.
struct Columns {
    at: usize,
    path: usize,
}

impl Columns {
    fn of(rows: &[Row]) -> Self {
        let widest = |width: fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or(0);
        Self {
            at: widest(|row| time(row.at).len()),
            path: widest(|row| row.path.chars().count()).min(WIDEST_PATH),
        }
    }

    fn line(&self, row: &Row) -> String {
        let (at, path) = (time(row.at), cut(&row.path, self.path));
        let mut line = format!(
            "  {at:>at_width$}  {path:path_width$}  {:9}",
            row.status.word(),
            at_width = self.at,
            path_width = self.path
        );
        if let Some(took) = row.took.filter(|took| *took > 0) {
            line.push_str(&format!("  took {}", time(took)));
        }
        if row.attempts > 1 {
            line.push_str(&format!("  {} attempts", row.attempts));
        }
        if let Some((error, message)) = &row.error {
            line.push_str(&format!("  {error}: {message}"));
        }
        cut(line.trim_end(), WIDTH)
    }
}

/// A text of at most so many characters.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use super::{Row, Timeline, WIDTH, lines};
    use crate::driver::sim::NodeStatus;

    fn row(number: u64) -> Row {
        Row {
            at: number * 1_000,
            took: Some(90_500),
            path: format!("pages[{number}].a_name_that_is_very_long_indeed_for_a_node").into(),
            status: NodeStatus::Failed,
            attempts: 3,
            error: Some(("HttpServerError".into(), "x".repeat(200).into())),
        }
    }

    #[test]
    fn a_long_run_fits_a_screen() {
        let rows = (0..1_000).map(row).collect();
        let timeline =
            Timeline { status: "failed".into(), took: 5, rows, skipped: vec!["z".repeat(300).into()] };
        let lines = lines(&timeline);
        assert!(lines.len() <= 40, "{} lines", lines.len());
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("964 more, 964 of them failed")), "{lines:#?}");
    }
}
