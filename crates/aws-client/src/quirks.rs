//! What single services want beyond their models.

use sha2::{Digest, Sha256};

use crate::checksum::hex;
use crate::data::{Data, Fields};
use crate::model::{Operation, Protocol, Service, ShapeType};
use crate::protocol::{Answer, Request, is_xml_error};

/// The parts of an archive that Glacier's hash is made of, in bytes.
const PART: usize = 1 << 20;

/// Adds parameters that services expect from clients.
pub(crate) fn complete(name: &str, service: &Service, operation: &Operation, fields: &mut Fields) {
    let shape = operation.input.as_ref().map(|input| service.shape(input));
    let account = shape.and_then(|shape| shape.members.get_index_of("accountId"));
    if let ("glacier", Some(account)) = (name, account)
        && !fields.iter().any(|(index, _)| *index == account)
    {
        // The account that calls.
        fields.push((account, Data::String("-".to_owned())));
    }
}

/// Adds headers that services expect from clients.
pub(crate) fn adapt(name: &str, service: &Service, request: &mut Request) {
    let mut add = |name: &str, value: &str| {
        request.headers.push((name.to_owned(), value.to_owned()));
    };
    match name {
        // It answers in HAL otherwise.
        "apigateway" => add("Accept", "application/json"),
        "glacier" => {
            add("x-amz-glacier-version", &service.version);
            if request.method != "GET" && !request.body.is_empty() {
                let hash = hex(&tree_hash(&request.body));
                let given = |(name, _): &(String, String)| name == "x-amz-sha256-tree-hash";
                if !request.headers.iter().any(given) {
                    request
                        .headers
                        .push(("x-amz-sha256-tree-hash".to_owned(), hash));
                }
            }
        }
        _ => {}
    }
}

/// Whether an answer is an error although its status is not: S3 begins to answer before it knows.
pub(crate) fn is_error(
    name: &str,
    service: &Service,
    operation: &Operation,
    answer: &Answer,
) -> bool {
    let shape = operation
        .output
        .as_ref()
        .map(|output| service.shape(output));
    let payload = shape.and_then(|shape| shape.members.get(shape.payload.as_ref()?));
    let is_object = payload
        .is_some_and(|at| matches!(service.shape(at).is, ShapeType::Blob | ShapeType::String));
    name == "s3"
        && service.protocol == Protocol::RestXml
        && !is_object
        && is_xml_error(&answer.body)
}

/// Glacier's hash of an archive: of its parts, then of pairs of hashes, up to one.
fn tree_hash(body: &[u8]) -> Vec<u8> {
    let mut level: Vec<Vec<u8>> = body
        .chunks(PART)
        .map(|part| Sha256::digest(part).to_vec())
        .collect();
    while level.len() > 1 {
        let pairs = level.chunks(2).map(|pair| match pair {
            [one] => one.clone(),
            pair => Sha256::digest(pair.concat()).to_vec(),
        });
        level = pairs.collect();
    }
    level.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_parts_are_hashed_in_pairs() {
        let part = |byte: u8| Sha256::digest(vec![byte; PART]).to_vec();
        let pair = |a: Vec<u8>, b: Vec<u8>| Sha256::digest([a, b].concat()).to_vec();
        let body = [vec![1; PART], vec![2; PART], vec![3; PART]].concat();
        assert_eq!(tree_hash(&body), pair(pair(part(1), part(2)), part(3)));
        assert_eq!(tree_hash(b"x"), Sha256::digest(b"x").to_vec());
    }
}
