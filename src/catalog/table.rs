use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::shorthand::record;
use super::{Block, Class, ErrorInfo, Kind, blocks, kinds};
use crate::types::Type;

/// The errors that runs and the engine add to those of the kinds.
const OF_RUNS: [&str; 5] =
    ["WorkflowTimeout", "InvalidInput", "ChildFailed", "NeedsTemporal", UNNAMED_FAILURE];

/// What a run fails with that a `fail` node ends without naming an error.
pub const UNNAMED_FAILURE: &str = "Failed";

/// All that is known of kinds and blocks before any file is read.
#[derive(Debug, Clone)]
pub struct Catalog {
    kinds: BTreeMap<EcoString, Kind>,
    common: [(Class, Block); 6],
    sections: BTreeMap<&'static str, Block>,
    tool: Kind,
}

impl Catalog {
    /// The standard kinds.
    #[must_use]
    pub fn standard() -> Self {
        let kinds = kinds::standard().into_iter().map(|kind| (kind.name.clone(), kind)).collect();
        let common = classes().map(|class| (class, blocks::common(class)));
        Self { kinds, common, sections: sections(), tool: kinds::tool() }
    }

    /// Adds a kind; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, kind: Kind) -> Self {
        self.kinds.insert(kind.name.clone(), kind);
        self
    }

    /// A kind.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
    }

    /// Any tool of a plugin whose schemas are not locked.
    #[must_use]
    pub fn tool(&self) -> &Kind {
        &self.tool
    }

    /// The fields that all kinds of a class have.
    #[must_use]
    pub fn common(&self, class: Class) -> &Block {
        let entry = self.common.iter().find(|(of, _)| *of == class);
        &entry.expect("the table has every class").1
    }

    /// The block of a declaration that isn't a node, by its keyword: `workflow`, `retry`, `breaker`, `limit`,
    /// `activity`, `schedule`, `trigger`, `plugin`, `test`.
    #[must_use]
    pub fn section(&self, keyword: &str) -> Option<&Block> {
        self.sections.get(keyword)
    }

    /// The errors that a kind may fail with, those of its class among them. `CircuitOpen`, `Indeterminate` and the
    /// `Timeout` of what isn't an activity depend on the fields that are written, which the caller knows.
    #[must_use]
    pub fn errors(&self, kind: &Kind) -> Vec<ErrorInfo> {
        let mut errors = kind.errors.clone();
        if kind.class != Class::Ending {
            errors.extend(every_kind());
        }
        errors.extend(of_class(kind.class));
        errors
    }

    /// The names of all errors that are not declared in a file: those of kinds, and those that runs and the engine
    /// add.
    #[must_use]
    pub fn error_names(&self) -> BTreeSet<EcoString> {
        let kinds = self.kinds().chain([self.tool()]);
        let of_kinds = kinds.flat_map(|kind| self.errors(kind)).map(|error| error.name);
        of_kinds.chain(OF_RUNS.map(EcoString::from)).collect()
    }
}

fn classes() -> [Class; 6] {
    [
        Class::Activity { progress: false },
        Class::Activity { progress: true },
        Class::Composite,
        Class::Waiting,
        Class::Pure,
        Class::Ending,
    ]
}

fn sections() -> BTreeMap<&'static str, Block> {
    BTreeMap::from([
        ("workflow", blocks::workflow()),
        ("retry", blocks::retry_policy()),
        ("breaker", blocks::breaker()),
        ("limit", blocks::limit()),
        ("activity", blocks::remote_activity()),
        ("schedule", blocks::schedule()),
        ("trigger", blocks::trigger()),
        ("plugin", blocks::plugin()),
        ("test", blocks::test()),
    ])
}

fn every_kind() -> [ErrorInfo; 3] {
    [
        ErrorInfo::permanent("ExpressionError")
            .with(record(&[("reason", Type::String)]))
            .when("An expression of the node has no value: a division by zero, an index that isn't there."),
        ErrorInfo::permanent("ExpressionBudget")
            .when("An expression takes more than 1,000,000 steps, or gives more than 1 MiB."),
        ErrorInfo::permanent("PayloadTooLarge")
            .when("What the node takes or gives is larger than the engine carries."),
    ]
}

fn of_class(class: Class) -> Vec<ErrorInfo> {
    match class {
        Class::Activity { .. } => vec![
            ErrorInfo::retryable("Timeout").when("An attempt takes longer than `timeout`."),
            ErrorInfo::permanent("TotalTimeout").when("All attempts take longer than `total_timeout`."),
            ErrorInfo::permanent("WorkerLost").when("Five attempts in a row were lost with their workers."),
            ErrorInfo::retryable("CircuitOpen")
                .when("With `breaker`: it lets nothing through within `total_timeout`."),
            ErrorInfo::permanent("Indeterminate")
                .when("With `effect: once`: nobody knows whether the effect took place."),
        ],
        Class::Composite | Class::Waiting => {
            vec![ErrorInfo::permanent("Timeout").when("The whole takes longer than `timeout`.")]
        }
        Class::Pure | Class::Ending => Vec::new(),
    }
}
