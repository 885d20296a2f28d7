//! A place in a text that is being parsed.

use super::error::JsonPathError;

/// Walks over a text character by character.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over `token` if it comes next.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(crate) fn expect(&mut self, token: &str) -> Result<(), JsonPathError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.error(format!("`{token}` expected")))
        }
    }

    /// Passes over the characters that `wanted` holds for, and returns them.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.advance(end)
    }

    /// Passes over `bytes` bytes, which end between two characters, and returns them.
    pub(crate) fn advance(&mut self, bytes: usize) -> &'t str {
        let taken = &self.rest()[..bytes];
        self.at += bytes;
        taken
    }

    pub(crate) fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// An optional sign and digits.
    pub(crate) fn integer(&mut self) -> Result<i64, JsonPathError> {
        let digits = self.rest().strip_prefix('-').unwrap_or(self.rest());
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return Err(self.error("an index expected"));
        }
        let length = self.rest().len() - digits.len() + count;
        match self.rest()[..length].parse() {
            Ok(number) => {
                self.at += length;
                Ok(number)
            }
            Err(_) => Err(self.error("the number is too large for an index")),
        }
    }

    /// How many characters lie behind, and one: where an error is.
    pub(crate) fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    /// An error about what comes next.
    pub(crate) fn error(&self, reason: impl Into<String>) -> JsonPathError {
        JsonPathError::new(self.text, self.position(), reason)
    }

    /// An error about the character that comes next.
    pub(crate) fn unexpected(&self) -> JsonPathError {
        match self.peek() {
            Some(c) => self.error(format!("unexpected `{c}`")),
            None => self.error("unexpected end"),
        }
    }
}
