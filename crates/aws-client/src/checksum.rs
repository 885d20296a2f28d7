//! Checksums of bodies.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::data::{Data, Fields};
use crate::error::{ParameterError, Problem};
use crate::model::{Operation, Service};
use crate::protocol::{Request, member};

/// The polynomials, their bits reversed.
const CRC32C: u64 = 0x82f6_3b78;
const CRC64_NVME: u64 = 0x9a6c_9329_ac4b_c9b5;

/// Adds the checksum that an operation requires, or that its parameters ask for.
pub(crate) fn add(
    request: &mut Request,
    service: &Service,
    operation: &Operation,
    fields: &Fields,
) -> Result<(), ParameterError> {
    let shape = operation.input.as_ref().map(|input| service.shape(input));
    let wanted = operation.checksum.as_ref().zip(shape);
    let chosen = wanted.and_then(|(name, shape)| match member(shape, fields, name) {
        Some(Data::String(algorithm)) => Some((name.as_str(), algorithm.as_str())),
        _ => None,
    });
    let is_there = |prefix: &str| {
        let mut names = request
            .headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase());
        names.any(|name| name.starts_with(prefix))
    };
    if is_there("x-amz-checksum-") || is_there("content-md5") {
        return Ok(());
    }
    let (name, algorithm) = match chosen {
        Some(chosen) => chosen,
        None if !operation.checksum_required => return Ok(()),
        None if operation.checksum.is_none() => {
            let sum = BASE64_STANDARD.encode(Md5::digest(&request.body));
            request.headers.push(("Content-MD5".to_owned(), sum));
            return Ok(());
        }
        None => {
            let header = "x-amz-sdk-checksum-algorithm".to_owned();
            request.headers.push((header, "CRC32".to_owned()));
            ("", "CRC32")
        }
    };
    let sum = sum(algorithm, &request.body);
    let sum = sum.ok_or_else(|| ParameterError::of(name, Problem::NoChecksum))?;
    let header = format!("x-amz-checksum-{}", algorithm.to_ascii_lowercase());
    request.headers.push((header, BASE64_STANDARD.encode(sum)));
    Ok(())
}

/// The checksum by an algorithm of that name; none if it is not known.
fn sum(algorithm: &str, body: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "CRC32" => crc32fast::hash(body).to_be_bytes().to_vec(),
        "CRC32C" => crc(body, CRC32C, 32).to_be_bytes()[4..].to_vec(),
        "CRC64NVME" => crc(body, CRC64_NVME, 64).to_be_bytes().to_vec(),
        "SHA1" => Sha1::digest(body).to_vec(),
        "SHA256" => Sha256::digest(body).to_vec(),
        "SHA512" => Sha512::digest(body).to_vec(),
        "MD5" => Md5::digest(body).to_vec(),
        _ => return None,
    })
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A cyclic redundancy check, bit by bit: bodies are small.
fn crc(body: &[u8], polynomial: u64, width: u32) -> u64 {
    let ones = u64::MAX >> (64 - width);
    let step = |sum: u64| (sum >> 1) ^ (polynomial & (sum & 1).wrapping_neg());
    let sum = body.iter().fold(ones, |sum, byte| {
        (0..8).fold(sum ^ u64::from(*byte), |sum, _| step(sum))
    });
    sum ^ ones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_catalogue() {
        // The check values of the CRC catalogue, and of FIPS 180 and RFC 1321 for "123456789".
        for (algorithm, hex) in [
            ("CRC32", "cbf43926"),
            ("CRC32C", "e3069283"),
            ("CRC64NVME", "ae8b14860a799888"),
            ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            ("MD5", "25f9e794323b453885f5181f1b624d0b"),
        ] {
            let sum = sum(algorithm, b"123456789").unwrap();
            assert_eq!(super::hex(&sum), hex, "{algorithm}");
        }
        assert_eq!(sum("XXHASH64", b""), None);
    }
}
