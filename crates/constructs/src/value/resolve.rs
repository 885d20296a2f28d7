//! Values as CloudFormation reads them.

use std::fmt::Write;

use serde_json::{Map, Number, Value as Json};

use super::{Object, Part, Text, Token, Value};
use crate::core::StackId;

/// How a stack names what belongs to another stack.
pub(crate) trait References {
    /// `Ref` of, or with an attribute `Fn::GetAtt` of, a resource of a stack, as read in the stack that is resolved.
    fn reference(&self, stack: StackId, logical_id: &str, attribute: Option<&str>) -> Json;
}

/// Makes values into the JSON of a template.
pub(crate) struct Resolver<'a, R> {
    pub(crate) references: &'a R,
}

impl<R: References> Resolver<'_, R> {
    /// A value; none if it is left out.
    pub(crate) fn value(&self, value: &Value) -> Option<Json> {
        Some(match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => self.text(text),
            Value::List(items) => items.iter().filter_map(|item| self.value(item)).collect(),
            Value::Object(members) => Json::Object(self.members(members)),
            Value::Lazy(lazy) => return self.value(&lazy.value()?),
            Value::JsonText(lazy) => self.json_text(&lazy.value()?),
        })
    }

    /// The members that are not left out.
    pub(crate) fn members(&self, members: &Object) -> Map<String, Json> {
        let mut resolved = Map::with_capacity(members.len());
        for (name, value) in members {
            if let Some(value) = self.value(value) {
                resolved.insert(name.to_string(), value);
            }
        }
        resolved
    }

    /// A text: a string, an intrinsic function, or several joined.
    pub(crate) fn text(&self, text: &Text) -> Json {
        if let Some(token) = text.as_token() {
            return self.token(token);
        }
        let mut joined = Joined::default();
        self.append(text, &mut joined);
        joined.finish()
    }

    fn append(&self, text: &Text, joined: &mut Joined) {
        for part in text.parts() {
            match part {
                Part::Literal(text) => joined.literal(text),
                Part::Path(path) => joined.literal(path.expression()),
                Part::Token(token) => joined.token(self.token(token)),
            }
        }
    }

    fn token(&self, token: &Token) -> Json {
        match token {
            Token::Ref(stack, id) => self.references.reference(*stack, id, None),
            Token::GetAtt(stack, id, attribute) => {
                self.references.reference(*stack, id, Some(attribute))
            }
            Token::Pseudo(pseudo) => function("Ref", pseudo.name()),
            Token::Function(name, arguments) => {
                function(name, self.value(arguments).unwrap_or(Json::Null))
            }
        }
    }

    /// JSON as a text with tokens in it, as a state machine's `DefinitionString` is.
    fn json_text(&self, value: &Value) -> Json {
        let mut joined = Joined::default();
        self.write(value, &mut joined);
        joined.finish()
    }

    fn write(&self, value: &Value, to: &mut Joined) {
        match value {
            Value::Null => to.literal("null"),
            Value::Bool(value) => to.literal(if *value { "true" } else { "false" }),
            Value::Number(number) => to.number(number),
            Value::Text(text) => self.write_text(text, to),
            Value::List(items) => {
                to.literal("[");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        to.literal(",");
                    }
                    self.write(item, to);
                }
                to.literal("]");
            }
            Value::Object(members) => {
                to.literal("{");
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        to.literal(",");
                    }
                    to.literal("\"");
                    to.quoted(name);
                    to.literal("\":");
                    self.write(value, to);
                }
                to.literal("}");
            }
            Value::Lazy(lazy) => self.write(&lazy.value().unwrap_or_default(), to),
            Value::JsonText(lazy) => {
                to.quoted_json(&self.json_text(&lazy.value().unwrap_or_default()));
            }
        }
    }

    fn write_text(&self, text: &Text, to: &mut Joined) {
        to.literal("\"");
        for part in text.parts() {
            match part {
                Part::Literal(text) => to.quoted(text),
                Part::Path(path) => to.quoted(path.expression()),
                Part::Token(token) => to.token(self.token(token)),
            }
        }
        to.literal("\"");
    }
}

/// Literals and intrinsic functions one after the other.
#[derive(Default)]
struct Joined {
    before: Vec<Json>,
    text: String,
}

impl Joined {
    fn literal(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn number(&mut self, number: &Number) {
        // Writing to a String does not fail.
        let _ = write!(self.text, "{number}");
    }

    /// A text as it stands within the quotes of a JSON string.
    fn quoted(&mut self, text: &str) {
        // Most texts need no escapes, and are not copied twice. Looking at all bytes is faster than stopping at one.
        let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        if text.bytes().fold(false, |any, byte| any | escaped(byte)) {
            let quoted = Json::from(text).to_string();
            self.text.push_str(&quoted[1..quoted.len() - 1]);
        } else {
            self.text.push_str(text);
        }
    }

    /// A resolved text as a JSON string.
    fn quoted_json(&mut self, text: &Json) {
        let items = inner_join(text).map_or_else(|| vec![text], |items| items.iter().collect());
        self.literal("\"");
        for item in items {
            match item {
                Json::String(text) => self.quoted(text),
                token => self.token(token.clone()),
            }
        }
        self.literal("\"");
    }

    /// A token; one that is itself a join without a separator becomes part of this one.
    fn token(&mut self, token: Json) {
        if let Some(items) = inner_join(&token) {
            for item in items.clone() {
                match item {
                    Json::String(text) => self.literal(&text),
                    other => self.token(other),
                }
            }
        } else {
            self.flush();
            self.before.push(token);
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            // A copy of the right size; the buffer is kept for what follows.
            self.before.push(Json::String(self.text.clone()));
            self.text.clear();
        }
    }

    fn finish(mut self) -> Json {
        if self.before.is_empty() {
            return Json::String(self.text);
        }
        self.flush();
        if self.before.len() == 1 {
            return self.before.swap_remove(0);
        }
        self.before.shrink_to_fit();
        function("Fn::Join", vec!["".into(), Json::Array(self.before)])
    }
}

/// A reference or an intrinsic function as it stands in a template.
pub(crate) fn function(name: &str, arguments: impl Into<Json>) -> Json {
    Json::Object(Map::from_iter([(name.to_owned(), arguments.into())]))
}

fn inner_join(token: &Json) -> Option<&Vec<Json>> {
    match token.get("Fn::Join")?.as_array()?.as_slice() {
        [Json::String(separator), Json::Array(items)] if separator.is_empty() => Some(items),
        _ => None,
    }
}

/// A resolved text as one string, with `${Ref:X}`, `${GetAtt:X.A}` and `${Fn::Name:…}` for its functions.
///
/// It is what people read where CloudFormation's functions cannot stand.
pub fn flatten(json: &Json) -> String {
    let mut text = String::new();
    flatten_to(&mut text, json);
    text
}

fn flatten_to(text: &mut String, json: &Json) {
    match json {
        Json::String(literal) => text.push_str(literal),
        Json::Object(members) => match members.iter().next() {
            Some((name, Json::String(id))) if name == "Ref" => text.extend(["${Ref:", id, "}"]),
            Some((name, Json::Array(of))) if name == "Fn::GetAtt" => {
                let parts: Vec<String> = of.iter().map(flatten).collect();
                text.extend(["${GetAtt:", &parts.join("."), "}"]);
            }
            Some((name, arguments)) => {
                if let Some(items) = inner_join(json) {
                    return items.iter().for_each(|item| flatten_to(text, item));
                }
                let arguments = flatten_functions(arguments).to_string();
                text.extend(["${", name, ":", &arguments.replace('"', "'"), "}"]);
            }
            None => text.push_str("{}"),
        },
        other => text.push_str(&other.to_string()),
    }
}

/// The arguments of a function with what stands in them as text.
fn flatten_functions(arguments: &Json) -> Json {
    match arguments {
        Json::Array(items) => items.iter().map(flatten_functions).collect(),
        Json::Object(_) => flatten(arguments).into(),
        other => other.clone(),
    }
}
