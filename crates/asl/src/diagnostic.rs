//! What is wrong with a definition, in AWS's words, and what would be right.

use std::fmt;

use serde::Serialize;

/// One finding about a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Whether the definition is refused for it.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: Code,
    /// What is wrong, in the words of `ValidateStateMachineDefinition` where they are known.
    pub message: String,
    /// Where in the definition, as AWS writes it: `/States/Fetch/Retry[0]/ErrorEquals`.
    pub location: Option<String>,
    /// Where in the source text.
    pub span: Option<Span>,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// The finding as `CreateStateMachine` writes it: `CODE: message at location`.
    ///
    /// A finding without a location says `at null`, as observed on AWS.
    pub fn aws_text(&self) -> String {
        let location = self.location.as_deref().unwrap_or("null");
        format!("{}: {} at {location}", self.code, self.message)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.location {
            Some(location) if self.code != Code::InvalidJsonDescription => {
                write!(f, " at {location}")
            }
            _ => Ok(()),
        }
    }
}

/// Whether a finding refuses the definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// The definition cannot be used.
    Error,
    /// It can, but likely does not do what was meant.
    Warning,
}

impl Severity {
    /// `ERROR` or `WARNING`, as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
        }
    }
}

/// A place in the source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Bytes before it.
    pub offset: usize,
    /// Bytes in it.
    pub length: usize,
    /// Its first line, counted from 1.
    pub line: usize,
    /// Its first column in characters, counted from 1.
    pub column: usize,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// The kind of a finding.
        ///
        /// Sources: the API reference's `ValidateStateMachineDefinitionDiagnostic`; the codes about
        /// JSONata and variables are absent there and were observed on AWS.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as the API spells it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

codes! {
    /// The text is not JSON.
    InvalidJsonDescription = "INVALID_JSON_DESCRIPTION",
    /// There is no text.
    MissingDescription = "MISSING_DESCRIPTION",
    /// A field is missing, unknown, of the wrong type, out of range or against a rule.
    SchemaValidationFailed = "SCHEMA_VALIDATION_FAILED",
    /// A Task state's `Resource` is invalid. AWS reports it as `SCHEMA_VALIDATION_FAILED` today.
    InvalidResource = "INVALID_RESOURCE",
    /// No state ends the execution.
    MissingEndState = "MISSING_END_STATE",
    /// Two states of one machine have the same name.
    DuplicateStateName = "DUPLICATE_STATE_NAME",
    /// A state's name is empty or longer than 80 characters.
    InvalidStateName = "INVALID_STATE_NAME",
    /// The state machine's own name is missing (not about the definition).
    StateMachineNameEmpty = "STATE_MACHINE_NAME_EMPTY",
    /// The state machine's own name has characters that it must not (not about the definition).
    StateMachineNameInvalid = "STATE_MACHINE_NAME_INVALID",
    /// The state machine's own name is too long (not about the definition).
    StateMachineNameTooLong = "STATE_MACHINE_NAME_TOO_LONG",
    /// The state machine's own name is taken (not about the definition).
    StateMachineNameAlreadyExists = "STATE_MACHINE_NAME_ALREADY_EXISTS",
    /// Two Map states have the same `Label`.
    DuplicateLabelName = "DUPLICATE_LABEL_NAME",
    /// A Map state's `Label` is empty, too long or has characters that it must not.
    InvalidLabelName = "INVALID_LABEL_NAME",
    /// A transition leads to no state of its scope, or no transition leads to a state.
    MissingTransitionTarget = "MISSING_TRANSITION_TARGET",
    /// The definition is nested deeper than can be read.
    TooDeeplyNested = "TOO_DEEPLY_NESTED",
    /// A JSONata expression does not parse.
    InvalidJsonataExpression = "INVALID_JSONATA_EXPRESSION",
    /// A JSONata expression reads what does not exist where it stands.
    UnsupportedJsonataExpression = "UNSUPPORTED_JSONATA_EXPRESSION",
    /// A variable's name is not an identifier of at most 80 characters.
    InvalidVariableName = "INVALID_VARIABLE_NAME",
    /// A variable is named `states`.
    ReservedVariableName = "RESERVED_VARIABLE_NAME",
    /// A variable of an outer scope is assigned in an inner one.
    DuplicateVariableName = "DUPLICATE_VARIABLE_NAME",
    /// A value looks like a path or intrinsic function, but its key lacks `.$`.
    NoDollar = "NO_DOLLAR",
    /// A value looks like a path, but its field takes a literal.
    NoPath = "NO_PATH",
    /// A Pass state's `Result` looks like it holds a path.
    PassResultIsStatic = "PASS_RESULT_IS_STATIC",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
