//! The functions this module puts into the engine.

use std::rc::Rc;

use jsonata_core::evaluator::{Evaluator, EvaluatorError, HostFnResult};
use jsonata_core::value::JValue;

use super::builtins::{self, GUARDED};
use super::functions::OWN;
use super::run::Run;
use super::text;

/// A function of ours.
pub(super) type HostFunction = fn(&Rc<Run>, &[JValue]) -> HostFnResult;

/// `a & b`. A name with a blank cannot stand in an expression.
pub(super) const CONCAT: &str = "operator &";
/// Returns its argument, counting its items or bytes.
pub(super) const CHARGE: &str = "charge value";
/// Returns its argument, counting the items it adds to an array it is spliced into.
pub(super) const SPLICE: &str = "splice value";
/// Returns its argument if it is not too large a value.
pub(super) const BOUND: &str = "bound value";
/// As [`BOUND`], without counting.
pub(super) const CHECK: &str = "check value";
/// As [`BOUND`], for a value that shares nothing with others.
pub(super) const FRESH: &str = "bound copy";

const INTERNAL: &[(&str, HostFunction)] = &[
    (CONCAT, text::concat),
    (CHARGE, charge),
    (SPLICE, splice),
    (CHECK, check),
    (BOUND, bound),
    (FRESH, fresh),
];

/// Makes the function `name` callable in `evaluator`.
pub(super) fn register(
    evaluator: &mut Evaluator,
    run: &Rc<Run>,
    name: &'static str,
) -> Result<(), EvaluatorError> {
    let run = Rc::clone(run);
    if let Some((_, function)) = INTERNAL.iter().chain(OWN).find(|(known, _)| *known == name) {
        return evaluator.register_fn_override(name, move |args: &[JValue]| function(&run, args));
    }
    for builtin in GUARDED {
        if builtin.watched == name {
            return evaluator
                .register_fn_override(name, move |args: &[JValue]| builtin.call(&run, args));
        }
        if builtin.contextual == name {
            return evaluator.register_fn_override(name, move |args: &[JValue]| {
                builtin.call_with_context(&run, args)
            });
        }
    }
    Ok(())
}

/// The function's name as registered, if there is one.
pub(super) fn find(name: &str) -> Option<&'static str> {
    INTERNAL
        .iter()
        .chain(OWN)
        .map(|(known, _)| *known)
        .chain(
            GUARDED
                .iter()
                .flat_map(|builtin| [builtin.watched, builtin.contextual]),
        )
        .find(|known| *known == name)
}

/// Whether `$name` is a function of JSONata 2.0.6 or of Step Functions.
pub(super) fn is_function(name: &str) -> bool {
    OWN.iter().any(|(known, _)| *known == name) || builtins::is_builtin(name)
}

fn charge(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let value = only(args);
    run.charge_shallow(&value)?;
    Ok(value)
}

fn splice(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let value = only(args);
    run.charge_spliced(&value)?;
    Ok(value)
}

fn check(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let value = only(args);
    run.weigh(&value)?;
    Ok(value)
}

fn bound(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let value = only(args);
    if matches!(value, JValue::Array(_) | JValue::Object(_)) {
        run.weigh(&value)?;
    }
    run.charge_shallow(&value)?;
    Ok(value)
}

fn fresh(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let value = only(args);
    let weight = run.weigh(&value)?;
    run.charge(weight.bytes)?;
    Ok(value)
}

fn only(args: &[JValue]) -> JValue {
    args.first().cloned().unwrap_or(JValue::Undefined)
}
