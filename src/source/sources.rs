use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::{FileId, LineColumn, LineIndex, Span};

/// The largest source file, in bytes.
pub const MAX_FILE_SIZE: usize = 16 * 1024 * 1024;

/// One file: its text, what it is called in messages, and its lines.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its number.
    pub id: FileId,
    /// The path as messages show it.
    pub path: PathBuf,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: LineIndex,
}

/// Why bytes are not a source text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// Over [`MAX_FILE_SIZE`].
    #[error("it has more than the 16 MiB that a file may have")]
    TooLarge,
    /// Not UTF-8.
    #[error("it is no UTF-8 text: byte {offset} can't be decoded")]
    NotUtf8 {
        /// First byte that doesn't decode.
        offset: usize,
    },
}

/// All files of one compilation.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file; limits and encoding are checked here, before anything looks at the text.
    ///
    /// # Errors
    /// When the bytes are too many or no UTF-8.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<FileId, SourceError> {
        Ok(self.add_text(path, Self::decode(bytes)?))
    }

    /// The text of a file's bytes, without a byte order mark.
    ///
    /// # Errors
    /// When the bytes are too many or no UTF-8.
    pub fn decode(bytes: &[u8]) -> Result<&str, SourceError> {
        if bytes.len() > MAX_FILE_SIZE {
            return Err(SourceError::TooLarge);
        }
        let text =
            std::str::from_utf8(bytes).map_err(|e| SourceError::NotUtf8 { offset: e.valid_up_to() })?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Adds a text that is known to be one.
    pub fn add_text(&mut self, path: &Path, text: &str) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(Source { id, path: path.to_owned(), text: text.into(), lines: LineIndex::new(text) });
        id
    }

    /// The file of an id that this table gave out.
    #[must_use]
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// All files, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// The text that a span covers; empty where the span is not of its file.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or("")
    }

    /// Where a span starts, as people count.
    #[must_use]
    pub fn start(&self, span: Span) -> LineColumn {
        let source = self.get(span.file);
        source.lines.line_column(&source.text, span.start)
    }

    /// Where a span ends, as people count.
    #[must_use]
    pub fn end(&self, span: Span) -> LineColumn {
        let source = self.get(span.file);
        source.lines.line_column(&source.text, span.end)
    }
}
