//! The text of a call to its tree.

use serde_json::{Number, Value};

use super::call::{Argument, Call, Function, Literal};
use super::error::IntrinsicError;
use super::{MAX_DEPTH, MAX_LENGTH};
use crate::jsonpath::Path;
use crate::jsonpath::cursor::Cursor;

pub(super) fn parse(text: &str) -> Result<Call, IntrinsicError> {
    let mut parser = Parser {
        text,
        cursor: Cursor::new(text),
    };
    if text.len() > MAX_LENGTH {
        return Err(parser.error(format!("an expression has at most {MAX_LENGTH} bytes")));
    }
    parser.cursor.skip_blanks();
    let mut call = parser.call(1)?;
    parser.cursor.skip_blanks();
    if parser.cursor.peek().is_some() {
        return Err(parser.error("nothing can follow the call"));
    }
    call.text = text.into();
    Ok(call)
}

struct Parser<'t> {
    text: &'t str,
    cursor: Cursor<'t>,
}

impl Parser<'_> {
    fn error(&self, reason: impl Into<String>) -> IntrinsicError {
        IntrinsicError::new(self.text, self.cursor.position(), reason)
    }

    fn call(&mut self, depth: usize) -> Result<Call, IntrinsicError> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("at most {MAX_DEPTH} calls stand in each other")));
        }
        let start = self.cursor.rest();
        let length = start.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
        let name = &start[..length.unwrap_or(start.len())];
        let Some(function) = Function::of_name(name) else {
            return Err(self.error(format!("there is no intrinsic function `{name}`")));
        };
        self.cursor.advance(name.len());
        if !self.cursor.eat("(") {
            return Err(self.error("`(` expected"));
        }
        let arguments = self.arguments(depth)?;
        let (fewest, most) = function.arity();
        if !(fewest..=most).contains(&arguments.len()) {
            let wanted = match (fewest, most) {
                (1, 1) => "one argument".to_owned(),
                (fewest, usize::MAX) => format!("at least {fewest} arguments"),
                (fewest, most) if fewest == most => format!("{fewest} arguments"),
                (fewest, most) => format!("{fewest} to {most} arguments"),
            };
            return Err(self.error(format!("{name} takes {wanted}, not {}", arguments.len())));
        }
        let text = &start[..start.len() - self.cursor.rest().len()];
        Ok(Call {
            function,
            arguments,
            text: text.into(),
        })
    }

    /// The arguments and the parenthesis that closes them.
    fn arguments(&mut self, depth: usize) -> Result<Vec<Argument>, IntrinsicError> {
        let mut arguments = Vec::new();
        self.cursor.skip_blanks();
        if self.cursor.eat(")") {
            return Ok(arguments);
        }
        loop {
            self.cursor.skip_blanks();
            arguments.push(self.argument(depth)?);
            self.cursor.skip_blanks();
            if self.cursor.eat(")") {
                return Ok(arguments);
            }
            if !self.cursor.eat(",") {
                return Err(self.error("`,` or `)` expected"));
            }
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, IntrinsicError> {
        match self.cursor.peek() {
            Some('\'') => self.literal().map(Argument::Text),
            Some('$') => self.path().map(Argument::Path),
            Some('-' | '0'..='9') => self.number().map(|n| Argument::Value(Value::Number(n))),
            _ if self.cursor.rest().starts_with("States.") => {
                self.call(depth + 1).map(Argument::Call)
            }
            _ => match self.word() {
                Some(value) => Ok(Argument::Value(value)),
                None => Err(self.error(
                    "a path, a text in single quotes, a number, `true`, `false`, `null` or a call \
                     expected",
                )),
            },
        }
    }

    fn word(&mut self) -> Option<Value> {
        let rest = self.cursor.rest();
        let length = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let value = match &rest[..length] {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return None,
        };
        self.cursor.advance(length);
        Some(value)
    }

    fn number(&mut self) -> Result<Number, IntrinsicError> {
        let rest = self.cursor.rest();
        let part = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let Ok(number) = serde_json::from_str(&rest[..length]) else {
            return Err(self.error("a number expected"));
        };
        self.cursor.advance(length);
        Ok(number)
    }

    fn path(&mut self) -> Result<Path, IntrinsicError> {
        let text = extent(self.cursor.rest()).trim_end();
        match Path::parse(text) {
            Ok(path) => {
                self.cursor.advance(text.len());
                Ok(path)
            }
            Err(error) => {
                let position = self.cursor.position() + error.position() - 1;
                let reason = format!("invalid JSONPath '{text}': {}", error.reason());
                Err(IntrinsicError::new(self.text, position, reason))
            }
        }
    }

    fn literal(&mut self) -> Result<Literal, IntrinsicError> {
        let start = self.cursor.rest();
        let mut text = String::new();
        let mut slots = Vec::new();
        let mut open = false;
        self.cursor.eat("'");
        loop {
            text.push_str(self.cursor.take_while(|c| !matches!(c, '\'' | '\\' | '{')));
            if self.cursor.eat("'") {
                break;
            } else if self.cursor.eat("\\") {
                match self.cursor.peek() {
                    Some(c @ ('\'' | '{' | '}' | '\\')) => {
                        text.push(c);
                        self.cursor.advance(1);
                    }
                    // A failure of the evaluation, not of the definition.
                    _ => open = true,
                }
            } else if self.cursor.eat("{}") {
                slots.push(text.len());
                text.push_str("{}");
            } else if self.cursor.eat("{") {
                text.push('{');
            } else {
                return Err(self.error("the text is not closed"));
            }
        }
        let written = &start[..start.len() - self.cursor.rest().len()];
        let open_escape = open.then(|| written.trim_matches('\'').into());
        Ok(Literal {
            value: Value::String(text),
            slots,
            open_escape,
        })
    }
}

/// The text of a path up to the comma or parenthesis that ends the argument.
fn extent(rest: &str) -> &str {
    let (mut brackets, mut parentheses) = (0_usize, 0_usize);
    let mut quote = None;
    let (mut escaped, mut before) = (false, '$');
    for (at, c) in rest.char_indices() {
        if let Some((open, in_list)) = quote {
            // Names know no escape: they end where the next one or the bracket follows.
            let follows = || rest[at + 1..].trim_start().starts_with([',', ']']);
            if c == open && if in_list { follows() } else { !escaped } {
                quote = None;
            }
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '\'' | '"' if brackets > 0 => {
                quote = Some((c, matches!(before, '[' | ',')));
                escaped = false;
            }
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            '(' => parentheses += 1,
            ')' | ',' if brackets == 0 && parentheses == 0 => return &rest[..at],
            ')' => parentheses = parentheses.saturating_sub(1),
            _ => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    rest
}
