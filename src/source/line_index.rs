/// A place as people count: both from 1, columns in Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where each line of a text begins. Lines end in LF or CRLF.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the text once.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let newlines = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        Self { starts: std::iter::once(0).chain(newlines).collect() }
    }

    /// The line and column of a byte offset in the text that the index was made of.
    #[must_use]
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1] as usize;
        let before = text.get(start..offset as usize).unwrap_or("");
        LineColumn { line, column: before.chars().count() as u32 + 1 }
    }

    /// The line, from 1, that holds a byte offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        // `starts` begins with 0, so at least one start is at or before any offset.
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The byte range of a line (from 1), its line end included; `None` beyond the last.
    #[must_use]
    pub fn line_range(&self, text: &str, line: u32) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line.checked_sub(1)? as usize)? as usize;
        let end = self.starts.get(line as usize).map_or(text.len(), |next| *next as usize);
        Some(start..end)
    }
}
