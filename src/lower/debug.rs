use super::once::Once;
use crate::plan::{Place, SourceFile};
use crate::source::{FileId, Sources, Span};

/// The files that a plan came from, in the order in which its parts are met.
pub(super) struct Files<'a> {
    sources: &'a Sources,
    files: Once<FileId, SourceFile>,
    ids: Vec<FileId>,
}

impl<'a> Files<'a> {
    /// None yet.
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, files: Once::default(), ids: Vec::new() }
    }

    /// The place of a span.
    pub(super) fn place(&mut self, span: Span) -> Place {
        let Self { sources, files, ids } = self;
        let file = files.place(span.file, || {
            let source = sources.get(span.file);
            ids.push(span.file);
            SourceFile { path: source.path.display().to_string(), text: source.text.to_string() }
        });
        Place(file as u32, span.start, span.end)
    }

    /// The files that were met, and their ids.
    pub(super) fn finish(self) -> (Vec<SourceFile>, Vec<FileId>) {
        (self.files.finish(), self.ids)
    }
}
