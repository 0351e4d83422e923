use ecow::EcoString;

use super::{Argument, Config, Effect, ErrorType, Millis, WorkflowIx};
use crate::check::typed::ExprId;
use crate::source::Span;
use crate::types::Type;

/// A constant, by its index in [`Program::constants`](super::Program::constants).
pub type ConstantIx = usize;
/// A setting, by its index in [`Program::settings`](super::Program::settings).
pub type SettingIx = usize;
/// A secret, by its index in [`Program::secrets`](super::Program::secrets).
pub type SecretIx = usize;
/// A remote activity, by its index in [`Program::activities`](super::Program::activities).
pub type ActivityIx = usize;
/// A plugin, by its index in [`Program::plugins`](super::Program::plugins).
pub type PluginIx = usize;

/// `const name = value`
#[derive(Debug, Clone)]
pub struct Constant {
    /// Its name.
    pub name: EcoString,
    /// Its value; it reads other constants only.
    pub value: ExprId,
    /// Its type.
    pub ty: Type,
}

/// `setting name: type = default`
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its name.
    pub name: EcoString,
    /// Its type.
    pub ty: Type,
    /// What it is where the environment gives nothing.
    pub default: Option<ExprId>,
}

/// `secret name = env("NAME")`
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its name.
    pub name: EcoString,
    /// Where a worker finds it.
    pub source: SecretSource,
}

/// Where a worker finds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of its environment.
    Env(EcoString),
    /// A file of its machine.
    File(EcoString),
    /// What a command prints, as its argument list.
    Command(Vec<EcoString>),
    /// A file encrypted with age.
    Age(EcoString),
}

/// `error Name { … }`
#[derive(Debug, Clone)]
pub struct ErrorDeclaration {
    /// Its name.
    pub name: EcoString,
    /// Its details, a record.
    pub details: Type,
}

/// `activity name { … }`, served by other workers.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Its name.
    pub name: EcoString,
    /// The queue whose workers serve it.
    pub task_queue: EcoString,
    /// Its argument, a record.
    pub input: Type,
    /// Its result.
    pub returns: Type,
    /// What a second execution does, where it says.
    pub effect: Option<Effect>,
    /// The errors that it may fail with besides those of all activities.
    pub errors: Vec<ErrorType>,
}

/// `plugin name from "./path"`
#[derive(Debug, Clone)]
pub struct Plugin {
    /// Its name.
    pub name: EcoString,
    /// An executable's path or a URL.
    pub source: EcoString,
    /// What it is granted.
    pub config: Config,
}

/// `schedule name { … }`
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name.
    pub name: EcoString,
    /// Where its name is declared.
    pub span: Span,
    /// What it starts.
    pub workflow: WorkflowIx,
    /// With what.
    pub input: Option<ExprId>,
    /// When.
    pub timing: Timing,
    /// A zone's name.
    pub timezone: EcoString,
    /// What happens while the last run is still open.
    pub overlap: EcoString,
    /// How late a missed start is still made.
    pub catchup_window: Option<Millis>,
    /// By how much starts are spread.
    pub jitter: Option<Millis>,
    /// It doesn't start anything until it is resumed.
    pub paused: bool,
}

/// When a schedule starts something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timing {
    /// A cron expression.
    Cron(EcoString),
    /// A period.
    Every(Millis),
}

/// `trigger name { … }`
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Its name.
    pub name: EcoString,
    /// Where its name is declared.
    pub span: Span,
    /// The path that it listens on.
    pub webhook: EcoString,
    /// Who may call.
    pub auth: TriggerAuth,
    /// What a call's body is.
    pub body: Type,
    /// What it starts.
    pub workflow: WorkflowIx,
    /// With what.
    pub input: Option<ExprId>,
    /// Under which id.
    pub id: Option<ExprId>,
}

/// Who may call a trigger.
#[derive(Debug, Clone)]
pub struct TriggerAuth {
    /// `hmac_sha256`, `bearer`, `basic`, `standard_webhooks`.
    pub scheme: EcoString,
    /// Its arguments, in order.
    pub arguments: Vec<Argument>,
}
