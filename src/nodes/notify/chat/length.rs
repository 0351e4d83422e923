use crate::nodes::NodeError;
use crate::nodes::notify::failure::unfit;

/// Refuses a text that a service would cut or refuse; `count` is in what the service counts.
pub(super) fn check(service: &str, count: usize, most: usize) -> Result<(), NodeError> {
    if count <= most {
        return Ok(());
    }
    Err(unfit(format!("the text has {count} characters, and {service} takes {most}")))
}
