//! Where a service is.

mod functions;
mod rules;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::{Map, Value};

pub(crate) use rules::Rules;

use crate::data::{Data, Fields};
use crate::error::EndpointError;
use crate::model::{Operation, Service};

/// What decides about endpoints beside the service and the parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings<'a> {
    pub(crate) region: Option<&'a str>,
    /// An endpoint that was configured.
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

/// Where a request goes, and how it is signed for there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    /// What the endpoint says about signatures, the preferred first; empty if nothing.
    pub(crate) auth: Vec<EndpointAuth>,
}

/// A way to sign requests to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EndpointAuth {
    /// `sigv4` and its relatives.
    pub(crate) scheme: String,
    pub(crate) signing_name: Option<String>,
    pub(crate) signing_region: Option<String>,
    pub(crate) signing_regions: Vec<String>,
}

/// The rules of services, made when they are first asked.
static RULES: LazyLock<Mutex<HashMap<String, Arc<Rules>>>> = LazyLock::new(Mutex::default);

fn rules(service: &Service) -> Option<Arc<Rules>> {
    let mut known = RULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(rules) = known.get(&service.id) {
        return Some(Arc::clone(rules));
    }
    let rules = Arc::new(Rules::of(service)?);
    known.insert(service.id.clone(), Arc::clone(&rules));
    Some(rules)
}

/// Where the operation of a service is called with these parameters.
pub(crate) fn resolve(
    service: &Service,
    operation: &Operation,
    fields: &Fields,
    settings: &Settings,
) -> Result<Endpoint, EndpointError> {
    let rules = rules(service).ok_or(EndpointError::NoRule)?;
    let mut known = Map::new();
    for parameter in &rules.parameters {
        let setting = parameter.setting.as_deref();
        let value = setting.and_then(|setting| settings.value(setting));
        if let Some(value) = value {
            known.insert(parameter.name.clone(), value);
        }
    }
    let fixed = operation.static_context.iter();
    known.extend(fixed.map(|(name, value)| (name.clone(), value.clone())));
    let members = operation
        .input
        .iter()
        .flat_map(|input| &service.shape(input).members);
    for (index, (_, at)) in members.enumerate() {
        let value = fields.iter().find(|(there, _)| *there == index);
        let value = match value {
            Some((_, Data::String(text))) => Value::from(text.as_str()),
            Some((_, Data::Boolean(value))) => Value::from(*value),
            _ => continue,
        };
        known.extend(at.context.iter().map(|name| (name.clone(), value.clone())));
    }
    let found = rules.resolve(known)?;
    Ok(Endpoint {
        url: found.url,
        headers: headers(&found.headers),
        auth: auth(&found.properties),
    })
}

impl Settings<'_> {
    /// What the rules call built in.
    fn value(&self, setting: &str) -> Option<Value> {
        match setting {
            "AWS::Region" => self.region.map(Value::from),
            "SDK::Endpoint" => self.endpoint.map(Value::from),
            "AWS::UseFIPS" => Some(self.fips.into()),
            "AWS::UseDualStack" => Some(self.dual_stack.into()),
            // Buckets are not host names of an endpoint that was configured.
            "AWS::S3::ForcePathStyle" => Some(self.endpoint.is_some().into()),
            // Directory buckets take ordinary signatures, too, and need no session then.
            "AWS::S3::DisableS3ExpressSessionAuth"
            | "AWS::S3::UseArnRegion"
            | "AWS::S3Control::UseArnRegion" => Some(true.into()),
            // What is left has defaults, which are those of AWS's SDKs.
            _ => None,
        }
    }
}

fn headers(found: &Value) -> Vec<(String, String)> {
    let headers = found.as_object().into_iter().flatten();
    let headers = headers.flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.filter_map(|value| Some((name.clone(), value.as_str()?.to_owned())))
    });
    headers.collect()
}

fn auth(properties: &Value) -> Vec<EndpointAuth> {
    let schemes = properties.get("authSchemes").and_then(Value::as_array);
    let schemes = schemes.into_iter().flatten().filter_map(|scheme| {
        let text = |name| scheme.get(name).and_then(Value::as_str).map(str::to_owned);
        let regions = scheme.get("signingRegionSet").and_then(Value::as_array);
        let regions = regions.into_iter().flatten();
        Some(EndpointAuth {
            scheme: text("name")?,
            signing_name: text("signingName"),
            signing_region: text("signingRegion"),
            signing_regions: regions
                .filter_map(|r| Some(r.as_str()?.to_owned()))
                .collect(),
        })
    });
    schemes.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parameters;
    use crate::style::Style;

    fn at(
        name: &str,
        operation: &str,
        parameters: &Value,
        settings: &Settings,
    ) -> Result<Endpoint, EndpointError> {
        let service = Service::named(name).unwrap();
        let operation = service.operation(operation).unwrap();
        let fields = parameters::read(
            &service,
            operation,
            parameters,
            Style::default(),
            String::new,
        );
        resolve(&service, operation, &fields.unwrap(), settings)
    }

    #[test]
    fn settings_and_parameters_decide() {
        let region = Settings {
            region: Some("eu-west-1"),
            ..Settings::default()
        };
        let local = Settings {
            endpoint: Some("http://localhost:4566"),
            ..region.clone()
        };
        let fips = Settings {
            fips: true,
            dual_stack: true,
            ..region.clone()
        };
        let bucket = json!({ "Bucket": "b-1", "Key": "k" });
        for (service, operation, parameters, settings, url) in [
            (
                "stepfunctions",
                "ListActivities",
                json!({}),
                &region,
                "https://states.eu-west-1.amazonaws.com",
            ),
            (
                "stepfunctions",
                "ListActivities",
                json!({}),
                &local,
                "http://localhost:4566",
            ),
            (
                "lambda",
                "ListFunctions",
                json!({}),
                &fips,
                "https://lambda-fips.eu-west-1.api.aws",
            ),
            (
                "iam",
                "ListUsers",
                json!({}),
                &region,
                "https://iam.amazonaws.com",
            ),
            (
                "s3",
                "GetObject",
                bucket.clone(),
                &region,
                "https://b-1.s3.eu-west-1.amazonaws.com",
            ),
            // An endpoint that was configured has no host for each bucket.
            (
                "s3",
                "GetObject",
                bucket,
                &local,
                "http://localhost:4566/b-1",
            ),
            (
                "acm",
                "ListCertificates",
                json!({}),
                &region,
                "https://acm.eu-west-1.amazonaws.com",
            ),
        ] {
            assert_eq!(
                at(service, operation, &parameters, settings).unwrap().url,
                url
            );
        }
        let global = at("iam", "ListUsers", &json!({}), &region).unwrap();
        assert_eq!(global.auth[0].signing_region.as_deref(), Some("us-east-1"));
    }

    #[test]
    fn what_is_missing_or_impossible_is_said() {
        let nothing = Settings::default();
        let error = at("stepfunctions", "ListActivities", &json!({}), &nothing).unwrap_err();
        assert!(error.to_string().contains("Missing Region"), "{error}");
        let both = Settings {
            fips: true,
            endpoint: Some("http://x"),
            ..nothing
        };
        let error = at("sqs", "ListQueues", &json!({}), &both).unwrap_err();
        assert!(
            error.to_string().contains("FIPS and custom endpoint"),
            "{error}"
        );
    }
}
