//! Page tokens: where the next page of a list begins, sealed.
//!
//! A token holds the time it was given, a digest of the action and its arguments, the cursor, and an
//! HMAC over all that. So a token that was altered, made up, grown old or given for another list is
//! refused, with AWS's one text for all of these.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use stepmill_engine::{Caller, Error};

use crate::mac;
use crate::model::Operation;

/// How long a token is good, in seconds (API Reference: 24 hours).
const LIFE: i64 = 24 * 60 * 60;
/// How far a clock may have been set back since a token was given, in seconds.
const SLACK: i64 = 5 * 60;

const TIME: usize = 8;
const LIST: usize = 16;
const SEAL: usize = 16;

/// The key that seals page tokens. Tokens are good for whoever has the same key.
#[derive(Clone)]
pub struct PageKey([u8; 32]);

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey")
    }
}

/// A list: an action, its caller, and all arguments but the page's size and token.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Whose list it is.
    pub caller: &'a Caller,
    /// The action.
    pub operation: Operation,
    /// The arguments, each a text or absent, always in the same order.
    pub arguments: &'a [Option<&'a str>],
}

impl PageKey {
    /// A key of these bytes, which must be secret: 32 bytes from a secure random source.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key that nobody knows; tokens end with the process.
    pub fn random() -> Self {
        // Each of these has 122 bits of the system's secure random source.
        let seed = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
        let mut hash = Sha256::new();
        for part in seed {
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// The token of the page of `list` that begins after `cursor`; `now` in seconds since 1970.
    pub fn seal(&self, list: List<'_>, cursor: &[u8], now: i64) -> String {
        let mut token = Vec::with_capacity(TIME + LIST + cursor.len() + SEAL);
        token.extend_from_slice(&now.to_be_bytes());
        token.extend_from_slice(&list.digest());
        token.extend_from_slice(cursor);
        let seal = self.mac(&token).finalize().into_bytes();
        token.extend_from_slice(&seal[..SEAL]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The cursor in a token of `list`.
    pub fn open(&self, list: List<'_>, token: &str, now: i64) -> Result<Vec<u8>, Error> {
        self.cursor(list, token, now)
            .ok_or_else(Error::invalid_token)
    }

    fn cursor(&self, list: List<'_>, token: &str, now: i64) -> Option<Vec<u8>> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, seal) = token.split_at_checked(token.len().checked_sub(SEAL)?)?;
        self.mac(body).verify_truncated_left(seal).ok()?;
        let (time, rest) = body.split_first_chunk::<TIME>()?;
        let age = now.checked_sub(i64::from_be_bytes(*time))?;
        if !(-SLACK..=LIFE).contains(&age) {
            return None;
        }
        let (digest, cursor) = rest.split_first_chunk::<LIST>()?;
        (*digest == list.digest()).then(|| cursor.to_vec())
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = mac::keyed(&self.0);
        mac.update(body);
        mac
    }
}

impl List<'_> {
    fn digest(&self) -> [u8; LIST] {
        let mut hash = Sha256::new();
        let mut part = |text: Option<&str>| {
            // The length first, so that no two lists have the same bytes.
            hash.update(
                text.map_or(u64::MAX, |text| text.len() as u64)
                    .to_be_bytes(),
            );
            hash.update(text.unwrap_or_default());
        };
        part(Some(self.operation.name()));
        part(Some(&self.caller.account));
        part(Some(&self.caller.region));
        for argument in self.arguments {
            part(*argument);
        }
        let hash: [u8; 32] = hash.finalize().into();
        let mut digest = [0; LIST];
        digest.copy_from_slice(&hash[..LIST]);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn list<'a>(caller: &'a Caller, arguments: &'a [Option<&'a str>]) -> List<'a> {
        List {
            caller,
            operation: Operation::ListExecutions,
            arguments,
        }
    }

    #[test]
    fn a_token_gives_its_cursor_back_for_a_day() {
        let key = PageKey::new([7; 32]);
        let caller = Caller::default();
        let list = list(&caller, &[Some("arn:x"), None]);
        for cursor in [&b""[..], b"\0\xff", &[9; 600]] {
            let token = key.seal(list, cursor, NOW);
            assert_eq!(key.open(list, &token, NOW).unwrap(), cursor);
            assert_eq!(key.open(list, &token, NOW + LIFE).unwrap(), cursor);
            assert_eq!(
                key.open(list, &token, NOW + LIFE + 1),
                Err(Error::invalid_token())
            );
        }
    }

    #[test]
    fn a_token_is_good_for_its_list_only() {
        let key = PageKey::new([7; 32]);
        let caller = Caller::default();
        let token = key.seal(list(&caller, &[Some("ab"), Some("c"), None]), b"x", NOW);
        let other = Caller {
            account: "111111111111".to_owned(),
            ..Caller::default()
        };
        let same = [Some("ab"), Some("c"), None];
        assert!(key.open(list(&caller, &same), &token, NOW).is_ok());
        for wrong in [
            list(&other, &same),
            list(&caller, &[Some("a"), Some("bc"), None]),
            list(&caller, &[Some("ab"), Some("c"), Some("")]),
            list(&caller, &[Some("ab"), Some("c")]),
            List {
                operation: Operation::ListMapRuns,
                ..list(&caller, &same)
            },
        ] {
            assert_eq!(key.open(wrong, &token, NOW), Err(Error::invalid_token()));
        }
        let foreign = PageKey::random();
        assert!(foreign.open(list(&caller, &same), &token, NOW).is_err());
    }

    #[test]
    fn an_altered_token_is_refused() {
        let key = PageKey::new([7; 32]);
        let caller = Caller::default();
        let list = list(&caller, &[]);
        let bytes = URL_SAFE_NO_PAD
            .decode(key.seal(list, b"cursor", NOW))
            .unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let altered = URL_SAFE_NO_PAD.encode(altered);
            assert!(key.open(list, &altered, NOW).is_err(), "byte {at}");
        }
        for end in 0..bytes.len() {
            let short = URL_SAFE_NO_PAD.encode(&bytes[..end]);
            assert!(key.open(list, &short, NOW).is_err(), "{end} bytes");
        }
        for text in ["", "x", "not a token", "€", "AAAA====", &"A".repeat(3000)] {
            assert!(key.open(list, text, NOW).is_err(), "{text}");
        }
    }
}
