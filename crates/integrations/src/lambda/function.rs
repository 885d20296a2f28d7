//! What a function is: its code, how to run it, and within which limits.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::arn::LATEST;
use super::environment;
use super::error::HostError;

/// A function's declaration.
///
/// Limits are those of the AWS Lambda Developer Guide, "Lambda quotas"; [`Function::validate`]
/// checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Whose it is; a function without an owner answers to its name in any account and region, so
    /// that a definition written for AWS runs unchanged.
    pub owner: Option<Owner>,
    /// 1 to 64 letters, digits, `-` and `_`.
    pub name: String,
    /// `$LATEST` or the number of a published version.
    pub version: String,
    /// What runs the code.
    pub runtime: Runtime,
    /// `module.function`; for a custom runtime what its executable takes it to be.
    pub handler: String,
    /// A custom runtime's executable within `code`; default the `handler`.
    pub executable: Option<String>,
    /// The directory that AWS would unpack at `/var/task`; none of [`Runtime::EvaluateExpression`] with
    /// Stepmill's own handler.
    pub code: Option<PathBuf>,
    /// Environment variables beside those that Lambda itself sets.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take: 1 to 900 seconds.
    pub timeout: Duration,
    /// Megabytes, 128 to 10240. The function is told; nothing enforces it but
    /// [`Runtime::EvaluateExpression`].
    pub memory: u32,
    /// The most processes at once, 1 to 1000.
    pub concurrency: usize,
}

impl Function {
    /// AWS's default timeout.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);
    /// AWS's default memory size, in megabytes.
    pub const DEFAULT_MEMORY: u32 = 128;
    /// The executable of a custom runtime, unless declared otherwise.
    pub const DEFAULT_EXECUTABLE: &str = "bootstrap";
    /// The handler of expressions, by the CDK's name.
    pub const EXPRESSION_HANDLER: &str = "index.handler";

    /// A function with AWS's defaults and no environment of its own.
    pub fn new(
        name: impl Into<String>,
        runtime: Runtime,
        handler: impl Into<String>,
        code: impl Into<PathBuf>,
    ) -> Self {
        Self {
            owner: None,
            name: name.into(),
            version: LATEST.to_owned(),
            runtime,
            handler: handler.into(),
            executable: None,
            code: Some(code.into()),
            environment: BTreeMap::new(),
            timeout: Self::DEFAULT_TIMEOUT,
            memory: Self::DEFAULT_MEMORY,
            concurrency: default_concurrency(),
        }
    }

    /// A function that evaluates expressions by Stepmill's own handler, with AWS's defaults.
    pub fn evaluate_expression(name: impl Into<String>) -> Self {
        let runtime = Runtime::EvaluateExpression;
        Self {
            code: None,
            ..Self::new(name, runtime, Self::EXPRESSION_HANDLER, "")
        }
    }

    /// A custom runtime's executable within `code`.
    pub(super) fn executable(&self) -> &str {
        self.executable.as_deref().unwrap_or(&self.handler)
    }

    /// Checks names and limits; looks at no file.
    pub fn validate(&self) -> Result<(), HostError> {
        let invalid = |field: &'static str, problem: String| {
            Err(HostError::InvalidFunction {
                function: self.name.clone(),
                field,
                problem,
            })
        };
        if !is_function_name(&self.name) {
            return invalid(
                "name",
                "must be 1 to 64 letters, digits, '-' and '_'".to_owned(),
            );
        }
        if self.handler.is_empty()
            || self.handler.len() > 128
            || self.handler.chars().any(char::is_whitespace)
        {
            return invalid(
                "handler",
                "must be 1 to 128 characters without blanks".to_owned(),
            );
        }
        if self.runtime.is_custom() && !is_plain_file(Path::new(self.executable())) {
            let problem = format!(
                "'{}' must name a file inside the code directory",
                self.executable()
            );
            return invalid("handler", problem);
        }
        if self.runtime == Runtime::EvaluateExpression {
            let plain = self.handler.split_once('.');
            if !plain.is_some_and(|(file, member)| is_identifier(file) && is_identifier(member)) {
                return invalid(
                    "handler",
                    format!("'{}' must be FILE.NAME, as \"index.handler\"", self.handler),
                );
            }
            if !self.environment.is_empty() {
                return invalid("environment", "expressions cannot read any".to_owned());
            }
        } else if self.code.is_none() {
            return invalid("code", format!("{} needs a directory", self.runtime));
        }
        if !(1..=900).contains(&self.timeout.as_secs()) || self.timeout.subsec_nanos() != 0 {
            return invalid("timeout", "must be 1 to 900 whole seconds".to_owned());
        }
        if !(128..=10_240).contains(&self.memory) {
            return invalid(
                "memory",
                format!("is {} MB, must be 128 to 10240", self.memory),
            );
        }
        if !(1..=1000).contains(&self.concurrency) {
            return invalid(
                "concurrency",
                format!("is {}, must be 1 to 1000", self.concurrency),
            );
        }
        for (key, value) in &self.environment {
            if let Some(problem) = environment::problem_with(key, value) {
                return invalid("environment", problem);
            }
        }
        Ok(())
    }
}

/// An account and a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
}

impl Owner {
    /// An account in a region.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
        }
    }
}

/// The most processes of a function at once unless it says otherwise: two for each CPU, at least 4.
pub fn default_concurrency() -> usize {
    std::thread::available_parallelism().map_or(4, |cpus| (cpus.get() * 2).max(4))
}

/// Whether Lambda allows the name.
pub(super) fn is_function_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_identifier(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !text.is_empty() && text.bytes().all(fits)
}

fn is_plain_file(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_)))
}

/// What runs a function's code, by AWS's identifiers (AWS Lambda Developer Guide, "Lambda runtimes").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// `python3.MINOR`.
    Python {
        /// The version after `3.`.
        minor: u8,
    },
    /// `nodejsMAJOR.x`.
    Node {
        /// The version before `.x`.
        major: u8,
    },
    /// `provided`: an executable that speaks the Runtime API.
    Provided,
    /// `provided.al2`: as [`Runtime::Provided`].
    ProvidedAl2,
    /// `provided.al2023`: as [`Runtime::Provided`].
    ProvidedAl2023,
    /// `evaluate-expression`: a JavaScript file without imports, as the one that the CDK's `EvaluateExpression`
    /// deploys, run in this process without Node.js. AWS has no such identifier.
    EvaluateExpression,
}

impl Runtime {
    /// Whether the function brings its own runtime.
    pub fn is_custom(self) -> bool {
        matches!(
            self,
            Self::Provided | Self::ProvidedAl2 | Self::ProvidedAl2023
        )
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Python { minor } => write!(f, "python3.{minor}"),
            Self::Node { major } => write!(f, "nodejs{major}.x"),
            Self::Provided => f.write_str("provided"),
            Self::ProvidedAl2 => f.write_str("provided.al2"),
            Self::ProvidedAl2023 => f.write_str("provided.al2023"),
            Self::EvaluateExpression => f.write_str("evaluate-expression"),
        }
    }
}

/// A runtime that cannot be run locally, or is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a runtime that runs locally; use python3.12 or another python3.N, nodejs22.x or \
     another nodejsN.x, or an executable that speaks the Lambda Runtime API with provided.al2023"
)]
pub struct UnknownRuntime(pub String);

impl FromStr for Runtime {
    type Err = UnknownRuntime;

    fn from_str(text: &str) -> Result<Self, UnknownRuntime> {
        let number = |digits: &str| {
            let plain =
                digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
            if plain { digits.parse().ok() } else { None }
        };
        let managed = if let Some(minor) = text.strip_prefix("python3.") {
            number(minor).map(|minor| Self::Python { minor })
        } else if let Some(rest) = text.strip_prefix("nodejs") {
            rest.strip_suffix(".x")
                .and_then(number)
                .map(|major| Self::Node { major })
        } else {
            match text {
                "provided" => Some(Self::Provided),
                "provided.al2" => Some(Self::ProvidedAl2),
                "provided.al2023" => Some(Self::ProvidedAl2023),
                "evaluate-expression" => Some(Self::EvaluateExpression),
                _ => None,
            }
        };
        managed.ok_or_else(|| UnknownRuntime(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_read_back_as_written() {
        for text in [
            "python3.9",
            "python3.12",
            "nodejs20.x",
            "nodejs22.x",
            "provided",
            "provided.al2023",
            "evaluate-expression",
        ] {
            assert_eq!(text.parse::<Runtime>().unwrap().to_string(), text);
        }
        for text in [
            "python2.7",
            "python3.",
            "python3.+9",
            "nodejs",
            "nodejs20",
            "java21",
            "go1.x",
        ] {
            let error = text.parse::<Runtime>().unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("'{text}' is not a runtime"))
            );
        }
    }

    /// The field for which a changed function is refused.
    fn field_of(function: &Function, change: fn(&mut Function)) -> &'static str {
        let mut function = function.clone();
        change(&mut function);
        match function.validate() {
            Err(HostError::InvalidFunction { field, .. }) => field,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[test]
    fn limits_are_checked() {
        let good = Function::new("f", Runtime::Python { minor: 12 }, "app.handler", "code");
        good.validate().unwrap();
        Function::evaluate_expression("f").validate().unwrap();
        let field = |change| field_of(&good, change);
        assert_eq!(field(|f| f.name = "a b".to_owned()), "name");
        assert_eq!(field(|f| f.handler = String::new()), "handler");
        assert_eq!(field(|f| f.timeout = Duration::from_secs(901)), "timeout");
        assert_eq!(
            field(|f| f.timeout = Duration::from_millis(1500)),
            "timeout"
        );
        assert_eq!(field(|f| f.memory = 64), "memory");
        assert_eq!(field(|f| f.concurrency = 0), "concurrency");
        let reserved = |f: &mut Function| {
            f.environment.insert("_HANDLER".to_owned(), "x".to_owned());
        };
        assert_eq!(field(reserved), "environment");
        let outside = |f: &mut Function| {
            f.runtime = Runtime::Provided;
            f.handler = "../bootstrap".to_owned();
        };
        assert_eq!(field(outside), "handler");
        assert_eq!(field(|f| f.code = None), "code");
        let expressions =
            |change: fn(&mut Function)| field_of(&Function::evaluate_expression("f"), change);
        assert_eq!(expressions(|f| f.handler = "../x.y".to_owned()), "handler");
        let variable = |f: &mut Function| {
            f.environment.insert("STAGE".to_owned(), "dev".to_owned());
        };
        assert_eq!(expressions(variable), "environment");
    }
}
