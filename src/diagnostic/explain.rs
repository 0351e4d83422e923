//! The page that explains each code, from the folder `explain`.

use include_dir::{Dir, include_dir};

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/explain");

/// The page of a code, as Markdown.
#[must_use]
pub fn page(code: &str) -> Option<&'static str> {
    PAGES.get_file(format!("{code}.md"))?.contents_utf8()
}

/// Whether a code exists.
#[must_use]
pub fn exists(code: &str) -> bool {
    page(code).is_some()
}

/// All codes, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    let mut codes: Vec<&'static str> =
        PAGES.files().filter_map(|file| file.path().file_stem().and_then(|stem| stem.to_str())).collect();
    codes.sort_unstable();
    codes.into_iter()
}
