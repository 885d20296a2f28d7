//! Records as bytes: MessagePack, so that a newer Stepmill reads what an older one wrote.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Reads the records of an entry, for tools that look into a store.
pub fn decode_records(bytes: &[u8]) -> Result<Vec<stepmill_interpreter::Record>, EncodingError> {
    decode(bytes)
}

/// Bytes that cannot be read, or a value that cannot be written.
#[derive(Debug, Error)]
pub enum EncodingError {
    /// They cannot be written.
    #[error("cannot be written: {0}")]
    Write(#[from] rmp_serde::encode::Error),
    /// They cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] rmp_serde::decode::Error),
}

/// A value as bytes.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, EncodingError> {
    Ok(rmp_serde::to_vec(value)?)
}

/// Bytes as a value.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, EncodingError> {
    Ok(rmp_serde::from_slice(bytes)?)
}
