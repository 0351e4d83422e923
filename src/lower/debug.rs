use super::once::Once;
use crate::plan::{Place, SourceFile};
use crate::source::{FileId, Sources, Span};

/// The files that a plan came from, in the order in which its parts are met.
pub(super) struct Files<'a> {
    sources: &'a Sources,
    files: Once<FileId, SourceFile>,
}

impl<'a> Files<'a> {
    /// None yet.
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, files: Once::default() }
    }

    /// The place of a span.
    pub(super) fn place(&mut self, span: Span) -> Place {
        let file = self.files.place(span.file, || {
            let source = self.sources.get(span.file);
            SourceFile { path: source.path.display().to_string(), text: source.text.to_string() }
        });
        Place(file as u32, span.start, span.end)
    }

    /// The files that were met.
    pub(super) fn finish(self) -> Vec<SourceFile> {
        self.files.finish()
    }
}
