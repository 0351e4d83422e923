use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

/// What can be wrong with names of declarations, and with imports.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Two declarations of one name.
    #[error("the {noun} `{name}` is declared twice")]
    #[diagnostic(code(duplicate_declaration), help("rename one of them"))]
    Duplicate {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: EcoString,
    },
    /// A name that means something in every file.
    #[error("the {noun} `{name}` is built in")]
    #[diagnostic(code(built_in_name), help("choose another name"))]
    BuiltIn {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: EcoString,
    },
    /// The file doesn't declare it.
    #[error("`{path}` declares no `{name}`")]
    #[diagnostic(code(unknown_import), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "an import takes what that file itself declares".to_owned(),
    }))]
    UnknownImport {
        /// The file as written.
        path: EcoString,
        /// The name that it doesn't declare.
        name: EcoString,
        /// A near name.
        suggestion: Option<EcoString>,
    },
    /// Schedules, triggers and tests stay in their file.
    #[error("a {noun} can't be imported")]
    #[diagnostic(code(not_importable), help("schedules, triggers and tests belong to their file"))]
    NotImportable {
        /// What it is.
        noun: &'static str,
    },
    /// Files import each other.
    #[error("files import each other: {way}")]
    #[diagnostic(code(import_cycle), help("move what both need into a third file"))]
    ImportCycle {
        /// `a → b → a`.
        way: String,
    },
    /// A declaration contains itself.
    #[error("the {noun} `{name}` is made of itself: {way}")]
    #[diagnostic(code(recursive_declaration), help("break the circle"))]
    Recursive {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: EcoString,
        /// `a → b → a`.
        way: String,
    },
    /// Nothing uses it.
    #[error("the {noun} `{name}` is never used")]
    #[diagnostic(code(unused_declaration), severity(Warning), help("remove it"))]
    Unused {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: EcoString,
    },
    /// An import that nothing uses.
    #[error("the import `{name}` is never used")]
    #[diagnostic(code(unused_import), severity(Warning), help("remove it"))]
    UnusedImport {
        /// Its name here.
        name: EcoString,
    },
}
