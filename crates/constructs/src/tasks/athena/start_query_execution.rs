//! Starting queries.

use crate::core::{Duration, Problem, Scope};
use crate::resources::{Key, Location};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::tasks::property::{names, property};
use crate::value::{Text, Value};

/// The longest time for which results are used again, in minutes: a week.
const MAX_AGE: u64 = 10_080;

/// Starts a query, or runs it to its end.
#[derive(Debug, Clone)]
#[must_use]
pub struct AthenaStartQueryExecution {
    scope: Scope,
    options: StateOptions,
    query_string: Text,
    client_request_token: Option<Text>,
    query_execution_context: Option<QueryExecutionContext>,
    result_configuration: ResultConfiguration,
    work_group: Option<Text>,
    execution_parameters: Option<Value>,
    result_reuse_configuration_max_age: Option<Duration>,
}

property! {
    /// In which database a query runs.
    pub struct QueryExecutionContext() {
        /// The data catalog; `AwsDataCatalog` unless said.
        catalog_name: Text => "Catalog",
        /// The database within the catalog; `default` unless said.
        database_name: Text => "Database",
    }
}

/// Where the results of a query go, and how they are encrypted; as the work group says unless said.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ResultConfiguration {
    output_location: Option<Location>,
    encryption_configuration: Option<EncryptionConfiguration>,
}

impl ResultConfiguration {
    /// As the work group says.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bucket, and what the keys of the results begin with.
    pub fn output_location(mut self, location: Location) -> Self {
        self.output_location = Some(location);
        self
    }

    /// How the results are encrypted.
    pub fn encryption_configuration(mut self, encryption: EncryptionConfiguration) -> Self {
        self.encryption_configuration = Some(encryption);
        self
    }
}

/// How the results of a query are encrypted.
#[derive(Debug, Clone)]
#[must_use]
pub struct EncryptionConfiguration {
    encryption_option: EncryptionOption,
    encryption_key: Option<Key>,
}

impl EncryptionConfiguration {
    /// A way of encryption. Those with KMS need a key.
    pub fn new(encryption_option: EncryptionOption) -> Self {
        Self {
            encryption_option,
            encryption_key: None,
        }
    }

    /// The key to encrypt with.
    pub fn encryption_key(mut self, key: &Key) -> Self {
        self.encryption_key = Some(key.clone());
        self
    }
}

names! {
    /// A way of encryption.
    pub enum EncryptionOption {
        /// By S3 with its own keys.
        S3Managed = "SSE_S3",
        /// By S3 with a key of KMS.
        Kms = "SSE_KMS",
        /// By Athena with a key of KMS.
        ClientSideKms = "CSE_KMS",
    }
}

impl AthenaStartQueryExecution {
    /// Starts a query in SQL.
    pub fn new(scope: &Scope, id: &str, query_string: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            query_string: query_string.into(),
            client_request_token: None,
            query_execution_context: None,
            result_configuration: ResultConfiguration::default(),
            work_group: None,
            execution_parameters: None,
            result_reuse_configuration_max_age: None,
        }
    }

    /// A text by which Athena knows that a request is a repetition, 32 to 128 characters.
    pub fn client_request_token(mut self, token: impl Into<Text>) -> Self {
        self.client_request_token = Some(token.into());
        self
    }

    /// In which database the query runs.
    pub fn query_execution_context(mut self, context: QueryExecutionContext) -> Self {
        self.query_execution_context = Some(context);
        self
    }

    /// Where the results go, and how they are encrypted.
    pub fn result_configuration(mut self, configuration: ResultConfiguration) -> Self {
        self.result_configuration = configuration;
        self
    }

    /// The work group in which the query runs; `primary` unless said.
    pub fn work_group(mut self, name: impl Into<Text>) -> Self {
        self.work_group = Some(name.into());
        self
    }

    /// What the query's `?` stand for, in their order, up to 1024 characters each: a list, or a path to one.
    pub fn execution_parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.execution_parameters = Some(parameters.into());
        self
    }

    /// How old the results of the same query may be to be used again, in whole minutes up to a week; 0 for not at all.
    pub fn result_reuse_configuration_max_age(mut self, age: Duration) -> Self {
        self.result_reuse_configuration_max_age = Some(age);
        self
    }
}

task_state!(AthenaStartQueryExecution, define);

fn define(
    start: AthenaStartQueryExecution,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    check_parameters(start.execution_parameters.as_ref())?;
    let reuse = start.result_reuse_configuration_max_age.map(reuse);
    let context = start.query_execution_context.map(Value::from);
    let said = |context: &Value| context.as_object().is_some_and(|said| !said.is_empty());
    let parameters = Value::object([
        ("QueryString", Some(start.query_string.into())),
        (
            "ClientRequestToken",
            start.client_request_token.map(Value::from),
        ),
        ("QueryExecutionContext", context.filter(said)),
        (
            "ResultConfiguration",
            Some(results(start.result_configuration)),
        ),
        ("WorkGroup", start.work_group.map(Value::from)),
        ("ExecutionParameters", start.execution_parameters),
        ("ResultReuseConfiguration", reuse.transpose()?),
    ]);
    task.integration("athena", "startQueryExecution", pattern, parameters, &[])
}

fn results(results: ResultConfiguration) -> Value {
    let encryption = results.encryption_configuration.map(|encryption| {
        let key = encryption.encryption_key.as_ref().map(Key::key_arn);
        Value::object([
            (
                "EncryptionOption",
                Some(encryption.encryption_option.into()),
            ),
            ("KmsKey", key.map(Value::from)),
        ])
    });
    let location = results.output_location.as_ref().map(Location::url);
    Value::object([
        ("EncryptionConfiguration", encryption),
        (
            "OutputLocation",
            location.map(|url| Value::from(url.then("/"))),
        ),
    ])
}

fn reuse(age: Duration) -> Result<Value, Problem> {
    let problem = |message| Problem::property("result_reuse_configuration_max_age", message);
    if age > Duration::seconds(0) && age < Duration::minutes(1) {
        return Err(problem(format!(
            "resultReuseConfigurationMaxAge must be greater than or equal to 1 minute or be equal to 0, got {} ms",
            age.to_millis()
        )));
    }
    let minutes = age.whole_minutes().map_err(problem)?;
    if minutes > MAX_AGE {
        return Err(problem(format!(
            "resultReuseConfigurationMaxAge must either be 0 or between 1 and 10080 minutes, got {minutes}"
        )));
    }
    let by_age = crate::object! {"Enabled": true, "MaxAgeInMinutes": minutes};
    Ok(crate::object! {"ResultReuseByAgeConfiguration": by_age})
}

fn check_parameters(parameters: Option<&Value>) -> Result<(), Problem> {
    let Some(Value::List(parameters)) = parameters else {
        return Ok(());
    };
    let problem = |message| Err(Problem::property("execution_parameters", message));
    if parameters.is_empty() {
        return problem("'executionParameters' must be a non-empty list");
    }
    let wrong = |parameter: &Value| match parameter {
        Value::Text(text) => text
            .as_literal()
            .is_some_and(|text| !(1..=1024).contains(&text.chars().count())),
        _ => false,
    };
    match parameters.iter().any(wrong) {
        true => {
            problem("'executionParameters' items's length must be between 1 and 1024 characters")
        }
        false => Ok(()),
    }
}
