use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::*;

#[derive(Debug, Clone)]
pub struct Journal {}
pub struct Ack {}
impl Future for Ack {
    type Output = Result<(), JournalError>;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        unimplemented!()
    }
}
impl Journal {
    pub fn open(_path: &Path, _access: Access) -> Result<Self, JournalError> {
        unimplemented!()
    }
    pub fn open_with(_path: &Path, _access: Access, _options: Options) -> Result<Self, JournalError> {
        unimplemented!()
    }
    pub async fn create(&self, _run: NewRun) -> Result<Created, JournalError> {
        unimplemented!()
    }
    pub fn append(&self, _run: &RunId, _epoch: u64, _records: Vec<Record>, _change: RunChange) -> Ack {
        unimplemented!()
    }
    pub async fn load(&self, _run: &RunId) -> Result<Recovered, JournalError> {
        unimplemented!()
    }
    pub async fn load_all(&self, _run: &RunId) -> Result<Recovered, JournalError> {
        unimplemented!()
    }
    pub async fn claim(&self, _run: &RunId, _take_over: bool) -> Result<u64, JournalError> {
        unimplemented!()
    }
    pub async fn open_runs(&self) -> Result<Vec<RunInfo>, JournalError> {
        unimplemented!()
    }
    pub async fn runs(&self, _filter: RunFilter) -> Result<Vec<RunInfo>, JournalError> {
        unimplemented!()
    }
    pub async fn info(&self, _run: &RunId) -> Result<Option<RunInfo>, JournalError> {
        unimplemented!()
    }
    pub async fn snapshot(
        &self,
        _run: &RunId,
        _epoch: u64,
        _seq: u64,
        _bytes: Vec<u8>,
    ) -> Result<(), JournalError> {
        unimplemented!()
    }
    pub async fn post(&self, _run: &RunId, _message: Message) -> Result<(), JournalError> {
        unimplemented!()
    }
    /// Messages of all runs that this process owns, oldest first.
    pub async fn inbox(&self) -> Result<Vec<Posted>, JournalError> {
        unimplemented!()
    }
    pub async fn inbox_of(&self, _run: &RunId) -> Result<Vec<Posted>, JournalError> {
        unimplemented!()
    }
    pub fn changed(&self) -> bool {
        unimplemented!()
    }
    pub fn health(&self) -> Health {
        unimplemented!()
    }
    pub async fn prune(&self, _closed_before: i64) -> Result<u64, JournalError> {
        unimplemented!()
    }
    pub fn check(&self) -> Result<Report, JournalError> {
        unimplemented!()
    }
    pub fn backup(&self, _to: &Path) -> Result<(), JournalError> {
        unimplemented!()
    }
    pub async fn close(self) -> Result<(), JournalError> {
        unimplemented!()
    }
}
