//! The signature of a canonical request.

use hmac::Mac as _;
use sha2::{Digest as _, Sha256};

use super::authorization::Authorization;
use super::canonical::hex;
use crate::mac;

/// The signature, in hexadecimal digits, that `secret` gives a canonical request; `date` is that of
/// `X-Amz-Date`.
pub(super) fn signature(
    secret: &str,
    authorization: &Authorization,
    date: &str,
    request: &str,
) -> String {
    let Authorization {
        date: day,
        region,
        service,
        ..
    } = authorization;
    let digest = hex(&Sha256::digest(request));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{digest}");
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), day);
    for part in [region, service, "aws4_request"] {
        key = hmac(&key, part);
    }
    hex(&hmac(&key, &text))
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = mac::keyed(key);
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}
