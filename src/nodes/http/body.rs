use reqwest::Response;

use super::fault;
use crate::nodes::NodeError;

/// The whole body, decoded, of at most so many bytes. It is counted as it comes, so that neither an endless body nor
/// one that unpacks without end takes more.
pub(super) async fn whole(mut response: Response, most: usize, to: &str) -> Result<Vec<u8>, NodeError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault::of_request(&error, to))? {
        if chunk.len() > most - body.len() {
            let message = format!("{to}: the body is larger than {most} bytes");
            return Err(NodeError::new("ResponseTooLarge", message));
        }
        body.extend(chunk);
    }
    Ok(body)
}

/// The beginning of a body, as far as it came.
pub(in crate::nodes) async fn beginning(mut response: Response, most: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend(chunk.iter().take(most - body.len()));
        if body.len() == most {
            break;
        }
    }
    body
}
