//! What literal texts say before anything runs: SQL, cron expressions, time zones, URLs.
//!
//! In: a literal's value, and where it was written. Out: findings. Never sees: names, types, other fields.

mod cron;
mod locate;
mod sql;
mod url;
mod zone;

pub use cron::check_cron;
pub use locate::Literal;
pub use sql::check_sql;
pub use url::{UrlPart, check_header, check_url};
pub use zone::check_zone;
