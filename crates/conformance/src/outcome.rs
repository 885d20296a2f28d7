//! How a case ended.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use crate::compare::Difference;

/// A value is shown up to this many characters.
const SHOWN: usize = 300;

/// A verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Outcome {
    /// All answers are those of AWS.
    Passed,
    /// They are not, or an answer did not come.
    Failed {
        /// Where, and what came instead; never empty.
        failures: Vec<Failure>,
    },
    /// The target lacks something that the case needs.
    Skipped {
        /// What it lacks.
        needs: Vec<String>,
    },
}

impl Outcome {
    /// Why the case did not pass, in one line; empty if it did.
    pub fn reason(&self) -> String {
        self.first_reason(Failure::to_string)
    }

    /// The same without what was recorded, which belongs to the data set.
    pub fn own_reason(&self) -> String {
        self.first_reason(|failure| match &failure.what {
            What::Difference(found) => {
                format!(
                    "{} {}: differs, got {}",
                    failure.at,
                    found.path,
                    shown(&found.actual)
                )
            }
            What::Message(_) => failure.to_string(),
        })
    }

    fn first_reason(&self, describe: impl Fn(&Failure) -> String) -> String {
        match self {
            Self::Passed => String::new(),
            Self::Failed { failures } => failures
                .first()
                .map(|failure| describe(failure).replace(['\n', '\r'], " "))
                .unwrap_or_default(),
            Self::Skipped { needs } => format!("needs {}", needs.join(", ")),
        }
    }
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// The step: `run 0 history`, `s3 StartExecution`.
    pub at: String,
    /// What went wrong there.
    #[serde(flatten)]
    pub what: What,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// An answer is not the recorded one.
    Difference(Difference),
    /// There is no answer to compare, or it is not of the kind that was due.
    Message(String),
}

impl Failure {
    /// A failure that is no difference.
    pub fn message(at: &str, message: impl Into<String>) -> Self {
        Self {
            at: at.to_owned(),
            what: What::Message(message.into()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Message(message) => write!(f, "{}: {message}", self.at),
            What::Difference(found) => write!(
                f,
                "{} {}: expected {}, got {}",
                self.at,
                found.path,
                shown(&found.expected),
                shown(&found.actual)
            ),
        }
    }
}

/// `value` as JSON, cut where it gets long.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The outcome of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseResult {
    /// The case.
    pub id: String,
    /// Its area.
    pub area: String,
    /// Its file in the data set.
    pub file: PathBuf,
    /// Whether it needs no service but Lambda: see `Case::in_scope`.
    pub in_scope: bool,
    /// The verdict on all that AWS sent.
    pub strict: Outcome,
    /// The verdict without the case's unchecked paths.
    pub lenient: Outcome,
    /// How long it took.
    pub seconds: f64,
}

impl CaseResult {
    /// The strict or the lenient verdict.
    pub fn outcome(&self, strict: bool) -> &Outcome {
        if strict { &self.strict } else { &self.lenient }
    }
}
