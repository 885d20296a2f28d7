//! JSONata's functions that make texts, with the sizes of what they make checked first.

use std::borrow::Cow;
use std::fmt::Write;
use std::rc::Rc;

use indexmap::IndexMap;
use jsonata_core::evaluator::{EvaluatorError, HostFnResult};
use jsonata_core::functions::string::{
    RegexMatches, replace_regex, string as stringify, substitute_capture_groups,
};
use jsonata_core::value::JValue;

use super::builtins::too_much;
use super::run::{MAX_SEQUENCE, Run};
use super::weight::ITEM;

/// What a text of its own weighs as an item, besides its bytes.
const PIECE: usize = ITEM + 24;

/// What one match of `$match` weighs, besides its texts.
const MATCH: usize = 400;

/// The longest picture, or text read by one, in bytes.
const MAX_PICTURE: usize = 10_000;

/// The largest number written in Roman numerals, which grow with the number.
const MAX_ROMAN: f64 = 1_000_000.0;

/// `a & b`.
pub(super) fn concat(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let mut parts = Vec::with_capacity(2);
    for arg in args {
        parts.push(match arg {
            JValue::Undefined => Cow::Borrowed(""),
            JValue::String(text) => Cow::Borrowed(text.as_ref()),
            other => Cow::Owned(written(run, other)?),
        });
    }
    run.charge_text(parts.iter().map(|part| part.len()).sum())?;
    Ok(JValue::from(parts.concat()))
}

fn written(run: &Run, value: &JValue) -> Result<String, EvaluatorError> {
    if matches!(value, JValue::Array(_) | JValue::Object(_)) {
        let weight = run.weigh(value)?;
        run.charge_text(weight.bytes)?;
    }
    Ok(match stringify(value, None)? {
        JValue::String(text) => text.as_ref().to_owned(),
        _ => String::new(),
    })
}

/// `$string`.
pub(super) fn string(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    if let Some(value @ (JValue::Array(_) | JValue::Object(_))) = args.first() {
        let weight = run.weigh(value)?;
        let blanks = if args.len() > 1 {
            weight.nodes * weight.depth * 2
        } else {
            0
        };
        run.charge_text(weight.bytes + blanks)?;
    }
    match args {
        [value] => Ok(stringify(value, None)?),
        _ => run.call_builtin("string", args),
    }
}

/// `$pad`.
pub(super) fn pad(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    const WIDEST: f64 = 8_000_000.0;
    if let Some(JValue::Number(width)) = args.get(1) {
        if width.abs() > WIDEST {
            return Err(too_much(run));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within the limit above
        let width = width.abs() as usize;
        run.charge_text(width * 4)?;
    }
    run.call_builtin("pad", args)
}

/// `$join`.
pub(super) fn join(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    if let Some(JValue::Array(items)) = args.first() {
        let between = match args.get(1) {
            Some(JValue::String(separator)) => separator.len(),
            _ => 0,
        };
        let texts = items.iter().map(|item| item.as_str().map_or(0, str::len));
        run.charge_text(texts.sum::<usize>() + between.saturating_mul(items.len()))?;
    }
    run.call_builtin("join", args)
}

/// `$contains`.
pub(super) fn contains(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    match args {
        [JValue::String(text), JValue::Regex { pattern, flags }] => Ok(JValue::Bool(
            run.regex(pattern, flags, text.len())?.regex.is_match(text),
        )),
        _ => run.call_builtin("contains", args),
    }
}

/// `$split`.
pub(super) fn split(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    match args {
        [JValue::String(text), JValue::String(separator), ..] => {
            let pieces = if separator.is_empty() {
                text.len()
            } else {
                text.matches(&**separator).count() + 1
            };
            if pieces > MAX_SEQUENCE {
                return Err(too_much(run));
            }
            run.charge(text.len() + pieces * PIECE)?;
            run.call_builtin("split", args)
        }
        [
            JValue::String(text),
            JValue::Regex { pattern, flags },
            limit @ ..,
        ] => {
            let Some(limit) = count(limit, f64::floor) else {
                return run.call_builtin("split", args);
            };
            let compiled = run.regex(pattern, flags, text.len())?;
            let mut pieces = Vec::new();
            for piece in compiled.regex.split(text).take(limit) {
                run.check_time()?;
                run.charge(PIECE + piece.len())?;
                pieces.push(JValue::from(piece));
            }
            Ok(JValue::array(pieces))
        }
        _ => run.call_builtin("split", args),
    }
}

/// `$match`.
pub(super) fn matches(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    let [
        JValue::String(text),
        JValue::Regex { pattern, flags },
        limit @ ..,
    ] = args
    else {
        return with_functions(run, "match", args);
    };
    let Some(limit) = count(limit, f64::ceil) else {
        return run.call_builtin("match", args);
    };
    let compiled = run.regex(pattern, flags, text.len())?;
    let mut found = Vec::new();
    if limit > 0 {
        let mut matches = RegexMatches::new(&compiled.regex, text).counting_utf16();
        let mut next = matches.next_match()?;
        while let Some(one) = next {
            run.check_time()?;
            run.charge(MATCH + one.text.len() * 2)?;
            let groups = one
                .groups
                .iter()
                .map(|group| group.map_or(JValue::Undefined, JValue::from))
                .collect();
            let index = one.utf16_span.map_or(0, |(start, _)| start);
            found.push(JValue::object(IndexMap::from([
                ("match".to_owned(), JValue::from(one.text)),
                ("index".to_owned(), JValue::from(index)),
                ("groups".to_owned(), JValue::array(groups)),
            ])));
            next = matches.next_match()?;
            if found.len() >= limit {
                break;
            }
        }
    }
    Ok(JValue::sequence(found))
}

/// `$replace`.
pub(super) fn replace(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    match args {
        [
            JValue::String(text),
            JValue::String(pattern),
            JValue::String(with),
            ..,
        ] => {
            let times = if pattern.is_empty() {
                0
            } else {
                text.matches(&**pattern).count()
            };
            run.charge_text(text.len() + times.saturating_mul(with.len()))?;
            run.call_builtin("replace", args)
        }
        [
            JValue::String(text),
            JValue::Regex { pattern, flags },
            JValue::String(with),
            limit @ ..,
        ] => {
            let Some(limit) = count(limit, f64::ceil) else {
                return run.call_builtin("replace", args);
            };
            let compiled = run.regex(pattern, flags, text.len())?;
            run.charge_text(text.len())?;
            let replaced = replace_regex(
                RegexMatches::new(&compiled.regex, text),
                Some(limit),
                |found, out| {
                    run.check_time()?;
                    let before = out.len();
                    substitute_capture_groups::<EvaluatorError>(
                        out,
                        with,
                        found.text,
                        found.groups.len(),
                        |group| Ok(found.groups[group].map(Cow::Borrowed)),
                    )?;
                    run.charge_text(out.len() - before)
                },
            )?;
            Ok(JValue::from(replaced))
        }
        [JValue::String(text), JValue::Regex { pattern, flags }, ..] => {
            run.regex(pattern, flags, text.len())?;
            with_functions(run, "replace", args)
        }
        _ => with_functions(run, "replace", args),
    }
}

/// `$fromMillis`.
pub(super) fn from_millis(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    with_picture(run, "fromMillis", args)
}

/// `$toMillis`. What a picture leaves out before its largest unit comes from the time of the world.
pub(super) fn to_millis(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    if let [JValue::String(text), JValue::String(picture)] = args {
        let units = [
            ("Y", "Y"),
            ("XxWwFMd", "M"),
            ("D", "D"),
            ("Hh", "H"),
            ("m", "m"),
            ("s", "s"),
        ];
        let has = |letters: &str| {
            picture
                .split('[')
                .skip(1)
                .any(|unit| unit.trim_start().starts_with(|c| letters.contains(c)))
        };
        let missing: Vec<_> = units
            .iter()
            .take_while(|(letters, _)| !has(letters))
            .map(|(_, unit)| *unit)
            .collect();
        if !missing.is_empty() && (has("f") || missing.len() < units.len()) && !has("X") {
            let now = run.now().to_zoned(jiff::tz::TimeZone::UTC);
            let (mut dated, mut pictured) = (String::new(), String::new());
            for unit in missing {
                let (number, width) = match unit {
                    "Y" => (i32::from(now.year()), 4),
                    "M" => (i32::from(now.month()), 2),
                    "D" => (i32::from(now.day()), 2),
                    "H" => (i32::from(now.hour()), 2),
                    "m" => (i32::from(now.minute()), 2),
                    _ => (i32::from(now.second()), 2),
                };
                let _ = write!(dated, "{number:0width$}/");
                let _ = write!(pictured, "[{unit}{:0width$}]/", 1);
            }
            let args = [JValue::from(dated + text), JValue::from(pictured + picture)];
            return with_picture(run, "toMillis", &args);
        }
    }
    with_picture(run, "toMillis", args)
}

/// `$formatNumber`.
pub(super) fn format_number(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    with_picture(run, "formatNumber", args)
}

/// `$parseInteger`.
pub(super) fn parse_integer(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    with_picture(run, "parseInteger", args)
}

/// `$formatInteger`.
pub(super) fn format_integer(run: &Rc<Run>, args: &[JValue]) -> HostFnResult {
    if let [JValue::Number(number), JValue::String(picture)] = args
        && number.abs() > MAX_ROMAN
        && matches!(picture.chars().next(), Some('i' | 'I'))
    {
        return Err(too_much(run));
    }
    with_picture(run, "formatInteger", args)
}

fn with_picture(run: &Rc<Run>, name: &str, args: &[JValue]) -> HostFnResult {
    for text in args.iter().filter_map(JValue::as_str) {
        if text.len() > MAX_PICTURE || (name == "fromMillis" && is_wide(text)) {
            return Err(too_much(run));
        }
        run.charge(text.len())?;
    }
    run.call_builtin(name, args)
}

/// Whether a unit of a date's picture is wider than any use: by its digits as in `[Y0001]`, or by
/// the widths behind its last comma as in `[Y,4-4]`. The engine takes years modulo a power of ten.
fn is_wide(picture: &str) -> bool {
    fn numbers(text: &str) -> impl Iterator<Item = &str> {
        text.split(|c: char| !c.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
    }
    picture.split('[').skip(1).any(|unit| {
        let widest = if unit.trim_start().starts_with('Y') {
            18
        } else {
            100
        };
        let unit = unit.split(']').next().unwrap_or_default();
        let (form, widths) = unit.rsplit_once(',').unwrap_or((unit, ""));
        numbers(form).any(|digits| digits.len() > widest)
            || numbers(widths).any(|width| !width.parse().is_ok_and(|width: usize| width <= widest))
    })
}

fn with_functions(run: &Rc<Run>, name: &str, args: &[JValue]) -> HostFnResult {
    if args
        .iter()
        .any(|arg| matches!(arg, JValue::Lambda(_) | JValue::Builtin { .. }))
    {
        run.call_builtin_with_functions(name, args)
    } else {
        run.call_builtin(name, args)
    }
}

/// The number of matches a limit allows; `None` if the engine is to say what is wrong with it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a larger limit is none
fn count(limit: &[JValue], round: fn(f64) -> f64) -> Option<usize> {
    match limit {
        [] | [JValue::Undefined] => Some(usize::MAX),
        [JValue::Number(limit)] if *limit >= 0.0 => Some(round(*limit) as usize),
        _ => None,
    }
}
