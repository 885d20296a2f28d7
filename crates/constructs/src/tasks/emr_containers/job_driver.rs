//! What a job runs, and with what settings.

use std::borrow::Cow;

use crate::core::Problem;
use crate::states::TaskInput;
use crate::tasks::property::property;
use crate::value::{Object, Text, Value};

const MAX_ENTRY_POINT: usize = 256;
const MAX_ARGUMENTS: usize = 10_280;
const MAX_PARAMETERS: usize = 102_400;
const MAX_SETTINGS: usize = 100;

property! {
    /// What a job runs.
    pub struct JobDriver(
        spark_submit_job_driver: SparkSubmitJobDriver => "SparkSubmitJobDriver",
    ) {}
}

property! {
    /// A Spark application: a JAR or Python file, which may be a path.
    pub struct SparkSubmitJobDriver(
        entry_point: TaskInput => "EntryPoint",
    ) {
        /// The application's arguments: a list of texts, or a path to one.
        entry_point_arguments: TaskInput => "EntryPointArguments",
        /// What `spark-submit` is told: `--conf spark.executor.instances=2`.
        spark_submit_parameters: Text => "SparkSubmitParameters",
    }
}

property! {
    /// Settings of an application's file of settings. There must be settings or further files.
    pub struct ApplicationConfiguration(
        classification: Classification => "Classification",
    ) {
        /// Further files within it, at most 100.
        nested_config: [ApplicationConfiguration] => "Configurations",
        /// The settings: an object of texts, at most 100.
        properties: Value => "Properties",
    }
}

/// A file of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification(Cow<'static, str>);

impl Classification {
    /// Whether Spark takes all that the instances have.
    pub const SPARK: Self = Self(Cow::Borrowed("spark"));
    /// `spark-defaults.conf`.
    pub const SPARK_DEFAULTS: Self = Self(Cow::Borrowed("spark-defaults"));
    /// `spark-env.sh`.
    pub const SPARK_ENV: Self = Self(Cow::Borrowed("spark-env"));
    /// `hive-site.xml` of Spark.
    pub const SPARK_HIVE_SITE: Self = Self(Cow::Borrowed("spark-hive-site"));
    /// `log4j.properties`.
    pub const SPARK_LOG4J: Self = Self(Cow::Borrowed("spark-log4j"));
    /// `metrics.properties`.
    pub const SPARK_METRICS: Self = Self(Cow::Borrowed("spark-metrics"));

    /// A file that has no constant here, by EMR's name for it.
    pub fn new(classification_statement: impl Into<String>) -> Self {
        Self(Cow::Owned(classification_statement.into()))
    }

    /// EMR's name for it.
    pub fn classification_statement(&self) -> &str {
        &self.0
    }
}

impl From<Classification> for Value {
    fn from(classification: Classification) -> Self {
        classification.classification_statement().into()
    }
}

/// A release of EMR on EKS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLabel(Cow<'static, str>);

impl ReleaseLabel {
    /// Release 5.32.0.
    pub const EMR_5_32_0: Self = Self(Cow::Borrowed("emr-5.32.0-latest"));
    /// Release 5.33.0.
    pub const EMR_5_33_0: Self = Self(Cow::Borrowed("emr-5.33.0-latest"));
    /// Release 6.2.0.
    pub const EMR_6_2_0: Self = Self(Cow::Borrowed("emr-6.2.0-latest"));
    /// Release 6.3.0.
    pub const EMR_6_3_0: Self = Self(Cow::Borrowed("emr-6.3.0-latest"));

    /// A release by its label: `emr-7.9.0-latest`.
    pub fn new(label: impl Into<String>) -> Self {
        Self(Cow::Owned(label.into()))
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.0
    }
}

impl SparkSubmitJobDriver {
    fn check(driver: &Value) -> Result<(), Problem> {
        let wrong = |message: String| Err(Problem::property("job_driver", message));
        let length = |name: &str| {
            let text = match driver.get(name)? {
                Value::Text(text) if !text.is_at_run_time() => text.as_literal()?,
                _ => return None,
            };
            Some(text.encode_utf16().count())
        };
        if let Some(length) =
            length("EntryPoint").filter(|length| !in_range(*length, MAX_ENTRY_POINT))
        {
            return wrong(format!(
                "Entry point must be between 1 and 256 characters in length. Received {length}."
            ));
        }
        check_arguments(driver.get("EntryPointArguments"))?;
        match length("SparkSubmitParameters") {
            Some(length) if !in_range(length, MAX_PARAMETERS) => wrong(format!(
                "Spark submit parameters must be between 1 and 102400 characters in length. Received {length}."
            )),
            _ => Ok(()),
        }
    }
}

impl JobDriver {
    /// What EMR would refuse.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let driver = self.0.get("SparkSubmitJobDriver");
        driver.map_or(Ok(()), SparkSubmitJobDriver::check)
    }
}

fn in_range(length: usize, most: usize) -> bool {
    (1..=most).contains(&length)
}

fn check_arguments(arguments: Option<&Value>) -> Result<(), Problem> {
    let either = "Entry point arguments must be a string array or an encoded JSON path or JSONata expression";
    let wrong = |message: String| Err(Problem::property("job_driver", message));
    match arguments {
        None => Ok(()),
        Some(Value::Text(text)) if text.is_at_run_time() => Ok(()),
        Some(Value::Text(_)) => wrong(format!(
            "{either}, but received a non JSON path or JSONata expression string"
        )),
        Some(Value::List(items)) if items.iter().all(|item| matches!(item, Value::Text(_))) => {
            match in_range(items.len(), MAX_ARGUMENTS) {
                true => Ok(()),
                false => wrong(format!(
                    "Entry point arguments must be a string array between 1 and 10280 in length. Received {}.",
                    items.len()
                )),
            }
        }
        Some(other) => {
            let kind = match other {
                Value::Number(_) => "number",
                Value::Bool(_) => "boolean",
                _ => "object",
            };
            wrong(format!("{either} but received {kind}."))
        }
    }
}

impl ApplicationConfiguration {
    /// What EMR would refuse.
    pub(super) fn check(settings: &[Self]) -> Result<(), Problem> {
        check_settings(settings.iter().map(|file| Some(&file.0)))
    }
}

fn check_settings<'a>(
    settings: impl ExactSizeIterator<Item = Option<&'a Object>>,
) -> Result<(), Problem> {
    let wrong = |message: String| Err(Problem::property("application_config", message));
    if settings.len() > MAX_SETTINGS {
        return wrong(format!(
            "Application configuration array must have 100 or fewer entries. Received {}",
            settings.len()
        ));
    }
    for file in settings.flatten() {
        let nested = file.get("Configurations");
        if let Some(Value::List(nested)) = nested {
            check_settings(nested.iter().map(Value::as_object))?;
        }
        match file.get("Properties") {
            Some(Value::Object(settings)) if settings.len() > MAX_SETTINGS => {
                return wrong(format!(
                    "Application configuration properties must have 100 or fewer entries. Received {}",
                    settings.len()
                ));
            }
            None if nested.is_none() => {
                return wrong(
                    "Application configuration must have either properties or nested app configurations defined."
                        .to_owned(),
                );
            }
            _ => {}
        }
    }
    Ok(())
}
