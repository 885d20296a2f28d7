//! `routingConfiguration` of aliases.

use crate::arn::{Arn, Qualifier, Resource};
use crate::error::Error;
use crate::machines::documents::RouteBody;

/// An entry of `routingConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `stateMachineVersionArn`
    pub version_arn: String,
    /// `weight`: of a hundred executions so many. From 0 to 100.
    pub weight: u32,
}

/// The state machine that the versions of a routing are of, and the routing.
pub(crate) struct Routing<'a> {
    /// The state machine, without version.
    pub(crate) arn: Arn<'a>,
    /// Its name.
    pub(crate) name: &'a str,
    pub(crate) routes: Vec<RouteBody>,
}

/// Checks a routing as far as it can be without the registry: one or two distinct versions of one
/// state machine whose weights add up to 100. Texts observed on AWS, but for that of versions of
/// more than one state machine.
pub(crate) fn check_routing(given: &[Route]) -> Result<Routing<'_>, Error> {
    let mut machines = Vec::new();
    let mut routes = Vec::new();
    for route in given {
        let version = match Arn::parse(&route.version_arn) {
            Ok(arn) => match arn.resource {
                Resource::StateMachine {
                    name,
                    qualifier: Some(Qualifier::Version(version)),
                } => Some((arn, name, version)),
                _ => None,
            },
            Err(_) => None,
        };
        let Some((arn, name, version)) = version else {
            return Err(invalid("must contain state machine version ARNs", given));
        };
        machines.push((arn, name));
        routes.push(RouteBody {
            version,
            weight: route.weight,
        });
    }
    let [(arn, name), others @ ..] = &machines[..] else {
        return Err(invalid("must contain state machine version ARNs", given));
    };
    for (index, route) in given.iter().enumerate() {
        let before = &given[..index];
        if before
            .iter()
            .any(|other| other.version_arn == route.version_arn)
        {
            let rule = "must contain distinct state machine version ARNs";
            return Err(invalid(rule, given));
        }
    }
    let place = |arn: &Arn<'_>, name| (arn.account.to_owned(), arn.region.to_owned(), name);
    if others
        .iter()
        .any(|(other, its)| place(other, *its) != place(arn, *name))
    {
        let rule = "must contain version ARNs of one state machine";
        return Err(invalid(rule, given));
    }
    let weights: Vec<u32> = given.iter().map(|route| route.weight).collect();
    if weights.iter().map(|&weight| u64::from(weight)).sum::<u64>() != 100 {
        return Err(refused(format!(
            "Sum of routing configuration weights must equal 100. Received: {weights:?}"
        )));
    }
    Ok(Routing {
        arn: *arn,
        name,
        routes,
    })
}

fn invalid(rule: &str, given: &[Route]) -> Error {
    let received: Vec<_> = given.iter().map(|route| &*route.version_arn).collect();
    let received = received.join(", ");
    refused(format!(
        "Routing configuration {rule}. Received: [{received}]"
    ))
}

fn refused(message: String) -> Error {
    Error::validation(message).with("reason", "INVALID_ROUTING_CONFIGURATION")
}
