use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

/// What can be wrong with what a compilation is told from outside: other files, the project's levels, suppressions.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("`{path}` can't be imported: {reason}")]
    #[diagnostic(
        code(import_not_found),
        help("a path is relative to the file that imports: `./common.citadel`")
    )]
    ImportNotFound { path: EcoString, reason: String },
    #[error("`{path}` lies outside the project's root")]
    #[diagnostic(
        code(import_outside_root),
        help("move the file into the project; its root is the folder of `citadel.toml`")
    )]
    ImportOutsideRoot { path: EcoString },
    #[error("`{path}` can't be included: {reason}")]
    #[diagnostic(code(include_not_found), help("a path is relative to the file that includes: `./find.sql`"))]
    IncludeNotFound { path: EcoString, reason: String },
    #[error("`{path}` lies outside the project's root")]
    #[diagnostic(
        code(include_outside_root),
        help("move the file into the project; its root is the folder of `citadel.toml`")
    )]
    IncludeOutsideRoot { path: EcoString },
    #[error("this is no level")]
    #[diagnostic(code(unknown_level), help("a level is \"error\", \"warning\", \"note\" or \"off\""))]
    UnknownLevel,
    #[error("`{code}` is an error and stays one")]
    #[diagnostic(
        code(fixed_level),
        severity(Warning),
        help("levels are for warnings and notes; a run would fail of what an error says")
    )]
    FixedLevel { code: String },
    #[error("there is no finding `{code}`")]
    #[diagnostic(code(unknown_code), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`citadel explain` lists all codes".to_owned(),
    }))]
    UnknownCode { code: String, suggestion: Option<&'static str> },
    #[error("there is no `{code}` on the line that this covers")]
    #[diagnostic(
        code(useless_allow),
        severity(Warning),
        help("remove it; it covers its own line, or the next when it stands alone")
    )]
    UselessAllow { code: EcoString },
    #[error("`{code}` is an error and can't be allowed")]
    #[diagnostic(code(allowed_error), help("a run would fail of what it says: mend it"))]
    AllowedError { code: EcoString },
    #[error("a suppression says why")]
    #[diagnostic(
        code(allow_without_reason),
        severity(Warning),
        help("write the reason behind the parenthesis")
    )]
    AllowWithoutReason,
}
