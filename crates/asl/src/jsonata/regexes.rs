//! Regular expressions: JavaScript's notation in the `regex` crate's, compiled once.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::error::ParseError;

/// The steps of the automaton times the bytes of the text that one search may take: about a second
/// at worst.
const MAX_WORK: usize = 1 << 33;

/// The sizes a compiled expression is tried in, in bytes; the last is the largest taken.
const SIZES: [usize; 4] = [1 << 14, 1 << 16, 1 << 18, 1 << 20];

/// How large a regular expression may be, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Largest {
    /// Where the engine applies it, without regard to the text.
    Anywhere,
    /// As an argument of a function that regards the text's length.
    Argument,
}

/// The longest pattern taken, in bytes.
const MAX_PATTERN: usize = 10_000;

/// A regular expression of an expression's source.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// The literal in the `regex` crate's notation.
    pub(super) text: String,
    /// The flags `i` and `m`.
    pub(super) flags: String,
    compiled: Arc<Compiled>,
}

/// A regular expression and how large it is. Shared, since a copy would begin with empty caches.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) regex: Regex,
    size: usize,
}

impl Compiled {
    /// Whether one search in a text of `length` bytes ends in time.
    pub(super) fn may_run_over(&self, length: usize) -> bool {
        self.size.saturating_mul(length) <= MAX_WORK
    }
}

impl Pattern {
    /// Translates and compiles the literal `/source/flags`.
    pub(super) fn parse(source: &str, flags: &str, largest: Largest) -> Result<Self, ParseError> {
        let refused = |reason: &str| {
            const SHOWN: usize = 200;
            let shown: String = source.chars().take(SHOWN).collect();
            let dots = if shown.len() < source.len() {
                "…"
            } else {
                ""
            };
            ParseError::new(
                "",
                format!("The regular expression /{shown}{dots}/{flags} is not supported: {reason}"),
            )
        };
        if source.len() > MAX_PATTERN {
            return Err(refused("it is too long"));
        }
        let text = translate(source, flags.contains('s')).map_err(refused)?;
        let sizes = match largest {
            Largest::Anywhere => &SIZES[..2],
            Largest::Argument => &SIZES[..],
        };
        let compiled = compile(&text, flags, sizes).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => refused("it is too large"),
            other => refused(&other.to_string()),
        })?;
        Ok(Self {
            text,
            flags: flags.to_owned(),
            compiled: Arc::new(compiled),
        })
    }
}

fn compile(pattern: &str, flags: &str, sizes: &[usize]) -> Result<Compiled, regex::Error> {
    let mut last = regex::Error::CompiledTooBig(0);
    for &size in sizes {
        let built = RegexBuilder::new(pattern)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .size_limit(size)
            .dfa_size_limit(1 << 20)
            .build();
        match built {
            Ok(regex) => return Ok(Compiled { regex, size }),
            Err(error @ regex::Error::CompiledTooBig(_)) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// The compiled expressions of a run.
#[derive(Default)]
pub(super) struct Regexes(HashMap<String, HashMap<String, Arc<Compiled>>>);

impl Regexes {
    pub(super) fn extend(&mut self, patterns: &[Pattern]) {
        for Pattern {
            text,
            flags,
            compiled,
        } in patterns
        {
            if self.get(text, flags).is_none() {
                self.0
                    .entry(text.clone())
                    .or_default()
                    .insert(flags.clone(), Arc::clone(compiled));
            }
        }
    }

    /// The expression, if it stood in the source of an expression of this run.
    pub(super) fn get(&self, pattern: &str, flags: &str) -> Option<Arc<Compiled>> {
        self.0.get(pattern)?.get(flags).map(Arc::clone)
    }
}

/// `source` in the `regex` crate's notation, meaning what it means in JavaScript without the flag
/// `u`.
fn translate(source: &str, dot_all: bool) -> Result<String, &'static str> {
    let mut out = String::with_capacity(source.len() + 8);
    let mut rest = source;
    let mut in_class = false;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '\\' => rest = escape(rest, in_class, &mut out)?,
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                rest = open_class(rest, &mut out, &mut in_class);
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(first);
            }
            '-' if in_class && rest.starts_with('-') => out.push_str("\\-"),
            '(' if !in_class
                && ["?=", "?!", "?<=", "?<!"]
                    .iter()
                    .any(|look| rest.starts_with(look)) =>
            {
                return Err("it looks ahead or behind");
            }
            '{' if !in_class && !is_quantifier(rest) => out.push_str("\\{"),
            '.' if !in_class && !dot_all => out.push_str("[^\\n\\r\\u{2028}\\u{2029}]"),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// What follows a `[`: `[]` matches nothing and `[^]` anything.
fn open_class<'s>(rest: &'s str, out: &mut String, in_class: &mut bool) -> &'s str {
    if let Some(rest) = rest.strip_prefix("^]") {
        *in_class = false;
        out.push_str("(?s:.)");
        rest
    } else if let Some(rest) = rest.strip_prefix(']') {
        *in_class = false;
        out.push_str("[^\\x00-\\u{10FFFF}]");
        rest
    } else {
        out.push('[');
        match rest.strip_prefix('^') {
            Some(rest) => {
                out.push('^');
                rest
            }
            None => rest,
        }
    }
}

/// What follows a `\`; the rest behind it.
fn escape<'s>(rest: &'s str, in_class: bool, out: &mut String) -> Result<&'s str, &'static str> {
    let Some(first) = rest.chars().next() else {
        return Err("it ends in a backslash");
    };
    let behind = &rest[first.len_utf8()..];
    match first {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str("[\\s\\u{FEFF}--\\x{85}]"),
        'S' => out.push_str("[^\\s\\u{FEFF}]"),
        'b' if in_class => out.push_str("\\x08"),
        'b' => out.push_str("(?-u:\\b)"),
        'B' => out.push_str("\\B"),
        '0' => out.push_str("\\x00"),
        '1'..='9' | 'k' if !in_class => return Err("it refers back to a group"),
        'c' => {
            let Some(letter) = behind.chars().next().filter(char::is_ascii_alphabetic) else {
                return Err("\\c needs a letter");
            };
            let _ = write!(out, "\\x{:02X}", u32::from(letter) % 32);
            return Ok(&behind[1..]);
        }
        'x' | 'u' => {
            let digits = if first == 'x' { 2 } else { 4 };
            match behind
                .get(..digits)
                .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            {
                Some(code) if char::from_u32(code).is_some() => {
                    let _ = write!(out, "\\x{{{code:X}}}");
                    return Ok(&behind[digits..]);
                }
                Some(_) => return Err("it names half of a surrogate pair"),
                None => out.push(first),
            }
        }
        't' | 'n' | 'r' | 'v' | 'f' => {
            out.push('\\');
            out.push(first);
        }
        letter if letter.is_alphanumeric() => out.push(letter),
        sign if sign.is_ascii() => {
            out.push('\\');
            out.push(sign);
        }
        other => out.push(other),
    }
    Ok(behind)
}

/// Whether `rest`, behind a `{`, makes it a quantifier as in `{2}`, `{2,}` or `{2,3}`.
fn is_quantifier(rest: &str) -> bool {
    let Some((inner, _)) = rest.split_once('}') else {
        return false;
    };
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}
