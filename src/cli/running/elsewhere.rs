use super::arguments::Place;
use super::home;
use crate::cli::failure::Failure;
use crate::cli::remote::{Server, is_meant};
use crate::driver::embedded::EngineError;

/// Whether a run is on a Temporal server: one is named, or no journal here has the run and none is named.
pub(super) async fn is_elsewhere(place: &Place, server: &Server, run: &str) -> Result<bool, Failure> {
    let has_journal = home::folder(place)?.join("journal.db").exists();
    if has_journal {
        let known = home::read(place)?.info(run).await.map_err(EngineError::Journal)?;
        return Ok(known.is_none() && place.journal.is_none() && is_meant(server)?);
    }
    Ok(place.journal.is_none())
}
