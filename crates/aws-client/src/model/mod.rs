//! What the services are: their operations and shapes, as `data/models.deflate` has them.
//!
//! `tools/models.py` makes that file and describes it.

mod file;
mod shape;

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

pub use file::botocore_version;
pub(crate) use file::{Partition, partitions, rules_template};
pub use shape::{Location, Namespace, Reference, Shape, ShapeType, TimestampFormat};

/// The model of one service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name among AWS's SDKs: `DynamoDB`.
    pub id: String,
    /// How its requests and responses are written.
    pub protocol: Protocol,
    /// The version of its API: a date.
    pub(crate) version: String,
    /// The version of AWS JSON.
    #[serde(rename = "json")]
    pub(crate) json_version: Option<String>,
    /// What stands before an operation's name in requests of AWS JSON and RPC v2.
    pub(crate) target: Option<String>,
    /// The first label of its host names.
    pub(crate) prefix: String,
    /// The name it has in signatures; none if that is `prefix`.
    pub(crate) signing_name: Option<String>,
    /// How requests may be authenticated, the preferred first.
    #[serde(default)]
    pub(crate) auth: Vec<AuthScheme>,
    /// A kind of signature other than version 4.
    pub(crate) signature: Option<OtherSignature>,
    /// Whether it once spoke the Query protocol, whose codes of errors it still tells.
    #[serde(default)]
    pub(crate) query_compatible: bool,
    pub(crate) operations: IndexMap<String, Operation>,
    pub(crate) errors: IndexMap<String, Exception>,
    pub(crate) shapes: Vec<Shape>,
    /// Which template its endpoint rules are made of, and the texts to put in.
    pub(crate) rules: usize,
    pub(crate) texts: Vec<String>,
}

/// A protocol of AWS's services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Protocol {
    /// AWS JSON 1.0 and 1.1.
    #[serde(rename = "json")]
    Json,
    /// REST with bodies of JSON.
    #[serde(rename = "rest-json")]
    RestJson,
    /// REST with bodies of XML.
    #[serde(rename = "rest-xml")]
    RestXml,
    /// Forms in, XML out.
    #[serde(rename = "query")]
    Query,
    /// EC2's variant of Query.
    #[serde(rename = "ec2")]
    Ec2,
    /// Smithy RPC v2 with CBOR.
    #[serde(rename = "smithy-rpc-v2-cbor")]
    Cbor,
}

/// A way to authenticate requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum AuthScheme {
    /// AWS Signature Version 4.
    #[serde(rename = "aws.auth#sigv4")]
    SigV4,
    /// Its asymmetric variant, good in several regions.
    #[serde(rename = "aws.auth#sigv4a")]
    SigV4a,
    /// A token in the header `Authorization`.
    #[serde(rename = "smithy.api#httpBearerAuth")]
    Bearer,
    /// None.
    #[serde(rename = "smithy.api#noAuth")]
    Anonymous,
}

/// A kind of signature other than version 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OtherSignature {
    /// Signature Version 2, of services that AWS no longer develops.
    V2,
    /// A token instead of a signature.
    Bearer,
}

/// An operation of a service.
#[allow(clippy::struct_excessive_bools)] // each says one thing of the model
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    #[serde(default = "post")]
    pub(crate) method: String,
    #[serde(default = "root")]
    pub(crate) uri: String,
    /// Its parameters.
    pub input: Option<Reference>,
    /// Its result.
    pub output: Option<Reference>,
    /// The element of an answer in Query that has the result.
    pub(crate) wrapper: Option<String>,
    /// Whether the root of the answer is the result's one member itself.
    #[serde(default)]
    pub(crate) unwrapped: bool,
    /// The errors that its answers mean by a code that several have.
    #[serde(default)]
    pub(crate) errors: Vec<String>,
    /// What stands before the endpoint's host; `{Member}` stands for a parameter.
    pub(crate) host: Option<String>,
    /// Parameters of the endpoint rules.
    #[serde(default, rename = "static")]
    pub(crate) static_context: IndexMap<String, Value>,
    #[serde(default)]
    pub(crate) unauthenticated: bool,
    /// Whether the signature leaves out the body.
    #[serde(default)]
    pub(crate) unsigned: bool,
    /// The parameter that chooses the algorithm of the request's checksum.
    pub(crate) checksum: Option<String>,
    #[serde(default)]
    pub(crate) checksum_required: bool,
    /// Whether the service must be asked for the endpoint.
    #[serde(default)]
    pub(crate) discovers: bool,
}

fn post() -> String {
    "POST".to_owned()
}

fn root() -> String {
    "/".to_owned()
}

/// An error that a service announces in its model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    pub(crate) shape: usize,
    /// How answers call it; none if by its name.
    pub(crate) code: Option<String>,
    /// Present if the call may be made again: whether because it was one too many.
    pub(crate) throttling: Option<bool>,
}

impl Service {
    /// The service of that name, which is that of its directory in botocore: `stepfunctions`.
    ///
    /// It is decoded once, in some milliseconds for the largest, and then kept.
    pub fn named(name: &str) -> Option<Arc<Self>> {
        file::service(name)
    }

    /// The names of all services.
    pub fn names() -> impl Iterator<Item = &'static str> {
        file::names()
    }

    /// The operation of that name, spelled as in the API: `StartExecution`.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// Its operations, by name.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.operations
            .iter()
            .map(|(name, operation)| (name.as_str(), operation))
    }

    /// The shape that a reference of this service leads to.
    pub fn shape(&self, at: &Reference) -> &Shape {
        self.shapes.get(at.shape).unwrap_or(&shape::NOTHING)
    }

    /// The error that answers of an operation call `code`: its name, and what is known of it.
    pub(crate) fn exception(
        &self,
        operation: &Operation,
        code: &str,
    ) -> Option<(&str, &Exception)> {
        let called = |(name, exception): &(&String, &Exception)| {
            exception.code.as_ref().unwrap_or(name) == code
        };
        let listed = operation.errors.iter();
        let mut listed = listed.filter_map(|name| self.errors.get_key_value(name));
        let found = listed
            .find(called)
            .or_else(|| self.errors.iter().find(called));
        let found = found.or_else(|| self.errors.get_key_value(code));
        found.map(|(name, exception)| (name.as_str(), exception))
    }
}

impl Operation {
    /// Whether a parameter makes a repeated call the same call:
    /// [`Overrides::token`](crate::Overrides::token).
    pub fn takes_token(&self, service: &Service) -> bool {
        let input = self.input.as_ref().map(|input| service.shape(input));
        input.is_some_and(|shape| shape.members.values().any(|member| member.token))
    }

    /// The member that has an event stream, in the parameters or in the result.
    pub fn event_stream<'a>(&'a self, service: &'a Service) -> Option<&'a str> {
        let sent = self.sends_events(service);
        sent.or_else(|| self.answers_events(service))
    }

    /// The parameter that is an event stream.
    pub(crate) fn sends_events<'a>(&'a self, service: &'a Service) -> Option<&'a str> {
        events_in(self.input.as_ref()?, service)
    }

    /// The member of the result that is an event stream.
    pub(crate) fn answers_events<'a>(&'a self, service: &'a Service) -> Option<&'a str> {
        events_in(self.output.as_ref()?, service)
    }
}

fn events_in<'a>(side: &'a Reference, service: &'a Service) -> Option<&'a str> {
    let mut members = service.shape(side).members.iter();
    let found = members.find(|(_, member)| service.shape(member).is == ShapeType::EventStream);
    found.map(|(name, _)| name.as_str())
}
