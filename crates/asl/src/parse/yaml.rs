//! YAML definitions, read into the same tree as JSON.
//!
//! YAML 1.2's core schema decides what a plain scalar is, so `yes` and dates are texts. Anchors and
//! aliases work; what JSON has no counterpart for (tags, merge keys, several documents, keys that
//! are not scalars) is refused.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Tag};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Number;

use super::source::{Kind, MAX_DEPTH, Member, Node};

/// How many nodes a definition may have once its aliases are filled in.
const MAX_NODES: usize = 1_000_000;

/// Why a text is not a definition in YAML.
#[derive(Debug)]
pub(crate) enum Fault {
    Syntax {
        message: String,
        bytes: Range<usize>,
    },
    TooDeep(Range<usize>),
}

impl Fault {
    fn at(bytes: &Range<usize>, message: impl Into<String>) -> Self {
        Self::Syntax {
            message: message.into(),
            bytes: bytes.clone(),
        }
    }
}

/// Reads the only document of a text; `None` if there is none.
pub(crate) fn read(text: &str) -> Result<Option<Node>, Fault> {
    let mut options = granit_parser::options! { disallow_directives: true };
    options.set_emit_comments(false);
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                let start = offset(text, span.start);
                let bytes = start..offset(text, span.end).max(start);
                builder.event(event, bytes)?;
            }
            Err(error) => {
                let at = offset(text, *error.marker());
                return Err(Fault::at(&(at..at), error.info()));
            }
        }
    }
    Ok(builder.root)
}

fn offset(text: &str, marker: granit_parser::Marker) -> usize {
    marker.byte_offset().unwrap_or_else(|| {
        let mut offsets = text.char_indices().map(|(at, _)| at);
        offsets.nth(marker.index()).unwrap_or(text.len())
    })
}

/// A collection that is being read.
struct Open {
    start: usize,
    anchor: usize,
    height: usize,
    items: Items,
}

enum Items {
    Array(Vec<Node>),
    Object {
        members: Vec<Member>,
        keys: FxHashSet<String>,
        key: Option<(String, Range<usize>)>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    /// Anchored nodes, with how many nodes and levels they have.
    anchors: FxHashMap<usize, (Node, usize, usize)>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, bytes: Range<usize>) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => Err(Fault::at(
                &bytes,
                "A definition is one document, but another one begins here",
            )),
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    return self.key(text.into_owned(), style, bytes);
                }
                let kind = scalar(&text, style, tag.as_deref(), &bytes)?;
                self.add(Node { bytes, kind }, anchor, 0)
            }
            Event::SequenceStart(_, anchor, tag) => self.begin(
                &bytes,
                anchor,
                tag.as_deref(),
                "seq",
                Items::Array(Vec::new()),
            ),
            Event::MappingStart(_, anchor, tag) => {
                let items = Items::Object {
                    members: Vec::new(),
                    keys: FxHashSet::default(),
                    key: None,
                };
                self.begin(&bytes, anchor, tag.as_deref(), "map", items)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(bytes.end),
            Event::Alias(anchor) => self.alias(anchor, bytes),
            _ => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(
            self.open.last().map(|open| &open.items),
            Some(Items::Object { key: None, .. })
        )
    }

    fn key(&mut self, text: String, style: ScalarStyle, bytes: Range<usize>) -> Result<(), Fault> {
        if text == "<<" && style == ScalarStyle::Plain {
            let message = "Merge keys ('<<') are not part of YAML 1.2: write the fields out";
            return Err(Fault::at(&bytes, message));
        }
        if let Some(Open {
            items: Items::Object { key, keys, .. },
            ..
        }) = self.open.last_mut()
        {
            if !keys.insert(text.clone()) {
                return Err(Fault::at(&bytes, format!("Duplicate field '{text}'")));
            }
            *key = Some((text, bytes));
        }
        Ok(())
    }

    fn begin(
        &mut self,
        bytes: &Range<usize>,
        anchor: usize,
        tag: Option<&Tag>,
        natural: &str,
        items: Items,
    ) -> Result<(), Fault> {
        if self.wants_key() {
            return Err(Fault::at(bytes, "A key must be a scalar"));
        }
        if let Some(tag) = tag
            && tag.core_suffix() != Some(natural)
        {
            return Err(foreign_tag(tag, bytes));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::TooDeep(bytes.clone()));
        }
        self.open.push(Open {
            start: bytes.start,
            anchor,
            height: 0,
            items,
        });
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let kind = match open.items {
            Items::Array(items) => Kind::Array(items),
            Items::Object { members, .. } => Kind::Object(members),
        };
        let bytes = open.start..end.max(open.start);
        self.add(Node { bytes, kind }, open.anchor, open.height + 1)
    }

    fn alias(&mut self, anchor: usize, bytes: Range<usize>) -> Result<(), Fault> {
        if self.wants_key() {
            return Err(Fault::at(&bytes, "A key must be a scalar"));
        }
        let Some((node, nodes, height)) = self.anchors.get(&anchor) else {
            let message = "An alias stands inside the value that it names";
            return Err(Fault::at(&bytes, message));
        };
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let message = format!("The aliases amount to more than {MAX_NODES} values");
            return Err(Fault::at(&bytes, message));
        }
        let (mut node, height) = (node.clone(), *height);
        if self.open.len() + height > MAX_DEPTH {
            return Err(Fault::TooDeep(bytes));
        }
        node.bytes = bytes;
        self.add(node, 0, height)
    }

    fn add(&mut self, node: Node, anchor: usize, height: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if anchor != 0 {
            let nodes = count(&node);
            self.nodes += nodes;
            self.anchors.insert(anchor, (node.clone(), nodes, height));
        }
        if self.nodes > MAX_NODES {
            let message = format!("The definition has more than {MAX_NODES} values");
            return Err(Fault::at(&node.bytes, message));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.height = open.height.max(height);
        match &mut open.items {
            Items::Array(items) => items.push(node),
            Items::Object { members, key, .. } => {
                if let Some((key, key_bytes)) = key.take() {
                    members.push(Member {
                        key,
                        key_bytes,
                        value: node,
                    });
                }
            }
        }
        Ok(())
    }
}

/// How many nodes lie in a node, with itself. The depth is bounded by [`MAX_DEPTH`].
fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Array(items) => items.iter().map(count).sum(),
        Kind::Object(members) => members.iter().map(|member| count(&member.value)).sum(),
        _ => 0,
    }
}

fn foreign_tag(tag: &Tag, bytes: &Range<usize>) -> Fault {
    let tag = tag.original();
    let message = format!("The tag '{tag}' has no meaning in a definition: write the value itself");
    Fault::at(bytes, message)
}

fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    bytes: &Range<usize>,
) -> Result<Kind, Fault> {
    if let Some(tag) = tag {
        return match tag.core_suffix() {
            Some("str") => Ok(Kind::String(text.to_owned())),
            Some("bool" | "null" | "int" | "float") => plain(text, bytes),
            _ if tag.original() == "!" => Ok(Kind::String(text.to_owned())),
            _ => Err(foreign_tag(tag, bytes)),
        };
    }
    match style {
        ScalarStyle::Plain => plain(text, bytes),
        _ => Ok(Kind::String(text.to_owned())),
    }
}

/// A plain scalar by the core schema (YAML 1.2.2, §10.3.2).
fn plain(text: &str, bytes: &Range<usize>) -> Result<Kind, Fault> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => match number(text) {
            Numeric::Json(number) => Kind::Number(number),
            Numeric::Other => {
                let message = format!("The number {text} has no counterpart in JSON");
                return Err(Fault::at(bytes, message));
            }
            Numeric::No => Kind::String(text.to_owned()),
        },
    })
}

/// What a plain scalar is as a number.
enum Numeric {
    /// None.
    No,
    /// One that JSON can express.
    Json(Number),
    /// One that JSON cannot express.
    Other,
}

fn number(text: &str) -> Numeric {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all = digits.bytes().all(|byte| char::from(byte).is_digit(radix));
            if !all || digits.is_empty() {
                return Numeric::No;
            }
            let value = u64::from_str_radix(digits, radix);
            return value.map_or(Numeric::Other, |value| Numeric::Json(value.into()));
        }
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Numeric::Other;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(exponent) = exponent
        && !digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
    {
        return Numeric::No;
    }
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let well_formed = match (whole, fraction) {
        ("", None | Some("")) => false,
        (whole, fraction) => {
            (whole.is_empty() || digits(whole))
                && fraction.is_none_or(|fraction| fraction.is_empty() || digits(fraction))
        }
    };
    if !well_formed {
        return Numeric::No;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let mut json = format!("{}{whole}", if negative { "-" } else { "" });
    if let Some(fraction) = fraction {
        json.push('.');
        json.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        json.push('e');
        json.push_str(exponent);
    }
    serde_json::from_str(&json).map_or(Numeric::Other, Numeric::Json)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::json;

    use super::*;

    fn value(text: &str) -> serde_json::Value {
        read(text).unwrap().unwrap().to_value()
    }

    fn fault(text: &str) -> String {
        match read(text) {
            Err(Fault::Syntax { message, .. }) => message,
            Err(Fault::TooDeep(_)) => "too deep".to_owned(),
            Ok(_) => "fine".to_owned(),
        }
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let text = "[1, -2, +3, 0x1F, 0o17, 007, 1.5, .5, 1., 1e3, yes, ~, null, true, 2016-08-18T17:33:00Z, \"1\", '~', 1.2.3, -x, 0x, e1]";
        assert_eq!(
            value(text),
            json!([
                1,
                -2,
                3,
                31,
                15,
                7,
                1.5,
                0.5,
                1.0,
                1000.0,
                "yes",
                null,
                null,
                true,
                "2016-08-18T17:33:00Z",
                "1",
                "~",
                "1.2.3",
                "-x",
                "0x",
                "e1"
            ])
        );
        assert_eq!(
            value("a: !!str 1\nb: |\n  x\n  y\n"),
            json!({"a": "1", "b": "x\ny\n"})
        );
    }

    #[test]
    fn spans_point_into_the_source() {
        let text = "é: 1\nStates:\n  Füß: {Type: Pass}\n";
        let node = read(text).unwrap().unwrap();
        let states = &node.as_object().unwrap()[1];
        assert_eq!(&text[states.key_bytes.clone()], "States");
        let state = &states.value.as_object().unwrap()[0];
        assert_eq!(&text[state.key_bytes.clone()], "Füß");
        assert_eq!(
            &text[state.value.as_object().unwrap()[0].value.bytes.clone()],
            "Pass"
        );
    }

    #[test]
    fn aliases_are_filled_in() {
        let text = "a: &r [{x: 1}]\nb: *r\n";
        assert_eq!(value(text), json!({"a": [{"x": 1}], "b": [{"x": 1}]}));
    }

    #[test]
    fn what_json_lacks_is_refused() {
        for (text, part) in [
            ("a: 1\na: 2", "Duplicate field 'a'"),
            ("<<: {}\n", "Merge keys"),
            ("a: !Ref b", "The tag '!Ref'"),
            ("a: !GetAtt [b]", "The tag '!GetAtt'"),
            ("? [1]\n: 2", "A key must be a scalar"),
            ("--- 1\n--- 2", "one document"),
            ("a: .inf", "no counterpart"),
            ("a: [1", ""),
            ("a: *b", ""),
            ("a: &a [*a]", "inside the value"),
        ] {
            let fault = fault(text);
            assert!(fault != "fine" && fault.contains(part), "{text}: {fault}");
        }
    }

    #[test]
    fn aliases_cannot_blow_up() {
        let mut text = String::from("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(",");
            writeln!(text, "a{level}: &a{level} [{below}]").unwrap();
        }
        assert!(fault(&text).contains("values"));
        assert_eq!(fault(&"- ".repeat(1000)), "too deep");
    }
}
