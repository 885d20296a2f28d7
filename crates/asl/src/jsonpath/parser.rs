//! The text of a path to its steps.

use super::ast::{Slice, Step};
use super::cursor::Cursor;
use super::error::JsonPathError;
use super::filter_parser;
use super::{MAX_FILTER_DEPTH, MAX_LENGTH, MAX_STEPS};

/// The operators that may not stand in a reference path, were it only in a name after a dot.
const OPERATORS: [char; 7] = ['@', ',', ':', '?', '*', '(', ')'];

/// A whole path.
pub(super) struct Parsed {
    pub(super) steps: Vec<Step>,
    /// See [`super::JsonPath::is_reference`].
    pub(super) reference: bool,
}

pub(super) fn parse(text: &str) -> Result<Parsed, JsonPathError> {
    let mut cursor = Cursor::new(text);
    if text.len() > MAX_LENGTH {
        return Err(cursor.error(format!("a path has at most {MAX_LENGTH} bytes")));
    }
    if !cursor.eat("$") {
        return Err(cursor.error("a path starts with `$`"));
    }
    let mut parser = Steps {
        names: Names::OfAPath,
        depth: 0,
        reference: true,
    };
    let steps = parser.parse(&mut cursor)?;
    if cursor.peek().is_some() {
        return Err(cursor.unexpected());
    }
    Ok(Parsed {
        steps,
        reference: parser.reference,
    })
}

/// What a name after a dot may consist of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Everything but blanks, quotes, commas and what starts the next step.
    OfAPath,
    /// As before, without the characters that filters are written with.
    OfAFilter,
}

impl Names {
    fn allow(self, c: char) -> bool {
        let plain = !(c.is_whitespace()
            || c.is_control()
            || matches!(c, '.' | '[' | ']' | '\'' | '"' | ','));
        match self {
            Self::OfAPath => plain,
            Self::OfAFilter => {
                plain && !matches!(c, '(' | ')' | '=' | '!' | '<' | '>' | '&' | '|' | '~')
            }
        }
    }
}

/// Reads the steps behind a root.
pub(super) struct Steps {
    pub(super) names: Names,
    /// How many filters and parentheses are open.
    pub(super) depth: usize,
    pub(super) reference: bool,
}

impl Steps {
    /// Reads steps up to what cannot be one.
    pub(super) fn parse(&mut self, cursor: &mut Cursor<'_>) -> Result<Vec<Step>, JsonPathError> {
        let mut steps = Vec::new();
        loop {
            if cursor.eat(".") {
                if cursor.eat(".") {
                    self.reference = false;
                    steps.push(Step::Descent);
                }
                steps.push(self.after_dot(cursor)?);
            } else if cursor.eat("[") {
                steps.push(self.bracket(cursor)?);
            } else {
                return Ok(steps);
            }
            let several = |step: &Step| matches!(step, Step::Names(_));
            if steps.iter().rev().skip(1).any(several) {
                return Err(cursor.error("only the last step may take several fields"));
            }
            if steps.len() > MAX_STEPS {
                return Err(cursor.error(format!("a path has at most {MAX_STEPS} steps")));
            }
        }
    }

    fn after_dot(&mut self, cursor: &mut Cursor<'_>) -> Result<Step, JsonPathError> {
        if cursor.eat("[") {
            return self.bracket(cursor);
        }
        let name = cursor.take_while(|c| self.names.allow(c));
        if name.contains(OPERATORS) {
            self.reference = false;
        }
        match name {
            "" => Err(cursor.error("a field's name, `*` or `[` expected")),
            "*" => Ok(Step::Wildcard),
            _ => Ok(Step::Name(name.into())),
        }
    }

    fn bracket(&mut self, cursor: &mut Cursor<'_>) -> Result<Step, JsonPathError> {
        cursor.skip_blanks();
        let step = match cursor.peek() {
            Some('\'' | '"') => names(cursor)?,
            Some('*') => {
                cursor.eat("*");
                Step::Wildcard
            }
            Some('?') => {
                cursor.eat("?");
                cursor.skip_blanks();
                if self.depth >= MAX_FILTER_DEPTH {
                    return Err(cursor.error(format!("at most {MAX_FILTER_DEPTH} filters nest")));
                }
                cursor.expect("(")?;
                let filter = filter_parser::condition(cursor, self.depth + 1)?;
                cursor.expect(")")?;
                Step::Filter(Box::new(filter))
            }
            Some('(') => before_end(cursor)?,
            Some('-' | ':' | '0'..='9') => numbers(cursor)?,
            _ => return Err(cursor.error("an index, a quoted name, `*` or `?(` expected")),
        };
        cursor.skip_blanks();
        cursor.expect("]")?;
        if !matches!(step, Step::Name(_) | Step::Index(_)) {
            self.reference = false;
        }
        Ok(step)
    }
}

/// `'a'` or `'a','b'`. A backslash is a character like any other (observed on AWS), so a name ends
/// at the quote that a comma or the bracket follows.
fn names(cursor: &mut Cursor<'_>) -> Result<Step, JsonPathError> {
    let mut names: Vec<Box<str>> = Vec::new();
    loop {
        names.push(quoted_name(cursor)?.into());
        cursor.skip_blanks();
        if !cursor.eat(",") {
            break;
        }
        cursor.skip_blanks();
    }
    match <[Box<str>; 1]>::try_from(names) {
        Ok([name]) => Ok(Step::Name(name)),
        Err(names) => Ok(Step::Names(names.into_boxed_slice())),
    }
}

fn quoted_name<'t>(cursor: &mut Cursor<'t>) -> Result<&'t str, JsonPathError> {
    let Some(quote @ ('\'' | '"')) = cursor.peek() else {
        return Err(cursor.error("a quoted name expected"));
    };
    cursor.advance(1);
    let rest = cursor.rest();
    let end = rest.match_indices(quote).map(|(at, _)| at).find(|at| {
        let after = rest[at + 1..].trim_start();
        match after.strip_prefix(',') {
            Some(next) => next.trim_start().starts_with(quote),
            None => after.starts_with(']'),
        }
    });
    match end {
        Some(end) => {
            let name = cursor.advance(end);
            cursor.advance(1);
            Ok(name)
        }
        None => Err(cursor.error("the quoted name is not closed")),
    }
}

/// `(@.length-1)` or `(@.size()-1)`.
fn before_end(cursor: &mut Cursor<'_>) -> Result<Step, JsonPathError> {
    cursor.expect("(")?;
    cursor.skip_blanks();
    cursor.expect("@.")?;
    if !(cursor.eat("length") || cursor.eat("size")) {
        return Err(cursor.error("`length` or `size` expected"));
    }
    cursor.eat("()");
    cursor.skip_blanks();
    cursor.expect("-")?;
    cursor.skip_blanks();
    let count = cursor.integer()?;
    cursor.skip_blanks();
    cursor.expect(")")?;
    Ok(Step::BeforeEnd(count))
}

/// `0`, `0,2`, `1:3`, `:2`, `-2:`, `0:4:2`
fn numbers(cursor: &mut Cursor<'_>) -> Result<Step, JsonPathError> {
    let from = bound(cursor)?;
    if cursor.eat(":") {
        cursor.skip_blanks();
        let to = bound(cursor)?;
        let mut step = 1;
        if cursor.eat(":") {
            cursor.skip_blanks();
            step = match bound(cursor)?.map_or(Ok(1), usize::try_from) {
                Ok(step) if step > 0 => step,
                _ => return Err(cursor.error("the step of a slice is positive")),
            };
        }
        return Ok(Step::Slice(Slice { from, to, step }));
    }
    let Some(first) = from else {
        return Err(cursor.unexpected());
    };
    if cursor.peek() == Some('.') {
        return Err(cursor.error("an index is a whole number"));
    }
    let mut indexes = vec![first];
    while cursor.eat(",") {
        cursor.skip_blanks();
        indexes.push(cursor.integer()?);
        cursor.skip_blanks();
    }
    match indexes.as_slice() {
        [index] => Ok(Step::Index(*index)),
        _ => Ok(Step::Indexes(indexes.into_boxed_slice())),
    }
}

/// A number, if there is one, and the blanks behind it.
fn bound(cursor: &mut Cursor<'_>) -> Result<Option<i64>, JsonPathError> {
    let number = match cursor.peek() {
        Some('-' | '0'..='9') => Some(cursor.integer()?),
        _ => None,
    };
    cursor.skip_blanks();
    Ok(number)
}
