//! The ARNs of Step Functions' own resources.

use std::fmt;

use crate::caller::Caller;
use crate::error::{Code, Error};

/// An ARN of the service `states`. Its parts never hold a colon.
///
/// The forms are those of the Developer Guide; names in them are not checked, so that what does not
/// exist is told as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
    /// The region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// What it names.
    pub resource: Resource<'a>,
}

/// What an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource<'a> {
    /// `stateMachine:NAME`
    StateMachine {
        /// The state machine's name.
        name: &'a str,
        /// `:QUALIFIER`
        qualifier: Option<Qualifier<'a>>,
    },
    /// `stateMachine:NAME/LABEL`: what a distributed Map state runs for its items.
    Labelled {
        /// The state machine's name.
        name: &'a str,
        /// The Map state's label.
        label: &'a str,
    },
    /// `execution:MACHINE:NAME`
    Execution {
        /// The state machine's name.
        machine: &'a str,
        /// The label of the Map state whose run it belongs to.
        label: Option<&'a str>,
        /// The execution's name.
        name: &'a str,
    },
    /// `express:MACHINE:NAME:RUN`
    Express {
        /// The state machine's name.
        machine: &'a str,
        /// The label of the Map state whose run it belongs to.
        label: Option<&'a str>,
        /// The execution's name, which others may have too.
        name: &'a str,
        /// What tells it from others of its name.
        run: &'a str,
    },
    /// `activity:NAME`
    Activity {
        /// The activity's name.
        name: &'a str,
    },
    /// `mapRun:MACHINE/LABEL:RUN`
    MapRun {
        /// The state machine's name.
        machine: &'a str,
        /// The Map state's label.
        label: &'a str,
        /// The run.
        run: &'a str,
    },
}

/// What follows a state machine's ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Qualifier<'a> {
    /// The number of a version, from 1.
    Version(u32),
    /// The name of an alias. A number that no version can have (`01`) is here too: there is no
    /// alias of that name either.
    Alias(&'a str),
}

impl<'a> Qualifier<'a> {
    fn parse(text: &'a str) -> Self {
        match text.parse() {
            Ok(version) if version > 0 && !text.starts_with(['0', '+']) => Self::Version(version),
            _ => Self::Alias(text),
        }
    }
}

impl fmt::Display for Qualifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(f),
            Self::Alias(name) => f.write_str(name),
        }
    }
}

impl<'a> Arn<'a> {
    /// The ARN of a resource of the caller.
    pub fn of(caller: &'a Caller, resource: Resource<'a>) -> Self {
        Self::new(&caller.account, &caller.region, resource)
    }

    /// The ARN of a resource of that account and region.
    pub fn new(account: &'a str, region: &'a str, resource: Resource<'a>) -> Self {
        Self {
            partition: partition(region),
            region,
            account,
            resource,
        }
    }

    /// Reads an ARN.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let Some(rest) = text.strip_prefix("arn:") else {
            return Err(Error::invalid_arn(&format!("Invalid ARN prefix: {text}")));
        };
        let malformed = || Error::invalid_arn(&format!("Invalid ARN: {text}"));
        let mut parts = rest.splitn(5, ':');
        let mut next = || parts.next().ok_or_else(malformed);
        let (partition, service) = (next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        if service != "states" {
            let detail = format!("Service not valid in this context: {service}");
            return Err(Error::invalid_arn(&detail));
        }
        if partition.is_empty() || region.is_empty() || account.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            partition,
            region,
            account,
            resource: Resource::parse(resource).ok_or_else(malformed)?,
        })
    }

    /// Whether an ARN of this service could look so: its partition is its region's.
    pub(crate) fn is_possible(&self) -> bool {
        self.partition == partition(self.region)
    }

    /// The error of an action that takes ARNs of another kind.
    pub fn unsuited(&self) -> Error {
        let kind = self.resource.kind();
        Error::invalid_arn(&format!("Resource type not valid in this context: {kind}"))
    }

    /// The error of an action that does not take the ARN of what a distributed Map state runs.
    pub(crate) fn labelled(&self) -> Error {
        Error::validation(format!(
            "State machine ARNs with the label of a Map state are not supported here: '{self}'"
        ))
        .with("reason", "API_DOES_NOT_SUPPORT_LABELED_ARNS")
    }
}

impl<'a> Resource<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(':');
        let kind = parts.next()?;
        let first = parts.next().filter(|part| !part.is_empty())?;
        let (name, label) = match first.split_once('/') {
            Some((name, label)) => (name, Some(label)),
            None => (first, None),
        };
        let second = parts.next();
        let third = parts.next();
        if parts.next().is_some() || name.is_empty() || [second, third, label].contains(&Some("")) {
            return None;
        }
        match (kind, label, second, third) {
            ("stateMachine", None, qualifier, None) => Some(Self::StateMachine {
                name,
                qualifier: qualifier.map(Qualifier::parse),
            }),
            ("stateMachine", Some(label), None, None) => Some(Self::Labelled { name, label }),
            ("execution", label, Some(second), None) => Some(Self::Execution {
                machine: name,
                label,
                name: second,
            }),
            ("express", label, Some(second), Some(run)) => Some(Self::Express {
                machine: name,
                label,
                name: second,
                run,
            }),
            ("activity", None, None, None) => Some(Self::Activity { name }),
            ("mapRun", Some(label), Some(run), None) => Some(Self::MapRun {
                machine: name,
                label,
                run,
            }),
            _ => None,
        }
    }

    /// The kind as ARNs spell it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StateMachine { .. } | Self::Labelled { .. } => "stateMachine",
            Self::Execution { .. } => "execution",
            Self::Express { .. } => "express",
            Self::Activity { .. } => "activity",
            Self::MapRun { .. } => "mapRun",
        }
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            resource,
        } = self;
        write!(
            f,
            "arn:{partition}:states:{region}:{account}:{}:",
            resource.kind()
        )?;
        let of = |f: &mut fmt::Formatter<'_>, machine: &str, label: Option<&str>| match label {
            Some(label) => write!(f, "{machine}/{label}"),
            None => f.write_str(machine),
        };
        match resource {
            Resource::StateMachine { name, qualifier } => {
                f.write_str(name)?;
                match qualifier {
                    Some(qualifier) => write!(f, ":{qualifier}"),
                    None => Ok(()),
                }
            }
            Resource::Labelled { name, label } => write!(f, "{name}/{label}"),
            Resource::Execution {
                machine,
                label,
                name,
            } => {
                of(f, machine, *label)?;
                write!(f, ":{name}")
            }
            Resource::Express {
                machine,
                label,
                name,
                run,
            } => {
                of(f, machine, *label)?;
                write!(f, ":{name}:{run}")
            }
            Resource::Activity { name } => f.write_str(name),
            Resource::MapRun {
                machine,
                label,
                run,
            } => write!(f, "{machine}/{label}:{run}"),
        }
    }
}

/// The partition that a region is in.
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ => "aws",
    }
}

/// Checks the ARN of a state machine's role.
pub(crate) fn check_role(arn: &str) -> Result<(), Error> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let ["arn", partition, "iam", "", account, role] = parts[..]
        && partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && role
            .strip_prefix("role/")
            .is_some_and(|name| !name.is_empty())
    {
        return Ok(());
    }
    let message = format!("Invalid Role Arn: '{arn}'");
    Err(Error::new(Code::InvalidArn, message))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // what helps a test may fail it

    use super::{Arn, Qualifier, Resource, check_role};

    const START: &str = "arn:aws:states:us-east-1:000000000000:";

    #[test]
    fn every_kind_is_read_and_written() {
        for resource in [
            "stateMachine:m",
            "stateMachine:m.n_o-p",
            "stateMachine:m:7",
            "stateMachine:m:PROD",
            "stateMachine:m/label",
            "execution:m:e",
            "execution:m/label:e",
            "express:m:e:run",
            "express:m/label:e:run",
            "activity:a",
            "mapRun:m/label:run",
        ] {
            let text = format!("{START}{resource}");
            let arn = Arn::parse(&text).unwrap();
            assert_eq!(arn.to_string(), text);
            assert_eq!((arn.region, arn.account), ("us-east-1", "000000000000"));
            assert_eq!(Some(arn.resource.kind()), resource.split(':').next());
        }
    }

    #[test]
    fn a_qualifier_is_a_version_if_it_is_a_number() {
        for (text, expected) in [
            ("1", Qualifier::Version(1)),
            ("4294967295", Qualifier::Version(u32::MAX)),
            ("4294967296", Qualifier::Alias("4294967296")),
            ("0", Qualifier::Alias("0")),
            ("01", Qualifier::Alias("01")),
            ("+1", Qualifier::Alias("+1")),
            ("1a", Qualifier::Alias("1a")),
        ] {
            let arn = format!("{START}stateMachine:m:{text}");
            let qualifier = match Arn::parse(&arn).unwrap().resource {
                Resource::StateMachine { qualifier, .. } => qualifier.unwrap(),
                other => unreachable!("{other:?}"),
            };
            assert_eq!(qualifier, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_arn_is_said_so() {
        for (text, detail) in [
            ("", "Invalid ARN prefix: "),
            ("machine", "Invalid ARN prefix: machine"),
            ("arn", "Invalid ARN prefix: arn"),
            ("arn:aws:states", "Invalid ARN: arn:aws:states"),
            (
                "arn:aws:states:us-east-1:1:stateMachine",
                "Invalid ARN: arn:aws:states:us-east-1:1:stateMachine",
            ),
            (
                "arn:aws:states:us-east-1:1:execution:m",
                "Invalid ARN: arn:aws:states:us-east-1:1:execution:m",
            ),
            (
                "arn:aws:states:us-east-1:1:stateMachine:m:",
                "Invalid ARN: arn:aws:states:us-east-1:1:stateMachine:m:",
            ),
            (
                "arn:aws:states:us-east-1:1:stateMachine:/x",
                "Invalid ARN: arn:aws:states:us-east-1:1:stateMachine:/x",
            ),
            (
                "arn:aws:states:us-east-1::stateMachine:m",
                "Invalid ARN: arn:aws:states:us-east-1::stateMachine:m",
            ),
            (
                "arn:aws:lambda:us-east-1:1:function:f",
                "Service not valid in this context: lambda",
            ),
        ] {
            let error = Arn::parse(text).unwrap_err();
            assert_eq!(error.message, format!("Invalid Arn: '{detail}'"));
        }
        let express = format!("{START}express:m:e:r");
        let error = Arn::parse(&express).unwrap().unsuited();
        let expected = "Invalid Arn: 'Resource type not valid in this context: express'";
        assert_eq!(error.message, expected);
    }

    #[test]
    fn a_role_is_one_of_iam() {
        for good in [
            "arn:aws:iam::000000000000:role/r",
            "arn:aws-cn:iam::000000000000:role/service-role/r",
        ] {
            check_role(good).unwrap();
        }
        for bad in [
            "r",
            "arn:aws:iam::000000000000:user/r",
            "arn:aws:iam::aws:role/r",
            "arn:aws:iam::000000000000:role/",
            "arn:aws:sts::000000000000:role/r",
        ] {
            let error = check_role(bad).unwrap_err();
            assert_eq!(error.message, format!("Invalid Role Arn: '{bad}'"));
        }
    }
}
