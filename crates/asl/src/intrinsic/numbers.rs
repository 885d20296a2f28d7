//! The functions on numbers.

use serde_json::Value;

use super::arguments::Arguments;
use super::error::FailureReason;
use super::java::JavaRandom;
use crate::World;

pub(super) fn add(arguments: &Arguments<'_>) -> Result<Value, FailureReason> {
    Ok((i64::from(arguments.small(0)?) + i64::from(arguments.small(1)?)).into())
}

/// A number from the first, included, to the second, excluded. A seed makes it repeatable: it is
/// then the first number that Java's generator gives, as AWS was observed to do for JSONata's
/// `$random(seed)`; AWS's exact formula for this function is not known.
pub(super) fn random(arguments: &Arguments<'_>, world: &World) -> Result<Value, FailureReason> {
    let (low, high) = (arguments.small(0)?, arguments.small(1)?);
    if low >= high {
        return Err(arguments.failure(format!("{low} must be less than {high}")));
    }
    if arguments.len() > 2 {
        return Ok(JavaRandom::new(arguments.integer(2)?)
            .between(low, high)
            .into());
    }
    let span = u128::from(high.abs_diff(low));
    // The high half of the product is a number below the span.
    let offset = (u128::from(world.random.bits()) * span) >> 64;
    Ok(i64::try_from(offset)
        .map_or(low.into(), |offset| i64::from(low) + offset)
        .into())
}
