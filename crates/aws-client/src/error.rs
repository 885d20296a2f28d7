//! Errors.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use crate::retry::{Failure, judge};

/// A parameter that does not fit the model.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} {problem}", parameter(path))]
pub struct ParameterError {
    /// Where it stands: `Entries[0].Detail`.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

fn parameter(path: &str) -> String {
    match path {
        "" => "what is given as parameters".to_owned(),
        path => format!("the parameter {path}"),
    }
}

/// What is wrong with a parameter. No variant holds its value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The model has no such member.
    #[error("is not known to the API{}", did_you_mean(known.as_deref()))]
    Unknown {
        /// A member that differs in capitals only.
        known: Option<String>,
    },
    /// It is of another type.
    #[error("must be {expected}, not {found}")]
    Type {
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// No request can be made without it.
    #[error("is missing, and the request is addressed by it")]
    Missing,
    /// It is no whole number, or too large.
    #[error("must be a whole number in the range of its type")]
    NotWhole,
    /// It is no base64.
    #[error("must be bytes in base64")]
    NotBase64,
    /// It is no point in time.
    #[error("must be a timestamp, as in 2026-11-23T00:00:00Z, or a number of seconds since 1970")]
    NotATime,
    /// It cannot stand in the name of a host.
    #[error("must be made of letters, digits, hyphens and dots: the host's name has it")]
    NotALabel,
    /// The checksum it asks for is not supported.
    #[error(
        "asks for a checksum that is not supported: CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512 and MD5 are"
    )]
    NoChecksum,
    /// A header cannot hold it.
    #[error("must be text that a header can hold, without line breaks")]
    NotAHeader,
    /// Of a union, exactly one member must be there.
    #[error("must have exactly one member, not {members}")]
    Union {
        /// How many there are.
        members: usize,
    },
    /// It is deeper than any API's parameters.
    #[error("is too deep")]
    Deep,
    /// Event streams are not supported.
    #[error("is an event stream, which is not supported")]
    EventStream,
}

fn did_you_mean(known: Option<&str>) -> String {
    known.map_or(String::new(), |known| format!(": did you mean {known}?"))
}

impl ParameterError {
    pub(crate) fn of(path: &str, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            problem,
        }
    }
}

/// A response that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{what}", place(path))]
pub struct Malformed {
    path: Vec<String>,
    what: String,
}

fn place(path: &[String]) -> String {
    let names: Vec<&str> = path.iter().rev().map(String::as_str).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("{} is ", names.join(".")),
    }
}

impl Malformed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            what: what.into(),
        }
    }

    /// A value that is not what its shape says.
    pub(crate) fn value(expected: &str) -> Self {
        Self::new(format!("not {expected}"))
    }

    /// The same, in the member `name`.
    pub(crate) fn at(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }
}

/// Why it is not known where to send a request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// The service's rules refuse what is wanted, in their words.
    #[error("{0}")]
    Refused(String),
    /// The rules need something that is not known.
    #[error(
        "its endpoint depends on the {parameter}, which is not known: {}",
        remedy(parameter)
    )]
    Missing {
        /// What the rules call it.
        parameter: String,
    },
    /// There are no rules for what is wanted.
    #[error("no endpoint is known for it")]
    NoRule,
    /// It is no URL.
    #[error("the endpoint {url} is not an http or https URL with a host")]
    NoUrl {
        /// The endpoint.
        url: String,
    },
}

fn remedy(parameter: &str) -> &'static str {
    match parameter {
        "Region" => "set AWS_REGION, or region in the profile",
        _ => "give it as a parameter",
    }
}

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is neither a section nor a setting.
    #[error("{}:{line}: neither [section] nor key = value", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The profile does not exist.
    #[error(
        "there is no profile {profile}, which AWS_PROFILE names, in the config and credentials files"
    )]
    NoProfile {
        /// Its name.
        profile: String,
    },
    /// A number is none.
    #[error("{setting} is {value}, which is no number")]
    NoNumber {
        /// The setting.
        setting: &'static str,
        /// What it is.
        value: String,
    },
}

/// Why there are no credentials. No variant holds a secret.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// There are none.
    #[error(
        "there are no AWS credentials{}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or configure a profile",
        looked(tried)
    )]
    None {
        /// Where they were looked for.
        tried: Vec<&'static str>,
    },
    /// Something is missing beside them.
    #[error("{place} has AWS credentials without {lacks}")]
    Incomplete {
        /// Where.
        place: String,
        /// What.
        lacks: &'static str,
    },
    /// A profile leads to one that does not exist.
    #[error("there is no profile {profile}, which another's source_profile names")]
    NoProfile {
        /// Its name.
        profile: String,
    },
    /// Profiles lead to each other.
    #[error("the profile {profile} leads to itself by source_profile")]
    Circle {
        /// Its name.
        profile: String,
    },
    /// Nobody is signed in, or no longer.
    #[error("nobody is signed in for the profile {profile}: run aws sso login --profile {profile}")]
    SignedOut {
        /// Its name.
        profile: String,
    },
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program cannot be started.
    #[error("the profile's credential_process cannot be started: {0}")]
    Process(io::Error),
    /// A program has failed.
    #[error("the profile's credential_process has failed: {0}")]
    ProcessFailed(ExitStatus),
    /// A role cannot be assumed.
    #[error("the role {role} cannot be assumed: {source}")]
    Role {
        /// The role.
        role: String,
        /// Why.
        source: Box<CallError>,
    },
    /// What was given as credentials is none.
    #[error("{place} has given no credentials that can be used")]
    Unusable {
        /// Who has given it.
        place: String,
    },
    /// Credentials may not be asked for there.
    #[error(
        "credentials are not asked for at {url}: only https, or a container's service, is safe"
    )]
    Refused {
        /// The URL.
        url: String,
    },
    /// A credential service does not answer.
    #[error("{url} does not answer: {source}")]
    Transport {
        /// Its URL.
        url: String,
        /// Why.
        source: TransportError,
    },
    /// A credential service refuses.
    #[error("{url} answers with status {status}")]
    Status {
        /// Its URL.
        url: String,
        /// The status.
        status: u16,
    },
    /// The files cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

fn looked(tried: &[&str]) -> String {
    match tried.is_empty() {
        true => String::new(),
        false => format!(" (looked for in: {})", tried.join(", ")),
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// It has taken too long.
    #[error("no answer within {after:?}")]
    Timeout {
        /// How long was waited.
        after: Duration,
    },
    /// The answer is too large.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The host has no address that may be connected to.
    #[error("no address of {host} may be connected to")]
    NotAllowed {
        /// The host and the port.
        host: String,
    },
    /// The connection did not come about, or has ended.
    #[error("{0}")]
    Broken(String),
}

/// Why a call has no result.
#[derive(Debug, Error)]
pub enum CallError {
    /// There is no such service.
    #[error("there is no AWS service {service} in the models")]
    UnknownService {
        /// Its name.
        service: String,
    },
    /// The service has no such operation.
    #[error("{service} has no operation {operation}")]
    UnknownOperation {
        /// The service.
        service: String,
        /// The operation.
        operation: String,
    },
    /// The operation has an event stream.
    #[error("{service} {operation} has an event stream ({member}), which is not supported")]
    EventStream {
        /// The service.
        service: String,
        /// The operation.
        operation: String,
        /// The member.
        member: String,
    },
    /// A parameter does not fit the model.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// It is not known where to send the request.
    #[error("{service} cannot be called: {source}")]
    Endpoint {
        /// The service.
        service: String,
        /// Why.
        source: EndpointError,
    },
    /// A signature needs a region.
    #[error(
        "{service} cannot be called without a region: set AWS_REGION, or region in the profile"
    )]
    NoRegion {
        /// The service.
        service: String,
    },
    /// The way to sign is not supported.
    #[error("{service} wants requests authenticated by {scheme}, which is not supported")]
    Signature {
        /// The service.
        service: String,
        /// What it wants.
        scheme: String,
    },
    /// The service takes a token, and there is none.
    #[error("{service} takes a bearer token: set AWS_BEARER_TOKEN_{variable}")]
    NoToken {
        /// The service.
        service: String,
        /// How its variable ends.
        variable: String,
    },
    /// A request cannot be signed.
    #[error(
        "the request to {service} cannot be signed: its headers, or the credentials, have characters that no header can"
    )]
    Unsigned {
        /// The service.
        service: String,
    },
    /// There are no credentials.
    #[error("{service} cannot be called: {source}")]
    Credentials {
        /// The service.
        service: String,
        /// Why.
        source: CredentialError,
    },
    /// The service has answered with an error.
    #[error(transparent)]
    Service(Box<ServiceError>),
    /// There is no answer.
    #[error("{service} at {endpoint} cannot be called: {source} (attempts: {attempts})")]
    Transport {
        /// The service.
        service: String,
        /// The endpoint: scheme and host.
        endpoint: String,
        /// Why.
        source: TransportError,
        /// How often it was tried.
        attempts: u32,
    },
    /// The answer cannot be read.
    #[error("{service} {operation} has answered, but with {source} (status {status})")]
    Malformed {
        /// The service.
        service: String,
        /// The operation.
        operation: String,
        /// The HTTP status.
        status: u16,
        /// What is wrong.
        source: Malformed,
    },
}

impl CallError {
    /// Whether the same call may bring a result later: the service was overloaded or out of order, or
    /// could not be reached.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Service(error) => judge(error.status, &error.code, false) != Failure::Lasting,
            Self::Transport { .. } => true,
            Self::Credentials { source, .. } => match source {
                CredentialError::Transport { .. } => true,
                CredentialError::Status { status, .. } => *status >= 500,
                CredentialError::Role { source, .. } => source.may_pass(),
                _ => false,
            },
            _ => false,
        }
    }
}

/// An error that a service has answered with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{code}: {message} (service: {service}, operation: {operation}, status: {status}, request id: {}, attempts: {attempts})", request_id.as_deref().unwrap_or("none"))]
pub struct ServiceError {
    /// The service's id: `DynamoDB`.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// What the service calls it; the status where it does not say.
    pub code: String,
    /// Its name in the model, where that has it: `NoSuchEntityException` for the code `NoSuchEntity`.
    pub name: Option<String>,
    /// The code of a service that once spoke Query: `AWS.SimpleQueueService.NonExistentQueue`.
    pub query_code: Option<String>,
    /// Its message; may be empty.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// The request's id.
    pub request_id: Option<String>,
    /// S3's second id of the request.
    pub extended_request_id: Option<String>,
    /// The members that the model gives it.
    pub detail: Value,
    /// How often the call was tried.
    pub attempts: u32,
}
