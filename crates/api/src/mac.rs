//! HMAC-SHA-256.

use hmac::{Hmac, KeyInit as _};
use sha2::{Digest as _, Sha256};

/// An HMAC with this key, of any length.
pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // What `new_from_slice` does, without an error that cannot happen.
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    Hmac::new(&block.into())
}
