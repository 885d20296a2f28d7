//! Text with parts that are only known at deployment or at run time.

use std::rc::Rc;

use smallvec::{SmallVec, smallvec};

use super::json_path::JsonPath;
use super::object::Name;
use super::token::Token;

/// Text whose parts are literal, known to CloudFormation at deployment ([`Token`]), or, as a whole, taken
/// from the workflow's data ([`JsonPath`]).
///
/// Any property that takes text takes `impl Into<Text>`: a `&str`, a `String`, a reference to a
/// resource, or a path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    // As a rule there is one.
    parts: SmallVec<[Part; 1]>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it stands.
    Literal(Name),
    /// What CloudFormation fills in.
    Token(Rc<Token>),
    /// What the workflow fills in. It must be the only part.
    Path(JsonPath),
}

impl Text {
    /// The texts one after the other.
    pub fn concat<T: Into<Text>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut all = Self::default();
        for text in texts {
            all.append(text);
        }
        all
    }

    /// The texts with a separator between them.
    pub fn join<T: Into<Text>>(
        separator: &'static str,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut all = Self::default();
        for (index, text) in texts.into_iter().enumerate() {
            if index > 0 {
                all.push(Part::Literal(separator.into()));
            }
            all.append(text);
        }
        all
    }

    /// The text with another after it.
    #[must_use]
    pub fn then(mut self, text: impl Into<Text>) -> Self {
        self.append(text);
        self
    }

    fn append(&mut self, text: impl Into<Text>) {
        for part in text.into().parts {
            self.push(part);
        }
    }

    fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), part) {
            (_, Part::Literal(text)) if text.is_empty() => {}
            (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
            (_, part) => self.parts.push(part),
        }
    }

    /// Whether it begins with a literal text.
    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        match self.parts.first() {
            Some(Part::Literal(text)) => text.starts_with(prefix),
            _ => prefix.is_empty(),
        }
    }

    /// The texts between separators; one within a token cannot be seen.
    pub(crate) fn split(&self, separator: &str) -> Vec<Self> {
        let mut all = Vec::new();
        let mut current = Self::default();
        for part in &self.parts {
            match part {
                Part::Literal(text) => {
                    for (index, piece) in text.split(separator).enumerate() {
                        if index > 0 {
                            all.push(std::mem::take(&mut current));
                        }
                        current.append(piece);
                    }
                }
                other => current.push(other.clone()),
            }
        }
        all.push(current);
        all
    }

    /// Its parts; neighbours are never both literal, and none is empty.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The text, if it is literal as a whole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The path, if it is one as a whole.
    pub fn as_path(&self) -> Option<&JsonPath> {
        match self.parts.as_slice() {
            [Part::Path(path)] => Some(path),
            _ => None,
        }
    }

    /// The token, if it is one as a whole.
    pub fn as_token(&self) -> Option<&Token> {
        match self.parts.as_slice() {
            [Part::Token(token)] => Some(token),
            _ => None,
        }
    }

    /// What stands before and after the first place of a text within a literal part.
    pub fn split_once(&self, at: &str) -> Option<(Text, Text)> {
        if at.is_empty() {
            return Some((Self::default(), self.clone()));
        }
        let parts = self.parts.iter().enumerate();
        let (index, (before, after)) = parts.into_iter().find_map(|(index, part)| match part {
            Part::Literal(text) => Some((index, text.split_once(at)?)),
            _ => None,
        })?;
        let before = self.parts[..index]
            .iter()
            .cloned()
            .map(Self::from)
            .chain([before.into()]);
        let after = std::iter::once(after.into())
            .chain(self.parts[index + 1..].iter().cloned().map(Self::from));
        Some((Self::concat(before), Self::concat(after)))
    }

    /// Whether it is only known when the workflow runs: a path, or a JSONata expression.
    pub fn is_at_run_time(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Path(_) => true,
            Part::Literal(text) => text.starts_with("{%"),
            Part::Token(_) => false,
        })
    }

    /// Whether a path stands beside other parts, which the States Language cannot express.
    pub fn mixes_paths(&self) -> bool {
        self.parts.len() > 1 && self.parts.iter().any(|part| matches!(part, Part::Path(_)))
    }
}

impl From<Part> for Text {
    fn from(part: Part) -> Self {
        let mut text = Self::default();
        text.push(part);
        text
    }
}

impl From<Name> for Text {
    fn from(text: Name) -> Self {
        match text.is_empty() {
            true => Self::default(),
            false => Self {
                parts: smallvec![Part::Literal(text)],
            },
        }
    }
}

impl From<&Name> for Text {
    fn from(text: &Name) -> Self {
        Self::from(text.clone())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(Name::from(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(Name::from(text))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

impl From<Token> for Text {
    fn from(token: Token) -> Self {
        Self {
            parts: smallvec![Part::Token(Rc::new(token))],
        }
    }
}

impl From<JsonPath> for Text {
    fn from(path: JsonPath) -> Self {
        Self {
            parts: smallvec![Part::Path(path)],
        }
    }
}

impl From<&JsonPath> for Text {
    fn from(path: &JsonPath) -> Self {
        Self::from(path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;
    use crate::value::Pseudo;

    #[test]
    fn is_cut_within_literal_parts() {
        let host = Text::from("api.")
            .then(Pseudo::Region)
            .then(".amazonaws.com");
        let (before, after) = host.split_once(".amazonaws").unwrap();
        assert_eq!(before, Text::from("api.").then(Pseudo::Region));
        assert_eq!(after, ".com".into());
        assert_eq!(host.split_once("s3://"), None);
    }
}
