//! Guardrails.

use crate::core::Problem;
use crate::value::Text;

const MAX_VERSION: u32 = 99_999_999;
const MAX_IDENTIFIER: usize = 2048;

/// What a model must not be asked and must not answer.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Guardrail {
    pub(super) identifier: Text,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Version {
    Draft,
    Numbered(u32),
}

impl Guardrail {
    /// A version of the guardrail of an id or ARN.
    pub fn enable(identifier: impl Into<Text>, version: u32) -> Self {
        Self {
            identifier: identifier.into(),
            version: Version::Numbered(version),
        }
    }

    /// The working draft of the guardrail of an id or ARN.
    pub fn enable_draft(identifier: impl Into<Text>) -> Self {
        Self {
            identifier: identifier.into(),
            version: Version::Draft,
        }
    }

    /// The version as Bedrock names it.
    pub(super) fn version(&self) -> String {
        match self.version {
            Version::Draft => "DRAFT".to_owned(),
            Version::Numbered(version) => version.to_string(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        let problem = |message| Err(Problem::property("guardrail", message));
        if let Version::Numbered(version) = self.version
            && !(1..=MAX_VERSION).contains(&version)
        {
            return problem(format!(
                "`version` must be between 1 and 99999999, got {version}."
            ));
        }
        let Some(identifier) = self.identifier.as_literal() else {
            return Ok(());
        };
        let id = match identifier.strip_prefix("arn:") {
            None => identifier,
            Some(arn) => match arn.split_once('/') {
                Some((_, id)) if !id.is_empty() => id,
                _ => {
                    return problem(format!(
                        "Invalid ARN format. The ARN of Guradrail should have the format: \
                         `arn:<partition>:bedrock:<region>:<account-id>:guardrail/<guardrail-name>`, got {identifier}."
                    ));
                }
            },
        };
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if id.is_empty() || !id.bytes().all(allowed) {
            return problem(format!(
                "The id of Guardrail must contain only lowercase letters and numbers, got {id}."
            ));
        }
        if identifier.len() > MAX_IDENTIFIER {
            return problem(format!(
                "`guardrailIdentifier` length must be between 0 and 2048, got {}.",
                identifier.len()
            ));
        }
        Ok(())
    }
}
