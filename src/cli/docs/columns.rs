use std::io::IsTerminal;

use crate::cli::terminal;

/// A column that isn't the last is no wider than this, unless one of its cells is; the rest of such a row goes on
/// below.
const WIDEST: usize = 24;
/// On less than this the last column stands below the others.
const NARROW: usize = 64;
/// So far the last column is set in where it stands below.
const SET_IN: usize = 6;

/// What a text is printed on.
pub(super) struct Paper {
    width: usize,
    colour: bool,
}

impl Paper {
    /// An output.
    pub(super) fn of(output: &dyn IsTerminal) -> Self {
        Self { width: terminal::width(output), colour: terminal::colour(output) }
    }

    /// A heading.
    pub(super) fn heading(&self, text: &str) -> String {
        let lines = wrapped(text, self.width);
        lines.iter().map(|line| format!("{}\n", self.painted("1", line))).collect()
    }

    /// A paragraph, with the breaks that it needs.
    pub(super) fn paragraph(&self, indent: &str, text: &str) -> String {
        let lines = wrapped(text, self.width.saturating_sub(indent.len()));
        lines.iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    /// Rows of cells in columns.
    pub(super) fn table(&self, indent: &str, rows: &[Vec<String>]) -> String {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let lengths = rows.iter().filter_map(|row| row.get(column)).map(|cell| length(cell));
            lengths.filter(|length| *length <= WIDEST).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns.saturating_sub(1)).map(width).collect();
        rows.iter().map(|row| self.row(indent, row, &widths)).collect()
    }

    fn row(&self, indent: &str, row: &[String], widths: &[usize]) -> String {
        let mut line = Line { paper: self, text: String::new(), at: 0 };
        line.go_to(indent.len());
        for (at, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let is_last = at > 0 && at == widths.len();
            let stands_below = is_last && self.width < NARROW;
            let column = if stands_below { SET_IN } else { indent.len() + start(widths, at) };
            if stands_below || (at > 0 && line.at + 2 > column) {
                line.break_off();
            }
            line.go_to(column);
            line.write(cell, column, at == 0);
        }
        line.text.push('\n');
        line.text
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Where a column begins.
fn start(widths: &[usize], column: usize) -> usize {
    widths.iter().take(column).map(|width| width + 2).sum()
}

/// A row as it grows.
struct Line<'a> {
    paper: &'a Paper,
    text: String,
    /// The column behind what is written.
    at: usize,
}

impl Line<'_> {
    fn break_off(&mut self) {
        self.text.push('\n');
        self.at = 0;
    }

    fn go_to(&mut self, column: usize) {
        self.text.push_str(&" ".repeat(column.saturating_sub(self.at)));
        self.at = self.at.max(column);
    }

    /// Writes a cell, whose further lines begin at its column too.
    fn write(&mut self, cell: &str, column: usize, is_name: bool) {
        for (number, part) in wrapped(cell, self.paper.width.saturating_sub(column)).iter().enumerate() {
            if number > 0 {
                self.break_off();
                self.go_to(column);
            }
            self.text.push_str(&if is_name { self.paper.painted("36", part) } else { part.clone() });
            self.at += length(part);
        }
    }
}

/// A text in lines of at most so many characters, broken at spaces; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::Paper;

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        vec![
            row(["url*", "string", "The address of it."]),
            row(["a", "a rather long type of a field", "Short."]),
        ]
    }

    #[test]
    fn columns_stand_below_each_other_and_the_last_is_broken() {
        let paper = Paper { width: 64, colour: false };
        let long = vec![vec!["a".to_owned(), "b".to_owned(), "word ".repeat(14)]];
        let words = ["word"; 11].join(" ");
        assert_eq!(paper.table("  ", &long), format!("  a  b  {words}\n        word word word\n"));
        let table = "  url*  string  The address of it.\n  a     a rather long type of a field\n                Short.\n";
        assert_eq!(paper.table("  ", &rows()), table);
    }

    #[test]
    fn a_narrow_terminal_has_the_last_column_below() {
        let paper = Paper { width: 20, colour: false };
        let table = paper.table("", &rows()[..1]);
        assert_eq!(table, "url*  string\n      The address of\n      it.\n");
    }

    #[test]
    fn colours_do_not_count_as_characters() {
        let (plain, coloured) = (Paper { width: 80, colour: false }, Paper { width: 80, colour: true });
        let text = coloured.table("", &rows());
        assert!(text.starts_with("\u{1b}[36murl*\u{1b}[0m  string"), "{text:?}");
        assert_eq!(text.replace("\u{1b}[36m", "").replace("\u{1b}[0m", ""), plain.table("", &rows()));
    }
}
