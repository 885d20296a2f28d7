//! The text of a filter's condition to its tree.

use regex::RegexBuilder;
use serde_json::{Number, Value};

use super::MAX_FILTER_DEPTH;
use super::ast::{Filter, Operand, Operator, Origin, Query, Step};
use super::cursor::Cursor;
use super::error::JsonPathError;
use super::parser::{Names, Steps};

/// The memory that a compiled pattern may take, in bytes: so much, and more the longer it is.
const PATTERN_SIZE: usize = 64 * 1024;
const PATTERN_SIZE_PER_BYTE: usize = 1024;
/// How deep the groups of a pattern may nest.
const PATTERN_DEPTH: u32 = 32;

/// Operators by how they are written; those that start alike have the longer one first.
const SYMBOLS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];
const WORDS: [(&str, Operator); 9] = [
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("subsetof", Operator::SubsetOf),
    ("anyof", Operator::AnyOf),
    ("noneof", Operator::NoneOf),
    ("all", Operator::All),
    ("size", Operator::Size),
    ("contains", Operator::Contains),
    ("empty", Operator::Empty),
];

/// Reads a condition up to the parenthesis that ends it. `depth` counts what is open around it.
pub(super) fn condition(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, JsonPathError> {
    let mut any = Vec::new();
    loop {
        let mut all = Vec::new();
        loop {
            all.push(term(cursor, depth)?);
            cursor.skip_blanks();
            if !cursor.eat("&&") {
                break;
            }
        }
        any.push(single(all).unwrap_or_else(Filter::All));
        if !cursor.eat("||") {
            return Ok(single(any).unwrap_or_else(Filter::Any));
        }
    }
}

/// The one element, or all of them back.
fn single(filters: Vec<Filter>) -> Result<Filter, Vec<Filter>> {
    <[Filter; 1]>::try_from(filters).map(|[filter]| filter)
}

fn term(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, JsonPathError> {
    if depth > MAX_FILTER_DEPTH {
        return Err(cursor.error(format!("at most {MAX_FILTER_DEPTH} filters nest")));
    }
    cursor.skip_blanks();
    if cursor.eat("!") {
        cursor.skip_blanks();
        let negated = match cursor.peek() {
            Some('(' | '!') => term(cursor, depth + 1)?,
            Some('@' | '$') => Filter::Exists(query(cursor, depth)?),
            _ => return Err(cursor.error("`!` negates a path or what stands in parentheses")),
        };
        return Ok(Filter::Not(Box::new(negated)));
    }
    if cursor.eat("(") {
        let inner = condition(cursor, depth + 1)?;
        cursor.expect(")")?;
        return Ok(inner);
    }
    let left = operand(cursor, depth)?;
    cursor.skip_blanks();
    if cursor.eat("=~") {
        cursor.skip_blanks();
        return pattern(cursor, left);
    }
    match operator(cursor) {
        Some(operator) => {
            cursor.skip_blanks();
            Ok(Filter::Compare(left, operator, operand(cursor, depth)?))
        }
        None => match left {
            Operand::Query(query) => Ok(Filter::Exists(query)),
            Operand::Literal(_) => Err(cursor.error("an operator expected")),
        },
    }
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    for (symbol, operator) in SYMBOLS {
        if cursor.eat(symbol) {
            return Some(operator);
        }
    }
    let rest = cursor.rest();
    let length = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let word = rest[..length].to_ascii_lowercase();
    let (_, operator) = WORDS.into_iter().find(|(name, _)| *name == word)?;
    cursor.advance(length);
    Some(operator)
}

fn operand(cursor: &mut Cursor<'_>, depth: usize) -> Result<Operand, JsonPathError> {
    match cursor.peek() {
        Some('@' | '$') => Ok(Operand::Query(query(cursor, depth)?)),
        Some('[') => {
            cursor.eat("[");
            Ok(Operand::Literal(list(cursor)?))
        }
        _ => Ok(Operand::Literal(literal(cursor)?)),
    }
}

fn query(cursor: &mut Cursor<'_>, depth: usize) -> Result<Query, JsonPathError> {
    let from = if cursor.eat("@") {
        Origin::Here
    } else {
        cursor.expect("$")?;
        Origin::Document
    };
    let mut parser = Steps {
        names: Names::OfAFilter,
        depth,
        reference: false,
    };
    let steps = parser.parse(cursor)?.into_boxed_slice();
    Ok(Query {
        from,
        definite: steps.iter().all(Step::is_definite),
        steps,
    })
}

/// The elements of an array of literals, and the bracket that closes it.
fn list(cursor: &mut Cursor<'_>) -> Result<Value, JsonPathError> {
    let mut elements = Vec::new();
    cursor.skip_blanks();
    if cursor.eat("]") {
        return Ok(Value::Array(elements));
    }
    loop {
        cursor.skip_blanks();
        elements.push(literal(cursor)?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            cursor.expect("]")?;
            return Ok(Value::Array(elements));
        }
    }
}

/// A quoted text, a number, `true`, `false`, `null`, or a bare word, which is a text too (as in
/// Jayway, and so on AWS).
fn literal(cursor: &mut Cursor<'_>) -> Result<Value, JsonPathError> {
    if let Some(quote @ ('\'' | '"')) = cursor.peek() {
        cursor.advance(1);
        return Ok(Value::String(quoted(cursor, quote)?));
    }
    let word = cursor.take_while(|c| {
        let ends = [
            '(', ')', '[', ']', ',', '&', '|', '=', '<', '>', '!', '\'', '"',
        ];
        !(c.is_whitespace() || c.is_control() || ends.contains(&c))
    });
    Ok(match word {
        "" => return Err(cursor.error("a value expected")),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => number(word).map_or_else(|| Value::String(word.to_owned()), Value::Number),
    })
}

fn number(word: &str) -> Option<Number> {
    word.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        .then(|| serde_json::from_str(word).ok())
        .flatten()
}

/// A text up to its quote. A backslash takes the special meaning from a quote, and from nothing else.
fn quoted(cursor: &mut Cursor<'_>, quote: char) -> Result<String, JsonPathError> {
    let mut text = String::new();
    loop {
        text.push_str(cursor.take_while(|c| c != quote && c != '\\'));
        if cursor.eat("\\") {
            if cursor.peek() == Some(quote) {
                cursor.advance(1);
                text.push(quote);
            } else {
                text.push('\\');
            }
        } else if cursor.peek() == Some(quote) {
            cursor.advance(1);
            return Ok(text);
        } else {
            return Err(cursor.error("the quoted text is not closed"));
        }
    }
}

/// `/…/` and flags.
fn pattern(cursor: &mut Cursor<'_>, left: Operand) -> Result<Filter, JsonPathError> {
    cursor.expect("/")?;
    let mut source = String::new();
    loop {
        source.push_str(cursor.take_while(|c| c != '/' && c != '\\'));
        if cursor.eat("\\/") {
            source.push('/');
        } else if cursor.eat("\\") {
            let escaped = cursor.peek().map_or("", |c| cursor.advance(c.len_utf8()));
            match java_class(escaped) {
                Some(class) => source.push_str(class),
                None => source.extend(["\\", escaped]),
            }
        } else if cursor.eat("/") {
            break;
        } else {
            return Err(cursor.error("the pattern is not closed"));
        }
    }
    // Jayway asks whether the whole text matches.
    let mut builder = RegexBuilder::new(&format!("\\A(?:{source})\\z"));
    let size = PATTERN_SIZE + PATTERN_SIZE_PER_BYTE * source.len();
    builder
        .size_limit(size)
        .dfa_size_limit(size)
        .nest_limit(PATTERN_DEPTH);
    for flag in cursor.take_while(|c| c.is_ascii_alphabetic()).chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            _ => return Err(cursor.error(format!("unknown flag `{flag}` of a pattern"))),
        };
    }
    match builder.build() {
        Ok(regex) => Ok(Filter::Matches(left, regex)),
        Err(error) => Err(cursor.error(format!("the pattern is not supported: {error}"))),
    }
}

/// The classes that Java takes to be ASCII unless told otherwise, by the letter behind the backslash.
fn java_class(letter: &str) -> Option<&'static str> {
    match letter {
        "d" => Some("[0-9]"),
        "D" => Some("[^0-9]"),
        "w" => Some("[A-Za-z0-9_]"),
        "W" => Some("[^A-Za-z0-9_]"),
        "s" => Some(r"[\x20\t\n\x0B\f\r]"),
        "S" => Some(r"[^\x20\t\n\x0B\f\r]"),
        _ => None,
    }
}
