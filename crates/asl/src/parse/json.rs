//! A strict JSON reader whose findings read like those of AWS's.
//!
//! The service reads definitions with Jackson (observed on AWS: `Unrecognized token '…': was
//! expecting (JSON String, …)\n at [Source: (String)"…"; line: …, column: …]`), so the messages and
//! their way of counting columns are Jackson's.

use std::ops::Range;

use rustc_hash::FxHashSet;
use serde_json::Number;

use super::jackson::{describe, location};
use super::source::{Kind, MAX_DEPTH, Member, Node};

/// Why a text is not JSON.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It breaks the grammar.
    Syntax {
        /// Jackson's words.
        message: String,
        /// The bytes at fault.
        bytes: Range<usize>,
        /// Where Jackson's reader stands when it finds out: one behind the character.
        reached: usize,
    },
    /// An array or object lies deeper than [`MAX_DEPTH`].
    TooDeep(Range<usize>),
}

/// A key that an object has more than once.
#[derive(Debug)]
pub(crate) struct DuplicateKey {
    pub(crate) key: String,
    pub(crate) bytes: Range<usize>,
}

/// Reads one JSON value that fills the whole text.
pub(crate) fn read(text: &str) -> Result<(Node, Vec<DuplicateKey>), Fault> {
    let mut reader = Reader {
        text,
        at: 0,
        duplicates: Vec::new(),
    };
    let node = reader.value(Within::Root, 0)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        let start = reader.at;
        let message = "Unexpected character";
        return Err(reader.unexpected(start, message, "was expecting the end of the definition"));
    }
    Ok((node, reader.duplicates))
}

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// What a value stands in.
#[derive(Clone, Copy)]
enum Within {
    Root,
    Array,
    Object,
}

impl Within {
    fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Array => "Array",
            Self::Object => "Object",
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    duplicates: Vec<DuplicateKey>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fault(bytes: Range<usize>, message: String, reached: usize) -> Fault {
        Fault::Syntax {
            message,
            bytes,
            reached,
        }
    }

    /// `Unexpected character ('x' (code 120))…` about the character at `at`.
    fn unexpected(&self, at: usize, head: &str, expected: &str) -> Fault {
        let found = self.text[at..].chars().next().unwrap_or('\0');
        let end = at + found.len_utf8();
        let message = format!("{head} ({}): {expected}", describe(found));
        Self::fault(at..end, message, end)
    }

    fn end_of_input(&self, what: &str) -> Fault {
        let end = self.text.len();
        let message = format!("Unexpected end-of-input{what}");
        Self::fault(end..end, message, end)
    }

    fn end_within(&self, within: Within) -> Fault {
        self.end_of_input(&format!(" within/between {} entries", within.name()))
    }

    fn end_before_close(&self, within: Within, open: usize) -> Fault {
        let start = location(self.text, open);
        self.end_of_input(&format!(
            ": expected close marker for {} (start marker at {start})",
            within.name()
        ))
    }

    fn value(&mut self, within: Within, depth: usize) -> Result<Node, Fault> {
        self.skip_blanks();
        let start = self.at;
        let kind = match self.peek() {
            None => return Err(self.end_within(within)),
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"') => Kind::String(self.string("string value")?),
            Some('-' | '0'..='9') => Kind::Number(self.number()?),
            Some('n') => self.word("null", Kind::Null)?,
            Some('t') => self.word("true", Kind::Bool(true))?,
            Some('f') => self.word("false", Kind::Bool(false))?,
            Some(c) if c.is_alphabetic() || c == '_' || c == '$' => {
                return Err(self.unrecognized(start));
            }
            Some(_) => {
                let expected = format!("expected a valid value {VALUES}");
                return Err(self.unexpected(start, "Unexpected character", &expected));
            }
        };
        Ok(Node {
            bytes: start..self.at,
            kind,
        })
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Fault> {
        let rest = &self.text[self.at..];
        let ends = |rest: &str| !rest.chars().next().is_some_and(is_word_part);
        match rest.strip_prefix(word) {
            Some(rest) if ends(rest) => {
                self.at += word.len();
                Ok(kind)
            }
            _ => Err(self.unrecognized(self.at)),
        }
    }

    fn unrecognized(&self, start: usize) -> Fault {
        let rest = &self.text[start..];
        let length = rest.find(|c| !is_word_part(c)).unwrap_or(rest.len());
        let end = start + length;
        let token: String = rest[..length].chars().take(256).collect();
        let more = if token.len() < length { "..." } else { "" };
        let message = format!("Unrecognized token '{token}{more}': was expecting {VALUES}");
        Self::fault(start..end, message, end)
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Fault> {
        let open = self.enter(depth)?;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.byte() == Some(b']') {
            self.at += 1;
            return Ok(Kind::Array(items));
        }
        loop {
            self.skip_blanks();
            if self.byte().is_none() {
                return Err(if items.is_empty() {
                    self.end_before_close(Within::Array, open)
                } else {
                    self.end_within(Within::Array)
                });
            }
            items.push(self.value(Within::Array, depth + 1)?);
            if self.separator(Within::Array, open, b']')? {
                return Ok(Kind::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Fault> {
        let open = self.enter(depth)?;
        let mut members: Vec<Member> = Vec::new();
        let mut keys = FxHashSet::default();
        self.skip_blanks();
        if self.byte() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Object(members));
        }
        loop {
            self.skip_blanks();
            let start = self.at;
            match self.byte() {
                Some(b'"') => {}
                None if members.is_empty() => {
                    return Err(self.end_before_close(Within::Object, open));
                }
                None => return Err(self.end_within(Within::Object)),
                Some(_) => {
                    let expected = "was expecting double-quote to start field name";
                    return Err(self.unexpected(start, "Unexpected character", expected));
                }
            }
            let key = self.string("name")?;
            let key_bytes = start..self.at;
            self.skip_blanks();
            match self.byte() {
                Some(b':') => self.at += 1,
                None => return Err(self.end_within(Within::Object)),
                Some(_) => {
                    let expected = "was expecting a colon to separate field name and value";
                    return Err(self.unexpected(self.at, "Unexpected character", expected));
                }
            }
            let value = self.value(Within::Object, depth + 1)?;
            if !keys.insert(key.clone()) {
                self.duplicates.push(DuplicateKey {
                    key: key.clone(),
                    bytes: key_bytes.clone(),
                });
            }
            members.push(Member {
                key,
                key_bytes,
                value,
            });
            if self.separator(Within::Object, open, b'}')? {
                return Ok(Kind::Object(members));
            }
        }
    }

    /// Steps over an opening bracket.
    fn enter(&mut self, depth: usize) -> Result<usize, Fault> {
        let open = self.at;
        self.at += 1;
        if depth >= MAX_DEPTH {
            return Err(Fault::TooDeep(open..open + 1));
        }
        Ok(open)
    }

    /// Steps over a comma (`false`) or the closing bracket (`true`).
    fn separator(&mut self, within: Within, open: usize, close: u8) -> Result<bool, Fault> {
        self.skip_blanks();
        match self.byte() {
            None => Err(self.end_before_close(within, open)),
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => {
                let name = within.name();
                let expected = format!("was expecting comma to separate {name} entries");
                Err(self.unexpected(self.at, "Unexpected character", &expected))
            }
        }
    }

    fn number(&mut self) -> Result<Number, Fault> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.byte(), Some(b'0'..=b'9')) {
                    let message = "Invalid numeric value: Leading zeroes not allowed".to_owned();
                    return Err(Self::fault(start..self.at, message, self.at));
                }
            }
            Some(b'1'..=b'9') => self.digits(),
            None => return Err(self.end_of_input(" in a Number value")),
            Some(_) => {
                let head = "Unexpected character";
                let expected = "expected digit (0-9) to follow minus sign, for valid numeric value";
                return Err(self.unexpected(self.at, head, expected));
            }
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.need_digits("Decimal point not followed by a digit")?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.need_digits("Exponent indicator not followed by a digit")?;
        }
        let text = &self.text[start..self.at];
        serde_json::from_str(text).map_err(|_| {
            let message = format!("Numeric value ({text}) out of range");
            Self::fault(start..self.at, message, self.at)
        })
    }

    fn digits(&mut self) {
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn need_digits(&mut self, otherwise: &str) -> Result<(), Fault> {
        match self.byte() {
            Some(b'0'..=b'9') => {
                self.digits();
                Ok(())
            }
            None => Err(self.end_of_input(" in a Number value")),
            Some(_) => Err(self.unexpected(self.at, "Unexpected character", otherwise)),
        }
    }

    /// Reads a text from its opening to behind its closing quote.
    fn string(&mut self, what: &str) -> Result<String, Fault> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .bytes()
                .position(|b| b == b'"' || b == b'\\' || b < b' ');
            let Some(plain) = plain else {
                return Err(self.end_of_input(match what {
                    "name" => " in field name",
                    _ => ": was expecting closing quote for a string value",
                }));
            };
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => {
                    let expected =
                        format!("has to be escaped using backslash to be included in {what}");
                    return Err(self.unexpected(self.at, "Illegal unquoted character", &expected));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let Some(escaped) = self.peek() else {
            return Err(self.end_of_input(" in character escape sequence"));
        };
        self.at += escaped.len_utf8();
        Ok(match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(start),
            _ => {
                let message = format!("Unrecognized character escape {}", describe(escaped));
                return Err(Self::fault(start..self.at, message, self.at));
            }
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Fault> {
        let first = self.hex4()?;
        let lone = |end: usize| {
            let message = "Incomplete surrogate pair in character escape sequence".to_owned();
            Self::fault(start..end, message, end)
        };
        match first {
            0xD800..=0xDBFF => {
                if !self.text[self.at..].starts_with("\\u") {
                    return Err(lone(self.at));
                }
                self.at += 2;
                let second = self.hex4()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(lone(self.at));
                }
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                char::from_u32(code).ok_or_else(|| lone(self.at))
            }
            _ => char::from_u32(first).ok_or_else(|| lone(self.at)),
        }
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(c) = self.peek() else {
                return Err(self.end_of_input(" in character escape sequence"));
            };
            let Some(digit) = c.to_digit(16) else {
                let expected = "expected a hex-digit for character escape sequence";
                return Err(self.unexpected(self.at, "Unexpected character", expected));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        match read(text) {
            Err(Fault::Syntax {
                message, reached, ..
            }) => {
                format!("{message}\n at {}", location(text, reached))
            }
            Err(Fault::TooDeep(bytes)) => format!("too deep at {}", bytes.start),
            Ok(_) => "fine".to_owned(),
        }
    }

    #[test]
    fn findings_read_like_jacksons() {
        let cases = [
            (
                "hello world",
                "Unrecognized token 'hello': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"hello world\"; line: 1, column: 6]",
            ),
            (
                "{'a': 1}",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name\n at [Source: (String)\"{'a': 1}\"; line: 1, column: 3]",
            ),
            (
                "{\"a\": 1,}",
                "Unexpected character ('}' (code 125)): was expecting double-quote to start field name\n at [Source: (String)\"{\"a\": 1,}\"; line: 1, column: 10]",
            ),
            (
                "{",
                "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: 1, column: 1])\n at [Source: (String)\"{\"; line: 1, column: 2]",
            ),
            (
                "{\"a\" 1}",
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value\n at [Source: (String)\"{\"a\" 1}\"; line: 1, column: 7]",
            ),
            (
                "[1\n2]",
                "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries\n at [Source: (String)\"[1\n2]\"; line: 2, column: 2]",
            ),
            (
                "{\"a\": \"b",
                "Unexpected end-of-input: was expecting closing quote for a string value\n at [Source: (String)\"{\"a\": \"b\"; line: 1, column: 9]",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(message(text), expected, "{text}");
        }
    }

    #[test]
    fn what_json_forbids_is_refused() {
        for text in [
            "",
            " ",
            "01",
            "1.",
            "1e",
            "-",
            "[1,]",
            "{\"a\":}",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "nul",
            "truex",
            "1 2",
            "{} x",
            "[",
            "{\"a\":1",
            "1e999",
            "// c\n1",
            "\u{feff}1",
            "\"\\ud800\\u0041\"",
        ] {
            assert_ne!(message(text), "fine", "{text}");
        }
    }

    #[test]
    fn what_json_allows_is_read_as_serde_reads_it() {
        for text in [
            "null",
            " [1, -0, 0.5, 1e3, 18446744073709551615, 12345678901234567890123] ",
            "{\"a\": {\"b\": [true, false, null, \"\\u00e9\\ud83d\\ude00\\n\\/\"]}}",
            "\"é😀\"",
        ] {
            let (node, duplicates) = read(text).unwrap();
            assert_eq!(
                node.to_value(),
                serde_json::from_str::<serde_json::Value>(text).unwrap()
            );
            assert!(duplicates.is_empty());
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(message(&deep(MAX_DEPTH)), "fine");
        assert!(serde_json::from_str::<serde_json::Value>(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(
            message(&deep(MAX_DEPTH + 1)),
            format!("too deep at {MAX_DEPTH}")
        );
        assert_eq!(
            message(&"[".repeat(1 << 20)),
            format!("too deep at {MAX_DEPTH}")
        );
    }

    #[test]
    fn every_duplicate_is_told() {
        let (_, duplicates) = read("{\"a\": 1, \"b\": {\"a\": 1}, \"a\": 2}").unwrap();
        assert_eq!(duplicates.len(), 1);
        assert_eq!(
            (duplicates[0].key.as_str(), duplicates[0].bytes.start),
            ("a", 24)
        );
    }
}
