//! The configuration in a request: read, checked, or refused by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stepmill_integrations::lambda::Runtime;

use super::error::FunctionError;
use super::fields::{Fields, missing};
use super::model::Settings;

/// AWS's default timeout, in seconds, and the largest.
const TIMEOUT: (u32, i64) = (3, 900);
/// AWS's default memory, in megabytes, and the largest.
const MEMORY: (u32, i64) = (128, 10_240);
/// The most bytes of all environment variables (AWS Lambda Developer Guide, "Lambda quotas").
const MAX_ENVIRONMENT: usize = 4096;
/// Names that AWS reserves, in a form that its message can quote.
const RESERVED_RULE: &str = "Lambda was unable to configure your environment variables because the \
                             environment variables you have provided contains reserved keys that \
                             are currently not supported for modification. Reserved keys used in \
                             this request: ";
/// What AWS offers and this machine may be able to run, newest first.
const RUNTIMES: &str = "nodejs24.x, nodejs22.x, nodejs20.x, nodejs18.x, python3.14, python3.13, \
                        python3.12, python3.11, python3.10, python3.9, provided.al2023, \
                        provided.al2, provided";

/// The settings that a request names.
#[derive(Debug, Default)]
pub(super) struct Changes {
    runtime: Option<String>,
    handler: Option<String>,
    role: Option<String>,
    description: Option<String>,
    timeout: Option<u32>,
    memory: Option<u32>,
    environment: Option<BTreeMap<String, String>>,
    architectures: Option<Vec<String>>,
    ephemeral_storage: Option<u32>,
}

impl Changes {
    /// Reads what `CreateFunction` and `UpdateFunctionConfiguration` have in common; `function` is
    /// the function's name.
    pub(super) fn read(fields: &mut Fields, function: &str) -> Result<Self, FunctionError> {
        let changes = Self {
            runtime: fields.text("Runtime")?,
            handler: handler(fields)?,
            role: role(fields)?,
            description: fields.text_within("Description", 256)?,
            timeout: fields.number_within("Timeout", 1, TIMEOUT.1)?,
            memory: memory(fields)?,
            environment: environment(fields)?,
            architectures: None,
            ephemeral_storage: ephemeral_storage(fields)?,
        };
        if let Some(runtime) = &changes.runtime {
            check_runtime(runtime)?;
        }
        tracing(fields)?;
        logging(fields, function)?;
        snap_start(fields)?;
        for (field, why) in [
            ("VpcConfig", "there is no VPC here"),
            (
                "DeadLetterConfig",
                "there is no queue or topic to send failed events to",
            ),
            ("KMSKeyArn", "there is no key management here"),
            ("Layers", "put what a layer holds into the function's code"),
            ("FileSystemConfigs", "there is no file system to mount"),
            ("ImageConfig", "there are no container images here"),
            (
                "CapacityProviderConfig",
                "there are no capacity providers here",
            ),
            (
                "DurableConfig",
                "there are no durable executions of functions here",
            ),
        ] {
            fields.refuse(field, why)?;
        }
        Ok(changes)
    }

    pub(super) fn with_architectures(mut self, architectures: Option<Vec<String>>) -> Self {
        self.architectures = architectures;
        self
    }

    /// The settings of a new function.
    pub(super) fn into_settings(self) -> Result<Settings, FunctionError> {
        let (Some(runtime), Some(handler)) = (self.runtime, self.handler) else {
            return Err(FunctionError::invalid(
                "Runtime and Handler are mandatory parameters for functions created with \
                 deployment packages.",
            ));
        };
        Ok(Settings {
            runtime,
            handler,
            role: self.role.ok_or_else(|| missing("Role"))?,
            description: self.description.unwrap_or_default(),
            timeout: self.timeout.unwrap_or(TIMEOUT.0),
            memory: self.memory.unwrap_or(MEMORY.0),
            environment: self.environment,
            architectures: self
                .architectures
                .unwrap_or_else(|| vec!["x86_64".to_owned()]),
            ephemeral_storage: self.ephemeral_storage.unwrap_or(512),
        })
    }

    /// The settings with these changes.
    pub(super) fn apply(self, settings: &mut Settings) {
        fn set<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        set(&mut settings.runtime, self.runtime);
        set(&mut settings.handler, self.handler);
        set(&mut settings.role, self.role);
        set(&mut settings.description, self.description);
        set(&mut settings.timeout, self.timeout);
        set(&mut settings.memory, self.memory);
        set(&mut settings.architectures, self.architectures);
        set(&mut settings.ephemeral_storage, self.ephemeral_storage);
        if self.environment.is_some() {
            settings.environment = self.environment;
        }
    }
}

/// `Architectures`, of requests that bring code.
pub(super) fn architectures(fields: &mut Fields) -> Result<Option<Vec<String>>, FunctionError> {
    let Some(names) = fields.list("Architectures")? else {
        return Ok(None);
    };
    match &names[..] {
        [name] if name == "x86_64" || name == "arm64" => Ok(Some(names)),
        _ => Err(FunctionError::constraint(
            &format!("[{}]", names.join(", ")),
            "architectures",
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], \
             Member must not be null]",
        )),
    }
}

/// `Tags` of a new function.
pub(super) fn tags(fields: &mut Fields) -> Result<BTreeMap<String, String>, FunctionError> {
    Ok(fields
        .texts("Tags")?
        .unwrap_or_default()
        .into_iter()
        .collect())
}

fn check_runtime(runtime: &str) -> Result<(), FunctionError> {
    match runtime.parse::<Runtime>() {
        Ok(_) => Ok(()),
        Err(_) => Err(FunctionError::invalid(format!(
            "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum \
             value set: [{RUNTIMES}] or be a valid ARN"
        ))),
    }
}

fn handler(fields: &mut Fields) -> Result<Option<String>, FunctionError> {
    let handler = fields.text_within("Handler", 128)?;
    match handler {
        Some(text) if text.is_empty() || text.contains(char::is_whitespace) => {
            Err(FunctionError::constraint(
                &text,
                "handler",
                r"Member must satisfy regular expression pattern: [^\s]+",
            ))
        }
        handler => Ok(handler),
    }
}

fn role(fields: &mut Fields) -> Result<Option<String>, FunctionError> {
    let role = fields.text("Role")?;
    if let Some(text) = &role
        && !is_role(text)
    {
        return Err(FunctionError::constraint(
            text,
            "role",
            r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
        ));
    }
    Ok(role)
}

fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else {
        return false;
    };
    (partition.is_empty() || partition.starts_with("aws"))
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && resource.strip_prefix("role").is_some_and(|name| {
            name.trim_start_matches('/').bytes().next().is_some()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte))
        })
}

fn memory(fields: &mut Fields) -> Result<Option<u32>, FunctionError> {
    let memory = fields.number_within("MemorySize", 128, 32_768)?;
    match memory {
        Some(size) if i64::from(size) > MEMORY.1 => Err(FunctionError::invalid(format!(
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or \
             equal to {}",
            MEMORY.1
        ))),
        memory => Ok(memory),
    }
}

fn ephemeral_storage(fields: &mut Fields) -> Result<Option<u32>, FunctionError> {
    let Some(mut storage) = fields.object("EphemeralStorage")? else {
        return Ok(None);
    };
    let size = storage
        .number("Size")?
        .ok_or_else(|| missing("EphemeralStorage.Size"))?;
    storage.finish("EphemeralStorage")?;
    match u32::try_from(size) {
        Ok(size @ 512..=10_240) => Ok(Some(size)),
        _ => Err(FunctionError::constraint(
            &size.to_string(),
            "ephemeralStorage.size",
            "Member must have value between 512 and 10240",
        )),
    }
}

fn environment(fields: &mut Fields) -> Result<Option<BTreeMap<String, String>>, FunctionError> {
    let Some(mut environment) = fields.object("Environment")? else {
        return Ok(None);
    };
    let variables: BTreeMap<String, String> = environment
        .texts("Variables")?
        .unwrap_or_default()
        .into_iter()
        .collect();
    environment.finish("Environment")?;
    let reserved: Vec<&str> = variables
        .keys()
        .map(String::as_str)
        .filter(|key| stepmill_integrations::lambda::is_reserved(key))
        .collect();
    if !reserved.is_empty() {
        return Err(FunctionError::invalid(format!(
            "{RESERVED_RULE}{}",
            reserved.join(", ")
        )));
    }
    for (key, value) in &variables {
        let mut bytes = key.bytes();
        let starts_well = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
        let goes_on_well = bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !starts_well || !goes_on_well || key.len() < 2 {
            // The values may be secrets, so that the message has only the key.
            return Err(FunctionError::constraint(
                &format!("{{{key}}}"),
                "environment.variables",
                "Map keys must satisfy constraint: [Member must satisfy regular expression \
                 pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]",
            ));
        }
        if value.contains('\0') {
            return Err(FunctionError::invalid(format!(
                "The value of the environment variable '{key}' contains a NUL character"
            )));
        }
    }
    let as_json: Map<String, Value> = variables
        .iter()
        .map(|(key, value)| (key.clone(), Value::String(value.clone())))
        .collect();
    if Value::Object(as_json).to_string().len() > MAX_ENVIRONMENT {
        return Err(FunctionError::invalid(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided exceeded the 4KB limit.",
        ));
    }
    Ok(Some(variables))
}

fn tracing(fields: &mut Fields) -> Result<(), FunctionError> {
    let Some(mut tracing) = fields.object("TracingConfig")? else {
        return Ok(());
    };
    let mode = tracing.text("Mode")?;
    tracing.finish("TracingConfig")?;
    match mode.as_deref() {
        None | Some("PassThrough") => Ok(()),
        Some("Active") => Err(FunctionError::unsupported(
            "TracingConfig.Mode 'Active'",
            "there is no X-Ray here; leave it out or say PassThrough",
        )),
        Some(other) => Err(FunctionError::constraint(
            other,
            "tracingConfig.mode",
            "Member must satisfy enum value set: [Active, PassThrough]",
        )),
    }
}

fn logging(fields: &mut Fields, function: &str) -> Result<(), FunctionError> {
    let Some(mut logging) = fields.object("LoggingConfig")? else {
        return Ok(());
    };
    let format = logging.text("LogFormat")?;
    let group = logging.text("LogGroup")?;
    for level in ["ApplicationLogLevel", "SystemLogLevel"] {
        logging.refuse(level, "logs are text, without levels")?;
    }
    logging.finish("LoggingConfig")?;
    if format.is_some_and(|format| format != "Text") {
        let why = "logs are text";
        return Err(FunctionError::unsupported("LoggingConfig.LogFormat", why));
    }
    if group.is_some_and(|group| group != log_group(function)) {
        let why = "logs go to Stepmill's output";
        return Err(FunctionError::unsupported("LoggingConfig.LogGroup", why));
    }
    Ok(())
}

/// The log group that a function has unless it says otherwise.
pub(super) fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

fn snap_start(fields: &mut Fields) -> Result<(), FunctionError> {
    let Some(mut snap_start) = fields.object("SnapStart")? else {
        return Ok(());
    };
    let apply_on = snap_start.text("ApplyOn")?;
    snap_start.finish("SnapStart")?;
    match apply_on.as_deref() {
        None | Some("None") => Ok(()),
        Some(_) => Err(FunctionError::unsupported(
            "SnapStart",
            "processes are not resumed from snapshots",
        )),
    }
}
