//! What TestState is asked.

use serde::Deserialize;

/// The parameters of TestState, with the API's names.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestStateRequest {
    /// A state, or a whole state machine if `state_name` is given.
    pub definition: String,
    /// The state of the state machine to test, whatever its nesting.
    pub state_name: Option<String>,
    /// The role to run as; optional with a mock.
    pub role_arn: Option<String>,
    /// The state's input as JSON text; `{}` if absent.
    pub input: Option<String>,
    /// Variables that the state sees: an object as JSON text.
    pub variables: Option<String>,
    /// The context object as JSON text, with a mock only.
    pub context: Option<String>,
    /// How much of the data's way is told.
    #[serde(default)]
    pub inspection_level: InspectionLevel,
    /// Whether secrets are shown in what an HTTP Task sends; never with a mock.
    #[serde(default)]
    pub reveal_secrets: bool,
    /// What the state's task, branches or iterations come to, instead of being run.
    pub mock: Option<Mock>,
    /// What came before, with a mock only.
    pub state_configuration: Option<Configuration>,
}

/// `inspectionLevel`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InspectionLevel {
    /// Only what the state came to.
    #[default]
    Info,
    /// Also what its data went through.
    Debug,
    /// Also an HTTP Task's request and response.
    Trace,
}

/// `mock`: a result or an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mock {
    /// A result as JSON text.
    pub result: Option<String>,
    /// An error.
    pub error_output: Option<MockErrorOutput>,
    /// How strictly a result is checked against the API's model.
    #[serde(default)]
    pub field_validation_mode: FieldValidationMode,
}

/// `errorOutput`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MockErrorOutput {
    /// The error's name.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
}

/// `fieldValidationMode`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FieldValidationMode {
    /// What the API always sends must be there; what is there must be as the API sends it.
    #[default]
    Strict,
    /// What is there must be as the API sends it.
    Present,
    /// Nothing is checked.
    None,
}

/// `stateConfiguration`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Configuration {
    /// How often the retrier that handles the mocked error has retried before.
    pub retrier_retry_count: Option<u64>,
    /// The state within a Parallel or Map state that the mocked error comes from.
    pub error_caused_by_state: Option<String>,
    /// How many iterations of a Map state failed.
    pub map_iteration_failure_count: Option<u64>,
    /// What a distributed Map state's `ItemReader` reads, as its source has it.
    pub map_item_reader_data: Option<String>,
}
