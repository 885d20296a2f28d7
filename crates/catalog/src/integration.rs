//! The optimised integrations.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use stepmill_asl::model::IntegrationPattern;

use crate::pattern;

/// `data/integrations.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Catalog {
    /// Where the facts come from.
    pub source: String,
    /// How sure some of them are.
    pub notes: Vec<String>,
    /// The patterns that express workflows may use.
    #[serde(deserialize_with = "pattern::list")]
    pub express_patterns: Vec<IntegrationPattern>,
    /// What a Task state calls by an ARN of its own: `lambda` and `activity`.
    pub arns: IndexMap<String, ArnTask>,
    /// Services by their name in resource ARNs.
    pub services: IndexMap<String, Service>,
    /// Resources of a distributed Map state's `ItemReader` and `ResultWriter`.
    pub map_resources: MapResources,
}

/// What a Task state calls by an ARN of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArnTask {
    /// The form of the ARN.
    pub form: String,
    /// Whether express workflows may call it.
    pub express: bool,
    /// What the execution role must be allowed.
    pub iam: Vec<IamStatement>,
}

/// Resources of a distributed Map state, and what the execution role must be allowed for each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MapResources {
    /// Of `ItemReader`, such as `s3:getObject`.
    pub item_reader: IndexMap<String, Vec<IamStatement>>,
    /// Of `ResultWriter`.
    pub result_writer: IndexMap<String, Vec<IamStatement>>,
    /// For the map runs themselves. `{StateMachineArn}` and `{Name}` are the machine's, `{Labels[]}` those of its distributed
    /// Map states.
    pub runs: Vec<IamStatement>,
}

/// A service with optimised integrations.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Its full name.
    pub name: String,
    /// Its name in AWS's SDKs where that is not the one in resource ARNs: `emr`.
    pub sdk_model: Option<String>,
    /// How its errors are named.
    pub error_names: Option<ErrorNames>,
    /// How its results show points in time.
    #[serde(default)]
    pub times: Times,
    /// How its results spell the names of HTTP headers, where that is not as other services' results do
    /// (observed): by the name in small letters.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Where the IAM statements come from, if not from the service's page.
    pub iam_provenance: Option<String>,
    /// Integrations by the action's name in resource ARNs.
    pub actions: IndexMap<String, Integration>,
}

/// How results show points in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Times {
    /// As the number of milliseconds since 1970 (observed of Step Functions).
    #[default]
    Milliseconds,
    /// As a text of ISO 8601 (observed of ECS).
    Text,
}

/// How errors of a service are named in executions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErrorNames {
    /// What they begin with, before the dot.
    pub prefix: String,
    /// What stands behind the dot for errors that the API does not model.
    pub base_exception: Option<String>,
    /// What causes call the service, where that is not the base exception's name without `Exception`:
    /// `AmazonDynamoDBv2` in `… (Service: AmazonDynamoDBv2; Status Code: 400; …)`.
    service_name: Option<String>,
    /// How sure the names are.
    pub evidence: Evidence,
}

impl ErrorNames {
    /// What causes call the service: `AmazonSQS` in `… (Service: AmazonSQS; Status Code: 400; …)`.
    pub fn service_name(&self) -> &str {
        let base = self.base_exception.as_deref();
        let of_base = base.map(|name| name.strip_suffix("Exception").unwrap_or(name));
        self.service_name
            .as_deref()
            .or(of_base)
            .unwrap_or(&self.prefix)
    }
}

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Seen in executions on AWS.
    Observed,
    /// Told by users of their executions.
    Reported,
    /// Stands on AWS's pages.
    Documented,
    /// Follows from a scheme only.
    Unverified,
}

/// One optimised integration.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Integration {
    /// The patterns that it supports.
    #[serde(deserialize_with = "pattern::list")]
    pub patterns: Vec<IntegrationPattern>,
    /// The API action where its name is not that of the integration: `RunJobFlow`.
    api: Option<String>,
    /// The service's name in AWS's SDKs where it is not that of the service's other actions.
    pub sdk_model: Option<String>,
    /// When it appeared, as year and month.
    pub since: Option<String>,
    /// Required parameters; of each list one must be given.
    #[serde(default)]
    pub required: Vec<Vec<String>>,
    /// Other parameters; empty where all of the API action's are taken.
    #[serde(default)]
    pub optional: Vec<String>,
    /// What values a parameter takes.
    #[serde(default)]
    pub parameter_notes: IndexMap<String, String>,
    /// How parameters and response differ from the API action's.
    pub differs: Option<String>,
    /// Parameters that are text in the API and may be any JSON here: `Entries[].Detail`.
    #[serde(default)]
    pub json_texts: Vec<String>,
    /// Members of the response that are text in the API, and any JSON in the result.
    #[serde(default)]
    pub json_results: Vec<String>,
    /// Parameters that the result repeats.
    #[serde(default)]
    pub echoes: Vec<String>,
    /// Whether the result has `SdkHttpMetadata` and `SdkResponseMetadata`.
    #[serde(default = "yes")]
    pub sdk_metadata: bool,
    /// What HTTP requests it makes, if it makes them of its parameters rather than of an API action.
    pub http: Option<HttpRequests>,
    /// Its limits.
    #[serde(default)]
    pub limits: Limits,
    /// How `.sync` finds out that the job has ended.
    pub poll: Option<Poll>,
    /// How the job is ended when nobody waits for it any more; absent where AWS leaves it alone.
    pub stop: Option<Stop>,
    /// The shape of its output where that is not the API action's: a text, or an example, or one of
    /// these by pattern.
    pub output: Option<Value>,
    /// Errors that it may fail with.
    #[serde(default)]
    pub errors: Vec<ErrorName>,
    /// The retrier that AWS recommends.
    pub recommended_retry: Option<Value>,
    /// Where its IAM statements come from, if not from the service's page.
    pub iam_provenance: Option<String>,
    /// What else is to be known.
    pub note: Option<String>,
    /// What the execution role must be allowed, by pattern.
    #[serde(deserialize_with = "pattern::keys")]
    pub iam: IndexMap<IntegrationPattern, Vec<IamStatement>>,
}

fn yes() -> bool {
    true
}

impl Integration {
    /// Whether it supports the pattern.
    pub fn supports(&self, pattern: IntegrationPattern) -> bool {
        self.patterns.contains(&pattern)
    }

    /// The API action of the integration that is called `action` in resource ARNs.
    pub fn api(&self, action: &str) -> String {
        if let Some(api) = &self.api {
            return api.clone();
        }
        let mut letters = action.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }

    /// What the execution role must be allowed for a pattern.
    pub fn iam(&self, pattern: IntegrationPattern) -> Option<&[IamStatement]> {
        self.iam.get(&pattern).map(Vec::as_slice)
    }
}

/// HTTP requests that a task makes of its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRequests {
    /// The methods that `Method` may name.
    pub methods: Vec<String>,
    /// Those that may have a `RequestBody`, where not all may.
    #[serde(default)]
    pub body_methods: Vec<String>,
    /// Headers that a task must not set, in small letters; those that begin so, with `*` behind it.
    #[serde(default)]
    forbidden_headers: Vec<String>,
    /// Types of content that no result is made of, in small letters; `image/*` is all of them.
    #[serde(default)]
    unreadable_types: Vec<String>,
    /// The name of the service in signatures: `execute-api`.
    pub signed_as: Option<String>,
    /// The hosts that requests go to, with parts in `<…>`.
    #[serde(default)]
    hosts: Vec<String>,
    /// The error of an answer that is no success; `<status>` is its status.
    status_error: String,
    /// The error if there is no answer.
    pub unanswered_error: String,
    /// The error if the connection of EventBridge is of no use; `<reason>` says why.
    connection_error: Option<String>,
}

impl HttpRequests {
    /// Whether a task must not set a header.
    pub fn forbids(&self, header: &str) -> bool {
        is_in(&self.forbidden_headers, header)
    }

    /// Whether no result is made of content of a type.
    pub fn refuses(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default();
        is_in(&self.unreadable_types, essence.trim())
    }

    /// Whether a method may have a body.
    pub fn takes_body(&self, method: &str) -> bool {
        self.body_methods.is_empty() || self.body_methods.iter().any(|name| name == method)
    }

    /// Whether requests may go to a host.
    pub fn serves(&self, host: &str) -> bool {
        let label = |text: &str| {
            let part =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !text.is_empty() && text.bytes().all(part)
        };
        self.hosts.iter().any(|pattern| {
            pattern.split('.').count() == host.split('.').count()
                && pattern
                    .split('.')
                    .zip(host.split('.'))
                    .all(|(expected, found)| match expected.starts_with('<') {
                        true => label(found),
                        false => expected == found,
                    })
        })
    }

    /// The error if the connection of EventBridge is of no use: `ResourceNotFound`.
    pub fn connection_error(&self, reason: &str) -> String {
        let name = self.connection_error.as_deref().unwrap_or("<reason>");
        name.replace("<reason>", reason)
    }

    /// The error of an answer that is no success.
    pub fn error(&self, status: u16) -> String {
        self.status_error.replace("<status>", &status.to_string())
    }
}

/// Whether a name, in letters of any case, is one of those in small letters, or begins like one with `*`.
fn is_in(names: &[String], name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    names.iter().any(|known| match known.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => *known == name,
    })
}

/// Limits of an integration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// The longest time that a task takes, in seconds.
    pub seconds: Option<u64>,
    /// Tasks that may start at once.
    pub bucket: Option<u64>,
    /// Tasks that may start each second after that.
    pub refill_per_second: Option<u64>,
    /// The longest response, in bytes.
    pub max_response_bytes: Option<u64>,
}

/// How the end of a job is found out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Poll {
    /// The API action that tells the job's status.
    pub api: String,
    /// Another that does.
    pub alternative: Option<String>,
    /// Its parameters: templates, in which `{Tasks[0].TaskArn}` is what the response to the start of the
    /// job has there, or else the task's parameters.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Where in its response the status stands: `JobRun.JobRunState`.
    pub status: String,
    /// The error of the API action that starts a job whose name is taken. When a start is made again
    /// because nobody knows what became of it, the job of that name is its own.
    pub taken: Option<String>,
    /// The task's result where that is not the whole response: a template over the response, the
    /// response to the start of the job, and the task's parameters.
    pub result: Option<Value>,
    /// Statuses of a job that succeeded.
    pub success: Vec<String>,
    /// The error of the API action that means success: what was deleted is gone.
    pub success_error: Option<String>,
    /// Statuses of a job that failed.
    pub failure: Vec<String>,
    /// What decides besides the status.
    pub rule: Option<String>,
    /// How often AWS asks, where that is known.
    pub interval: Option<Interval>,
    /// Where the statuses come from.
    pub provenance: String,
}

/// How a job is ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stop {
    /// The API action that ends it.
    pub api: String,
    /// Its parameters: templates as in [`Poll::parameters`].
    pub parameters: Map<String, Value>,
}

/// How often a job's status is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Interval {
    /// Seconds between the first questions.
    pub first_seconds: u64,
    /// For how many seconds.
    pub first_for_seconds: Option<u64>,
    /// Seconds between later ones.
    pub then_seconds: u64,
}

/// An error that an integration may fail with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorName {
    /// Its name; a part in `<…>` or a `*` stands for many.
    pub name: String,
    /// When, or with what cause.
    pub when: Option<String>,
}

/// A statement of an execution role's policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IamStatement {
    /// The actions to allow.
    pub actions: Vec<String>,
    /// On what: templates of ARNs. `<partition>`, `<region>` and `<account>` are filled in, `{Entries[].EventBusName}`
    /// is what the task's parameters have there (several for an array, nothing if it is missing), with
    /// `{WorkGroup|primary}` a default, and `{QueueUrl@AWS::SQS::Queue}` the ARN of the resource of that type
    /// which the parameter, or its default, names (`{ConnectionArn@AWS::Events::Connection.SecretArn}` another attribute
    /// of it). `{Input.S3Uri~s3://*}` is what stands in the value between the texts before and after the star,
    /// `{lower ModelName}` the value in lower case (if it is not known at deployment only: then it is `*`). A value
    /// that is itself an ARN takes the place of the ARN that it stands in: `table/{TableName}`. One that is only known at
    /// run time, or has another form, is `*`. `{StateMachineArn#6}` is the seventh part between the colons of an ARN.
    /// `A or B` is `B` if all that `A` is about is missing. Without templates: on
    /// `*`.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Conditions by operator and key; the values are templates as well.
    #[serde(default)]
    pub conditions: IndexMap<String, IndexMap<String, OneOrMany>>,
    /// The statement's name within a policy.
    pub sid: Option<String>,
    /// The parameter without which the statement is not needed.
    pub when: Option<String>,
    /// The major version of the AWS CDK whose policies have it; without one, all have.
    pub cdk: Option<u32>,
    /// On what, in words.
    pub note: Option<String>,
}

/// A text, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One text.
    One(String),
    /// Several.
    Many(Vec<String>),
}
