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

/// A function that can make something much larger than its arguments, or run for long, within one
/// call.
///
/// The engine checks its limits between calls only, so these are renamed in an expression and come
/// here.
pub(super) struct Guarded {
    /// The name in JSONata.
    pub(super) name: &'static str,
    /// The name under which the engine calls it.
    pub(super) watched: &'static str,
    /// The name under which the engine calls it with the context value before the arguments.
    pub(super) contextual: &'static str,
    /// The types of its parameters, as in a JSONata signature: any of the letters fits, `?` makes
    /// a parameter optional, and the context value may stand for a missing one with `-`.
    params: &'static [&'static str],
    /// How many arguments it takes as a callback.
    arity: usize,
    function: HostFunction,
}

impl Guarded {
    /// The most arguments.
    pub(super) fn max(&self) -> usize {
        self.params.len()
    }

    /// Whether the context value may become an argument of a call with `given` arguments.
    pub(super) fn may_take_context(&self, given: usize) -> bool {
        match self.params[0] {
            "x-" => given == 0,
            first => first.ends_with('-') && given < self.max(),
        }
    }

    /// Calls the function; a callback is handed more arguments than it takes.
    pub(super) fn call(&self, run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
        let args = if args.len() > self.max() {
            &args[..self.arity]
        } else {
            args
        };
        (self.function)(run, args)
    }

    /// Calls the function with the context value, which stands before the arguments, if it takes
    /// it.
    pub(super) fn call_with_context(&self, run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
        let Some((context, given)) = args.split_first() else {
            return (self.function)(run, args);
        };
        let missing = !fit(self.params, given) && fit(&self.params[1..], given);
        if !missing {
            return (self.function)(run, given);
        }
        if !fits(self.params[0], context) {
            return Err(EvaluatorError::TypeError(format!(
                "T0411: Context value is not a compatible type with argument 1 of function {}",
                self.name
            )));
        }
        (self.function)(run, args)
    }
}

fn fit(params: &[&str], args: &[JValue]) -> bool {
    args.len() <= params.len()
        && params.iter().enumerate().all(|(index, param)| {
            args.get(index)
                .map_or(param.ends_with('?'), |arg| fits(param, arg))
        })
}

fn fits(param: &str, value: &JValue) -> bool {
    let letter = match value {
        JValue::Undefined => return true,
        JValue::String(_) => 's',
        JValue::Number(_) => 'n',
        JValue::Bool(_) => 'b',
        JValue::Object(_) => 'o',
        JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => 'f',
        JValue::Null | JValue::Array(_) => 'x',
    };
    param.contains([letter, 'x'])
}

macro_rules! guarded {
    ($($name:literal [$($param:literal)*] $arity:literal $function:path;)*) => {
        &[$(Guarded {
            name: $name,
            watched: concat!("watched ", $name),
            contextual: concat!("watched in context ", $name),
            params: &[$($param),*],
            arity: $arity,
            function: $function,
        }),*]
    };
}

/// The functions that come here, by their signatures in JSONata.
pub(super) const GUARDED: &[Guarded] = guarded! {
    "contains" ["s-" "sf"] 2 text::contains;
    "distinct" ["x"] 1 distinct;
    "formatInteger" ["n-" "s"] 2 text::format_integer;
    "formatNumber" ["n-" "s" "o?"] 3 text::format_number;
    "fromMillis" ["n-" "s?" "s?"] 3 text::from_millis;
    "join" ["x" "s?"] 2 text::join;
    "match" ["s-" "f" "n?"] 3 text::matches;
    "pad" ["s-" "n" "s?"] 3 text::pad;
    "parseInteger" ["s-" "s"] 2 text::parse_integer;
    "replace" ["s-" "sf" "sf" "n?"] 4 text::replace;
    "split" ["s-" "sf" "n?"] 3 text::split;
    "string" ["x-" "b?"] 1 text::string;
    "toMillis" ["s-" "s?"] 2 text::to_millis;
};

/// The function that is guarded under the name `name` of JSONata.
pub(super) fn find(name: &str) -> Option<&'static Guarded> {
    GUARDED.iter().find(|builtin| builtin.name == name)
}

/// `$distinct`, whose own implementation compares each item with each.
fn distinct(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    const FEW: usize = 64;
    let [JValue::Array(items)] = args else {
        return run.call_builtin("distinct", args);
    };
    if items.len() <= FEW {
        return run.call_builtin("distinct", args);
    }
    run.charge_shallow(&args[0])?;
    let mut scalars = HashSet::new();
    let mut others: Vec<&JValue> = Vec::new();
    let mut kept = Vec::new();
    for item in items {
        let new = if let Some(scalar) = Scalar::of(item) {
            scalars.insert(scalar)
        } else {
            run.check_time()?;
            let new = !others.iter().any(|other| values_equal(item, other));
            if new {
                others.push(item);
            }
            new
        };
        if new {
            kept.push(item.clone());
        }
    }
    Ok(if items.sequence {
        JValue::sequence(kept)
    } else {
        JValue::array(kept)
    })
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
        "abs"
            | "average"
            | "assert"
            | "boolean"
            | "ceil"
            | "contains"
            | "count"
            | "exists"
            | "floor"
            | "formatBase"
            | "formatInteger"
            | "formatNumber"
            | "fromMillis"
            | "hash"
            | "length"
            | "max"
            | "millis"
            | "min"
            | "not"
            | "now"
            | "number"
            | "parseInteger"
            | "power"
            | "random"
            | "round"
            | "sqrt"
            | "sum"
            | "toMillis"
            | "type"
            | "uuid"
    )
}

/// Whether `$name` is a function of JSONata 2.0.6; `$eval`, which Step Functions lacks, counts as
/// none.
pub(super) fn is_builtin(name: &str) -> bool {
    gives_scalar(name) && !matches!(name, "hash" | "uuid")
        || find(name).is_some()
        || matches!(
            name,
            "append"
                | "base64decode"
                | "base64encode"
                | "clone"
                | "decodeUrl"
                | "decodeUrlComponent"
                | "each"
                | "encodeUrl"
                | "encodeUrlComponent"
                | "error"
                | "filter"
                | "keys"
                | "lookup"
                | "lowercase"
                | "map"
                | "merge"
                | "reduce"
                | "reverse"
                | "shuffle"
                | "sift"
                | "single"
                | "sort"
                | "spread"
                | "substring"
                | "substringAfter"
                | "substringBefore"
                | "trim"
                | "uppercase"
                | "zip"
        )
}

/// The functions that take functions, whose names as arguments mean functions.
pub(super) fn takes_functions(name: &str) -> bool {
    matches!(
        name,
        "map"
            | "filter"
            | "reduce"
            | "each"
            | "sift"
            | "single"
            | "sort"
            | "match"
            | "replace"
            | "split"
            | "contains"
    )
}
