use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Debug, Error, Program, canonical, verify};

/// The version of the document's form that this program writes and reads.
pub const VERSION: u32 = 1;

/// The newest version of the semantics (expressions, joins, policies) that this program implements.
pub const SEMANTICS: u32 = 1;

/// A verified plan: whoever holds one need not look at it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    program: Program,
    debug: Debug,
    hash: String,
}

impl Plan {
    /// Verifies a program and hashes it.
    ///
    /// # Errors
    /// When the program contradicts itself, which no lowered one does.
    pub fn new(program: Program, debug: Debug) -> Result<Self, Error> {
        verify::program(&program)?;
        verify::debug(&debug, &program)?;
        let hash = hash(&program);
        Ok(Self { program, debug, hash })
    }

    /// Reads a plan's document, and verifies all of it.
    ///
    /// # Errors
    /// When it is no plan, needs a newer program, was changed, or contradicts itself.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        check_versions(text)?;
        let document: Document = read(text)?;
        let plan = Self::new(document.program, document.debug)?;
        if plan.hash == document.hash {
            Ok(plan)
        } else {
            Err(Error::HashMismatch { stated: document.hash, actual: plan.hash })
        }
    }

    /// The plan's document, in one line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        canonical(&self.document())
    }

    /// The plan's document, indented for people.
    #[must_use]
    pub fn to_json_pretty(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&self.document()).expect("keys are texts, and memory takes any text")
    }

    fn document(&self) -> DocumentRef<'_> {
        DocumentRef { version: VERSION, hash: &self.hash, program: &self.program, debug: &self.debug }
    }

    /// What a run does.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Where it stood in the source.
    #[must_use]
    pub fn debug(&self) -> &Debug {
        &self.debug
    }

    /// SHA-256 over the canonical text of the program, in 64 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// SHA-256 over the canonical text of a program, in 64 hexadecimal digits.
fn hash(program: &Program) -> String {
    Sha256::digest(canonical(program)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The JSON Schema of a plan's document, as `docs/plan.schema.json` has it.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

/// An execution plan of a `.citadel` workflow.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Citadel plan")]
struct Document {
    /// The version of this form.
    #[expect(dead_code, reason = "the header has read it before")]
    version: u32,
    /// SHA-256 over the canonical text of `program`, in hexadecimal digits.
    hash: String,
    /// What a run does.
    program: Program,
    /// Where it stood in the source.
    debug: Debug,
}

#[derive(Serialize)]
struct DocumentRef<'a> {
    version: u32,
    hash: &'a str,
    program: &'a Program,
    debug: &'a Debug,
}

/// What is read first, whatever else the document holds: a newer one may look altogether different.
#[derive(Deserialize)]
struct Header {
    version: u64,
}

/// What is read next, whatever else the program holds.
#[derive(Deserialize)]
struct ProgramHeader {
    program: Semantics,
}

#[derive(Deserialize)]
struct Semantics {
    semantics: u64,
}

fn check_versions(text: &[u8]) -> Result<(), Error> {
    let Header { version } = read(text)?;
    if version != u64::from(VERSION) {
        return Err(Error::UnknownVersion { found: version, known: VERSION });
    }
    let ProgramHeader { program: Semantics { semantics } } = read(text)?;
    if !(1..=u64::from(SEMANTICS)).contains(&semantics) {
        return Err(Error::UnknownSemantics { found: semantics, known: SEMANTICS });
    }
    Ok(())
}

fn read<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Result<T, Error> {
    serde_json::from_slice(text).map_err(|error| Error::Malformed { reason: error.to_string() })
}
