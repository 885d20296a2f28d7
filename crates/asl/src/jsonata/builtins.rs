//! JSONata's own functions, and which of them the engine may not run unwatched.

use std::collections::HashSet;
use std::rc::Rc;

use jsonata_core::evaluator::{EvaluatorError, HostFnResult};
use jsonata_core::functions::array::values_equal;
use jsonata_core::value::JValue;

use super::error::EvaluationError;
use super::hosts::HostFunction;
use super::run::Run;
use super::text;

/// A function that can make something much larger than its arguments, or run for long, within one call.
///
/// The engine checks its limits between calls only, so these are renamed in an expression and come here.
pub(super) struct Guarded {
    /// The name in JSONata.
    pub(super) name: &'static str,
    /// The name under which the engine calls it.
    pub(super) guarded: &'static str,
    /// The name under which the engine calls it with the context value before the arguments.
    pub(super) contextual: &'static str,
    /// The fewest arguments without the context value taking the place of one.
    pub(super) min: usize,
    /// The most arguments.
    pub(super) max: usize,
    /// How many arguments it takes as a callback.
    arity: usize,
    /// What the first argument is, where the context value stands in for a missing one.
    pub(super) first: First,
    function: HostFunction,
}

/// The type of a first argument that the context value may replace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The context value never stands in.
    Given,
    Anything,
    Text,
    Number,
}

impl Guarded {
    /// Calls the function; a callback is handed more arguments than it takes.
    pub(super) fn call(&self, run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
        let args = if args.len() > self.max { &args[..self.arity] } else { args };
        (self.function)(run, args)
    }

    /// Calls the function with the context value, which stands before the arguments, if it takes it.
    pub(super) fn call_with_context(&self, run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
        let Some((context, given)) = args.split_first() else {
            return (self.function)(run, args);
        };
        let full = given.len() >= self.min && given.first().is_some_and(|first| self.first.fits(first));
        if full || given.len() + 1 < self.min {
            return (self.function)(run, given);
        }
        if !self.first.fits(context) {
            return Err(EvaluatorError::TypeError(format!(
                "T0411: Context value is not a compatible type with argument 1 of function {}",
                self.name
            )));
        }
        (self.function)(run, args)
    }
}

impl First {
    fn fits(self, value: &JValue) -> bool {
        match (self, value) {
            (Self::Given | Self::Anything, _) | (_, JValue::Undefined) => true,
            (Self::Text, value) => value.is_string(),
            (Self::Number, value) => value.is_number(),
        }
    }
}

macro_rules! guarded {
    ($($name:literal $min:literal..$max:literal $arity:literal $first:ident $function:path;)*) => {
        &[$(Guarded {
            name: $name,
            guarded: concat!("guarded ", $name),
            contextual: concat!("guarded in context ", $name),
            min: $min,
            max: $max,
            arity: $arity,
            first: First::$first,
            function: $function,
        }),*]
    };
}

/// The functions that come here, by their signatures in JSONata.
pub(super) const GUARDED: &[Guarded] = guarded! {
    "contains" 2..2 2 Text text::contains;
    "distinct" 1..1 1 Given distinct;
    "formatInteger" 2..2 2 Number text::format_integer;
    "formatNumber" 2..3 3 Number text::format_number;
    "fromMillis" 1..3 3 Number text::from_millis;
    "join" 1..2 2 Given text::join;
    "match" 2..3 3 Text text::matches;
    "pad" 2..3 3 Text text::pad;
    "parseInteger" 2..2 2 Text text::parse_integer;
    "replace" 3..4 4 Text text::replace;
    "split" 2..3 3 Text text::split;
    "string" 1..2 1 Anything text::string;
    "toMillis" 1..2 2 Text text::to_millis;
};

/// The function that is guarded under the name `name` of JSONata.
pub(super) fn find(name: &str) -> Option<&'static Guarded> {
    GUARDED.iter().find(|builtin| builtin.name == name)
}

/// `$distinct`, whose own implementation compares each item with each.
fn distinct(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    const FEW: usize = 64;
    let items = match args {
        [JValue::Array(items)] if items.len() > FEW => items,
        _ => return run.call_builtin("distinct", args),
    };
    run.charge_shallow(&args[0])?;
    let mut scalars = HashSet::new();
    let mut others: Vec<&JValue> = Vec::new();
    let mut kept = Vec::new();
    for item in items {
        let new = match Scalar::of(item) {
            Some(scalar) => scalars.insert(scalar),
            None => {
                run.check_time()?;
                let new = !others.iter().any(|other| values_equal(item, other));
                if new {
                    others.push(item);
                }
                new
            }
        };
        if new {
            kept.push(item.clone());
        }
    }
    Ok(if items.sequence { JValue::sequence(kept) } else { JValue::array(kept) })
}

/// A value that can be looked up.
#[derive(PartialEq, Eq, Hash)]
enum Scalar<'v> {
    Null,
    Bool(bool),
    Number(u64),
    Text(&'v str),
}

impl<'v> Scalar<'v> {
    fn of(value: &'v JValue) -> Option<Self> {
        Some(match value {
            JValue::Null => Self::Null,
            JValue::Bool(flag) => Self::Bool(*flag),
            // Adding zero makes one zero of both.
            JValue::Number(number) if !number.is_nan() => Self::Number((number + 0.0).to_bits()),
            JValue::String(text) => Self::Text(text),
            _ => return None,
        })
    }
}

/// Stops an evaluation that would make too much.
pub(super) fn too_much(run: &Run) -> EvaluatorError {
    run.stop(EvaluationError::MemoryExceeded)
}

/// Functions of JSONata 2.0.6 whose results take no more than a scalar.
pub(super) fn gives_scalar(name: &str) -> bool {
    matches!(
        name,
        "abs" | "average" | "assert" | "boolean" | "ceil" | "contains" | "count" | "exists" | "floor"
            | "formatBase" | "formatInteger" | "formatNumber" | "fromMillis" | "hash" | "length" | "max"
            | "millis" | "min" | "not" | "now" | "number" | "parseInteger" | "power" | "random" | "round"
            | "sqrt" | "sum" | "toMillis" | "type" | "uuid"
    )
}

/// Whether `$name` is a function of JSONata 2.0.6; `$eval`, which Step Functions lacks, counts as none.
pub(super) fn is_builtin(name: &str) -> bool {
    gives_scalar(name) && !matches!(name, "hash" | "uuid")
        || find(name).is_some()
        || matches!(
            name,
            "append" | "base64decode" | "base64encode" | "clone" | "decodeUrl" | "decodeUrlComponent" | "each"
                | "encodeUrl" | "encodeUrlComponent" | "error" | "filter" | "keys" | "lookup" | "lowercase"
                | "map" | "merge" | "reduce" | "reverse" | "shuffle" | "sift" | "single" | "sort" | "spread"
                | "substring" | "substringAfter" | "substringBefore" | "trim" | "uppercase" | "zip"
        )
}

/// The functions that take functions, whose names as arguments mean functions.
pub(super) fn takes_functions(name: &str) -> bool {
    matches!(
        name,
        "map" | "filter" | "reduce" | "each" | "sift" | "single" | "sort" | "match" | "replace" | "split" | "contains"
    )
}
