//! Matching one expected text, in which tokens stand for what varies, with an actual one.

use std::collections::{BTreeMap, HashMap, HashSet};

/// What a recording says about one of its tokens.
///
/// `None` where nothing is known of the text (`<anything-else>`).
pub type TokenValue = Option<KnownToken>;

/// A token whose text, or choice of texts, is known beforehand.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum KnownToken {
    /// Exactly this text.
    Text(String),
    /// The recording used the token for each of these texts; none: for any text whatever.
    AnyOf(Vec<String>),
}

/// How recordings write the account.
const ACCOUNT: &str = "111111111111";

/// Backtracking gives up beyond this many steps; recorded texts need a few hundred.
const MAX_STEPS: usize = 1_000_000;

/// The tokens of one case and the texts found for them so far.
#[derive(Clone, Debug)]
pub struct Tokens {
    account: String,
    bound: HashMap<String, String>,
    choices: HashMap<String, Vec<String>>,
    /// Tokens without brackets, longest first, so that one never takes a part of another.
    words: Vec<String>,
}

impl Tokens {
    /// The tokens of a case as its `tokens` member gives them.
    pub fn new(account: &str, region: &str, known: &BTreeMap<String, TokenValue>) -> Self {
        let mut bound = HashMap::new();
        let mut choices = HashMap::new();
        for (token, value) in known {
            match value {
                Some(KnownToken::Text(text)) => {
                    bound.insert(token.clone(), text.clone());
                }
                Some(KnownToken::AnyOf(texts)) => {
                    choices.insert(token.clone(), texts.clone());
                }
                None => {}
            }
        }
        bound
            .entry("<partition>".to_owned())
            .or_insert_with(|| "aws".to_owned());
        bound
            .entry("<region>".to_owned())
            .or_insert_with(|| region.to_owned());
        let mut words: Vec<String> = known
            .keys()
            .filter(|token| !is_token(token) && !token.is_empty())
            .cloned()
            .collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self {
            account: account.to_owned(),
            bound,
            choices,
            words,
        }
    }

    /// The text bound to `token`, if one is.
    pub fn bound(&self, token: &str) -> Option<&str> {
        self.bound.get(token).map(String::as_str)
    }

    /// Binds `token` to `text`, whatever it was bound to.
    pub fn bind(&mut self, token: &str, text: String) {
        self.bound.insert(token.to_owned(), text);
    }

    /// What is bound now, for [`Tokens::restore`].
    pub fn save(&self) -> HashMap<String, String> {
        self.bound.clone()
    }

    /// Forgets what was bound since `saved` was taken.
    pub fn restore(&mut self, saved: HashMap<String, String>) {
        self.bound = saved;
    }

    /// Whether `actual` is what `expected` describes. If it is, tokens met for the first time are
    /// bound to the shortest texts that fit, earlier tokens first.
    pub fn matches(&mut self, expected: &str, actual: &str) -> bool {
        if expected == actual {
            return true;
        }
        let pattern = self.pattern(expected);
        let Some(found) = pattern.find(actual) else {
            return false;
        };
        for (token, text) in pattern.captures.into_iter().zip(found) {
            self.bound.insert(token, text.to_owned());
        }
        true
    }

    fn pattern<'a>(&'a self, expected: &'a str) -> Pattern<'a> {
        let mut parts = Vec::new();
        let mut captures: Vec<String> = Vec::new();
        let (mut literal, mut at) = (0, 0);
        while at < expected.len() {
            let Some(length) = self.token_at(expected, at) else {
                at += expected[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            };
            if literal < at {
                parts.push(Part::Literal(&expected[literal..at]));
            }
            let token = &expected[at..at + length];
            at += length;
            literal = at;
            parts.push(if token == ACCOUNT {
                Part::OneOf(vec![ACCOUNT, &self.account])
            } else if token == "date" {
                Part::Date
            } else if let Some(texts) = self.choices.get(token) {
                if texts.is_empty() {
                    Part::Any
                } else {
                    Part::OneOf(texts.iter().map(String::as_str).collect())
                }
            } else if let Some(text) = self.bound.get(token) {
                Part::Literal(text)
            } else if let Some(group) = captures.iter().position(|captured| captured == token) {
                Part::Same(group)
            } else {
                captures.push(token.to_owned());
                Part::Capture
            });
        }
        if literal < expected.len() {
            parts.push(Part::Literal(&expected[literal..]));
        }
        Pattern { parts, captures }
    }

    /// The length of the token that begins at byte `at`.
    fn token_at(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        if let Some(length) = bracketed(rest) {
            return Some(length);
        }
        if rest.starts_with(ACCOUNT) {
            return Some(ACCOUNT.len());
        }
        if rest.starts_with("date")
            && !text[..at].chars().next_back().is_some_and(is_word)
            && !rest["date".len()..].chars().next().is_some_and(is_word)
        {
            return Some("date".len());
        }
        self.words
            .iter()
            .find(|word| rest.starts_with(word.as_str()))
            .map(String::len)
    }
}

/// Whether the whole text is one token in brackets, as `<ArnPart_0idx>`.
pub fn is_token(text: &str) -> bool {
    bracketed(text) == Some(text.len())
}

/// The length of the token in brackets that `text` begins with.
fn bracketed(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || "_ .:-".contains(c)))?;
    let named = inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (named && inner[end..].starts_with('>')).then_some(end + 2)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// An expected text taken apart.
struct Pattern<'a> {
    parts: Vec<Part<'a>>,
    /// The tokens of the [`Part::Capture`]s, in order.
    captures: Vec<String>,
}

enum Part<'a> {
    Literal(&'a str),
    OneOf(Vec<&'a str>),
    /// An ISO-8601 date or date-time, or the word `date`.
    Date,
    /// One or more characters.
    Any,
    /// One or more characters, remembered.
    Capture,
    /// What the capture of that number took.
    Same(usize),
}

/// A part that has been tried at `start` and the ends that it may still try.
struct Frame {
    start: usize,
    end: usize,
    rest: Ends,
}

enum Ends {
    Listed(std::vec::IntoIter<usize>),
    /// One character more than last time, up to the end of the text.
    Growing,
}

impl Frame {
    fn advance(&mut self, text: &str) -> Option<usize> {
        self.end = match &mut self.rest {
            Ends::Listed(ends) => ends.next()?,
            Ends::Growing => self.end + text[self.end..].chars().next()?.len_utf8(),
        };
        Some(self.end)
    }
}

impl Pattern<'_> {
    /// The texts of the captures if the whole of `text` fits.
    fn find<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        if self.parts.is_empty() {
            return text.is_empty().then(Vec::new);
        }
        // Without repeated tokens a part that failed at a place fails there always.
        let forgetful = !self.parts.iter().any(|part| matches!(part, Part::Same(_)));
        let mut dead: HashSet<(usize, usize)> = HashSet::new();
        let mut frames = vec![self.frame(0, 0, &[], text)];
        for _ in 0..MAX_STEPS {
            let depth = frames.len();
            let frame = frames.last_mut()?;
            let Some(end) = frame.advance(text) else {
                if forgetful {
                    dead.insert((depth - 1, frame.start));
                }
                frames.pop();
                continue;
            };
            if depth == self.parts.len() {
                if end == text.len() {
                    return Some(self.captured(&frames, text));
                }
            } else if !dead.contains(&(depth, end)) {
                let next = self.frame(depth, end, &frames, text);
                frames.push(next);
            }
        }
        None
    }

    fn frame(&self, part: usize, start: usize, before: &[Frame], text: &str) -> Frame {
        let rest = &text[start..];
        let fits = |literal: &str| rest.starts_with(literal).then(|| start + literal.len());
        let ends: Vec<usize> = match &self.parts[part] {
            Part::Literal(literal) => fits(literal).into_iter().collect(),
            Part::OneOf(texts) => texts.iter().filter_map(|literal| fits(literal)).collect(),
            Part::Date => date_lengths(rest)
                .into_iter()
                .map(|length| start + length)
                .collect(),
            Part::Same(group) => self
                .captured(before, text)
                .get(*group)
                .and_then(|captured| fits(captured))
                .into_iter()
                .collect(),
            Part::Any | Part::Capture => {
                return Frame {
                    start,
                    end: start,
                    rest: Ends::Growing,
                };
            }
        };
        Frame {
            start,
            end: start,
            rest: Ends::Listed(ends.into_iter()),
        }
    }

    fn captured<'t>(&self, frames: &[Frame], text: &'t str) -> Vec<&'t str> {
        frames
            .iter()
            .zip(&self.parts)
            .filter(|(_, part)| matches!(part, Part::Capture))
            .map(|(frame, _)| &text[frame.start..frame.end])
            .collect()
    }
}

/// The lengths of the dates that `text` begins with, the fullest first.
fn date_lengths(text: &str) -> Vec<usize> {
    let mut lengths = Vec::new();
    if text.starts_with("date") {
        lengths.push("date".len());
    }
    let bytes = text.as_bytes();
    let Some(day) = shape(bytes, "dddd-dd-dd") else {
        return lengths;
    };
    if let Some(seconds) = bytes
        .get(day)
        .filter(|byte| b"Tt ".contains(byte))
        .and_then(|_| Some(day + 1 + shape(&bytes[day + 1..], "dd:dd:dd")?))
    {
        let digits = match bytes.get(seconds) {
            Some(b'.' | b',') => bytes[seconds + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count(),
            _ => 0,
        };
        let fractions = (1..=digits).rev().map(|count| seconds + 1 + count);
        for end in fractions.chain([seconds]) {
            lengths.extend(zone(&bytes[end..]).map(|length| end + length));
            lengths.push(end);
        }
    }
    lengths.push(day);
    lengths
}

fn zone(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'Z' | b'z' => Some(1),
        b'+' | b'-' => ["dd:dd", "dddd"]
            .iter()
            .find_map(|form| shape(&bytes[1..], form))
            .map(|n| n + 1),
        _ => None,
    }
}

/// The length of `form` if `bytes` begins like it; `d` stands for a digit.
fn shape(bytes: &[u8], form: &str) -> Option<usize> {
    let fits = bytes.len() >= form.len()
        && form.bytes().zip(bytes).all(|(want, byte)| match want {
            b'd' => byte.is_ascii_digit(),
            _ => want == *byte,
        });
    fits.then_some(form.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{KnownToken, Tokens, is_token};

    fn tokens(known: &[(&str, Option<KnownToken>)]) -> Tokens {
        let known: BTreeMap<_, _> = known
            .iter()
            .map(|(token, value)| ((*token).to_owned(), value.clone()))
            .collect();
        Tokens::new("000000000000", "eu-west-1", &known)
    }

    #[test]
    fn texts_match_what_their_tokens_stand_for() {
        for (expected, actual, fits) in [
            ("", "", true),
            ("", "x", false),
            ("plain", "plain", true),
            ("plain", "Plain", false),
            ("<name>", "anything at all", true),
            ("<name>", "", false),
            ("<name>", "two\nlines", true),
            ("<1>", "x", false),
            ("< a>", "x", false),
            (
                "arn:<partition>:states:<region>:111111111111:x",
                "arn:aws:states:eu-west-1:000000000000:x",
                true,
            ),
            (
                "arn:<partition>:states:<region>:111111111111:x",
                "arn:aws:states:us-east-1:000000000000:x",
                false,
            ),
            ("111111111111", "111111111111", true),
            ("111111111111", "222222222222", false),
            ("at date.", "at 2024-01-02T03:04:05.678Z.", true),
            ("at date.", "at 2024-01-02T03:04:05+01:00.", true),
            ("at date.", "at 2024-01-02 03:04:05,5-0100.", true),
            ("at date.", "at 2024-01-02.", true),
            ("at date.", "at date.", true),
            ("at date.", "at noon.", false),
            ("at date.", "at 2024-1-2.", false),
            ("update", "up2024-01-02", false),
            ("date_1", "2024-01-02_1", false),
            ("a <t:1> b <t:1>", "a x b x", true),
            ("a <t:1> b <t:1>", "a x b y", false),
            ("<t:1>-<t:1>", "a-b-a-b", true),
            ("<a><b>", "xyz", true),
            ("<a><b>", "x", false),
            ("ä<a>ö", "ä€ö", true),
        ] {
            assert_eq!(
                tokens(&[]).matches(expected, actual),
                fits,
                "{expected:?} {actual:?}"
            );
        }
    }

    #[test]
    fn a_token_keeps_the_text_that_it_met_first() {
        let mut tokens = tokens(&[]);
        assert!(tokens.matches("x:<a>:<b>", "x:1:2:3"));
        assert_eq!(
            (tokens.bound("<a>"), tokens.bound("<b>")),
            (Some("1"), Some("2:3"))
        );
        assert!(tokens.matches("<b>", "2:3"));
        assert!(!tokens.matches("<b>", "2"));
        assert!(!tokens.matches("<c>:<b>", "z:other"));
        assert_eq!(
            tokens.bound("<c>"),
            None,
            "what does not match binds nothing"
        );
    }

    #[test]
    fn known_tokens_stand_for_their_texts() {
        let mut tokens = tokens(&[
            ("role", Some(KnownToken::Text("arn:role".to_owned()))),
            (
                "role_two",
                Some(KnownToken::AnyOf(vec!["a".to_owned(), "b".to_owned()])),
            ),
            ("free", None),
            ("<loose>", Some(KnownToken::AnyOf(Vec::new()))),
        ]);
        assert!(tokens.matches("use role!", "use arn:role!"));
        assert!(!tokens.matches("use role!", "use arn:other!"));
        assert!(
            tokens.matches("role_two,role_two", "a,b"),
            "a choice is made at each place"
        );
        assert!(!tokens.matches("role_two", "c"));
        assert!(tokens.matches("<loose> <loose>", "x y"), "no sameness");
        assert!(tokens.matches("is free", "is anything"));
        assert!(!tokens.matches("is free", "is something"));
    }

    #[test]
    fn repeated_tokens_do_not_run_forever() {
        let expected = "<a><b><c><d><e><f><a>!".to_owned();
        assert!(!tokens(&[]).matches(&expected, &"x".repeat(400)));
    }

    #[test]
    fn tokens_are_recognised() {
        assert!(is_token("<uuid:1>") && is_token("<_x y.z-1>"));
        assert!(!is_token("<uuid:1> ") && !is_token("<>") && !is_token("<é>") && !is_token("a"));
    }
}
