//! Endpoint rules of every service.

use serde_json::{Value, json};

use super::converse;
use crate::endpoint::Rules;
use crate::error::EndpointError;
use crate::model::Service;

#[test]
fn every_endpoint_agrees_with_botocore() {
    let mut asked: Option<(String, Rules)> = None;
    converse("endpoints.py", |mut question| {
        let name = question["service"].as_str().unwrap().to_owned();
        if asked.as_ref().is_none_or(|(asked, _)| *asked != name) {
            let rules = Rules::of(&Service::named(&name).unwrap()).unwrap();
            asked = Some((name, rules));
        }
        let (_, rules) = asked.as_ref().unwrap();
        let Value::Object(parameters) = question["parameters"].take() else {
            panic!("{question}");
        };
        match rules.resolve(parameters) {
            Ok(found) => json!({
                "url": found.url,
                "properties": found.properties,
                "headers": found.headers,
            }),
            Err(EndpointError::Missing { parameter }) => {
                json!({ "error": format!("Cannot find value for required parameter {parameter}") })
            }
            Err(error) => json!({ "error": error.to_string() }),
        }
    });
}
