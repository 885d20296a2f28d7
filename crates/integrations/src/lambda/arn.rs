//! How an invocation names its function.

use super::error::InvokeError;
use super::function::{Owner, is_function_name};

/// The version that is not published yet, and what a name without a qualifier means.
pub const LATEST: &str = "$LATEST";

/// The pattern that AWS quotes when it refuses a name (Lambda API reference, Invoke).
const PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

/// A function's name taken apart, with what it left out filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    partition: String,
    owner: Owner,
    name: String,
    qualifier: Option<String>,
}

impl Target {
    /// Reads `NAME`, `ACCOUNT:function:NAME`, `function:NAME` or a full ARN, each with an optional
    /// `:QUALIFIER`. What is left out is that of `home`.
    pub fn parse(text: &str, qualifier: Option<&str>, home: &Owner) -> Result<Self, InvokeError> {
        let Owner { account, region } = home;
        let parts: Vec<&str> = text.split(':').collect();
        let filled = |part: &str, default: &str| {
            if part.is_empty() {
                default.to_owned()
            } else {
                part.to_owned()
            }
        };
        let (partition, region, account, rest) = match parts.as_slice() {
            ["arn", partition, "lambda", r, a, "function", rest @ ..] => (
                filled(partition, "aws"),
                filled(r, region),
                filled(a, account),
                rest,
            ),
            [a, "function", rest @ ..] if is_account(a) => {
                ("aws".to_owned(), region.clone(), (*a).to_owned(), rest)
            }
            ["function", rest @ ..] if !rest.is_empty() => {
                ("aws".to_owned(), region.clone(), account.clone(), rest)
            }
            rest => ("aws".to_owned(), region.clone(), account.clone(), rest),
        };
        let (name, named) = match rest {
            [name] => (*name, None),
            [name, qualifier] if is_qualifier(qualifier) => (*name, Some(*qualifier)),
            _ => return Err(malformed(text)),
        };
        let word = |part: &String| {
            part.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !is_function_name(name) || ![&partition, &region, &account].into_iter().all(word) {
            return Err(malformed(text));
        }
        if let (Some(named), Some(given)) = (named, qualifier)
            && named != given
        {
            return Err(InvokeError::InvalidParameterValue {
                message: "The derived qualifier from the function name does not match the \
                          specified qualifier."
                    .to_owned(),
            });
        }
        let qualifier = qualifier.or(named).map(str::to_owned);
        Ok(Self {
            partition,
            owner: Owner { account, region },
            name: name.to_owned(),
            qualifier,
        })
    }

    /// Whose function it names.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version or alias it names, if any.
    pub fn qualifier(&self) -> Option<&str> {
        self.qualifier.as_deref()
    }

    /// The ARN as invoked: with a qualifier only if there was one.
    pub fn arn(&self) -> String {
        let Self {
            partition,
            owner: Owner { account, region },
            name,
            qualifier,
        } = self;
        let arn = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        match qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }

    /// AWS's answer when there is no such function or version (observed on AWS).
    pub(super) fn not_found(&self) -> InvokeError {
        let mut arn = self.arn();
        if self.qualifier.is_none() {
            arn = format!("{arn}:{LATEST}");
        }
        InvokeError::ResourceNotFound {
            message: format!("Function not found: {arn}"),
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_qualifier(text: &str) -> bool {
    let name = text == LATEST
        || text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    name && (1..=128).contains(&text.len())
}

fn malformed(text: &str) -> InvokeError {
    InvokeError::Validation {
        message: format!(
            "1 validation error detected: Value '{text}' at 'functionName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: {PATTERN}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, qualifier: Option<&str>) -> Result<Target, InvokeError> {
        Target::parse(text, qualifier, &Owner::new("000000000000", "us-east-1"))
    }

    #[test]
    fn every_form_of_a_name() {
        let home = "arn:aws:lambda:us-east-1:000000000000:function:pay";
        let away = "arn:aws-cn:lambda:cn-north-1:111111111111:function:pay:$LATEST";
        for (text, qualifier, arn) in [
            ("pay", None, home.to_owned()),
            ("pay:live", None, format!("{home}:live")),
            ("pay", Some("$LATEST"), format!("{home}:$LATEST")),
            ("function:pay", None, home.to_owned()),
            ("function", None, home.replace("pay", "function")),
            (
                "000000000000:function:pay:$LATEST",
                None,
                format!("{home}:$LATEST"),
            ),
            ("arn:aws:lambda:::function:pay", None, home.to_owned()),
            (away, Some("$LATEST"), away.to_owned()),
        ] {
            assert_eq!(parse(text, qualifier).unwrap().arn(), arn, "{text}");
        }
    }

    #[test]
    fn what_is_no_name() {
        for text in [
            "",
            "a b",
            "arn:aws:s3:::bucket",
            "pay:",
            "a:b:c",
            "arn:aws\n:lambda:::function:f",
            "arn:aws:lambda:::function",
        ] {
            assert_eq!(
                parse(text, None).unwrap_err().code(),
                "ValidationException",
                "{text}"
            );
        }
        let error = parse("pay:live", Some("test")).unwrap_err();
        assert_eq!(error.code(), "InvalidParameterValueException");
    }

    #[test]
    fn not_found_names_the_version_looked_for() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:pay";
        let message = |text| parse(text, None).unwrap().not_found().to_string();
        assert_eq!(message("pay"), format!("Function not found: {arn}:$LATEST"));
        assert_eq!(
            message("pay:live"),
            format!("Function not found: {arn}:live")
        );
    }
}
