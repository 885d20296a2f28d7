//! Signatures.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::converse;
use crate::credentials::Credentials;
use crate::secret::Secret;
use crate::sign::{Scope, sign};

#[test]
fn every_signature_agrees_with_botocore() {
    converse("signatures.py", |question| {
        let text = |name: &str| question[name].as_str().unwrap();
        let body = BASE64_STANDARD.decode(text("body")).unwrap();
        let mut request = Request::builder().method(text("method")).uri(text("url"));
        for (name, value) in question["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let mut request = request.body(Bytes::from(body)).unwrap();
        let scope = Scope {
            name: text("name").to_owned(),
            region: "us-east-1".to_owned(),
            unsigned_body: false,
            s3: text("name") == "s3",
        };
        let credentials = Credentials {
            session_token: question["token"].as_str().map(Secret::from),
            ..Credentials::new("AKIDEXAMPLE", "se/cret+")
        };
        let since = Duration::from_secs(question["time"].as_u64().unwrap());
        let time = SystemTime::UNIX_EPOCH + since;
        sign(&mut request, &scope, false, &credentials, time).unwrap();
        let found: Value = request.headers()[AUTHORIZATION].to_str().unwrap().into();
        json!({ "authorization": found })
    });
}
