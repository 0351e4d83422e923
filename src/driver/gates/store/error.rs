use thiserror::Error;

/// Why a store of breakers can't be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The address is none.
    #[error("the store of breakers is no address: {0}")]
    Address(String),
    /// It doesn't answer, or refuses.
    #[error("the store of breakers failed: {0}")]
    Failed(String),
    /// It doesn't answer in time.
    #[error("the store of breakers doesn't answer")]
    Silent,
}
