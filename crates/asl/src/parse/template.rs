//! Templates: `Parameters`, `Assign`, `Arguments`, `Output` and their like.

use serde_json::Value;

use crate::diagnostic::Code;
use crate::model::QueryLanguage;
use crate::template::{Node as Part, Template};
use crate::{intrinsic, jsonata};

use super::checker::Checker;
use super::fields::Object;
use super::query::{Env, Reads, Text};
use super::source::{Kind, Member, Node, Place};

impl Checker<'_> {
    /// A field with a template, if it is there.
    pub(crate) fn template(
        &mut self,
        object: &Object<'_>,
        name: &str,
        env: Env,
    ) -> Option<Template> {
        let node = object.get(name)?;
        let place = object.place.key(name);
        match env.language {
            QueryLanguage::JsonPath => self.payload(node, &place).map(Template::JsonPath),
            QueryLanguage::Jsonata => self
                .jsonata_part(node, &place, env.reads)
                .map(Template::Jsonata),
        }
    }

    /// A template of either language that must be an object.
    pub(crate) fn object_template(
        &mut self,
        object: &Object<'_>,
        name: &str,
        env: Env,
    ) -> Option<Template> {
        let node = object.get(name)?;
        if node.as_object().is_none() {
            self.wrong_type(&object.place.key(name), node, "[OBJECT]", "an object");
            return None;
        }
        self.template(object, name, env)
    }

    /// A payload template. Its errors are located at the template as a whole, as AWS does.
    fn payload(&mut self, node: &Node, place: &Place<'_>) -> Option<Part<intrinsic::Expression>> {
        Some(match &node.kind {
            Kind::Array(items) => {
                array(gather(items.iter().map(|item| self.payload(item, place)))?)
            }
            Kind::Object(members) => {
                let parts = members
                    .iter()
                    .map(|member| self.payload_member(member, place));
                let parts = gather(parts);
                self.no_double_keys(members, place)?;
                object(parts?)
            }
            _ => Part::Literal(node.to_value()),
        })
    }

    fn payload_member(
        &mut self,
        member: &Member,
        place: &Place<'_>,
    ) -> Option<(String, Part<intrinsic::Expression>)> {
        let Member { key, value, .. } = member;
        let Some(plain) = key.strip_suffix(".$") else {
            if let Some(text) = value.as_str()
                && looks_like_query(text)
            {
                let message = format!(
                    "The value of '{key}' looks like a JSONPath or intrinsic function, but is taken as a text"
                );
                let help = format!("to evaluate it, name the field '{key}.$'");
                self.warn(Code::NoDollar, place, &member.key_bytes, message, help);
            }
            return Some((key.clone(), self.payload(value, place)?));
        };
        let Some(text) = value.as_str() else {
            let message = format!(
                "The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
            );
            let help = format!(
                "this is {}; a literal stands under '{plain}', without .$",
                value.type_name()
            );
            self.schema(place, &value.bytes, message, help);
            return None;
        };
        let query = self.expression(text, key, place, &value.bytes)?;
        Some((plain.to_owned(), Part::Query(query)))
    }

    /// `x` and `x.$` side by side would be two values for one field.
    fn no_double_keys(&mut self, members: &[Member], place: &Place<'_>) -> Option<()> {
        let queries = members.iter().filter_map(|member| {
            let plain = member.key.strip_suffix(".$")?;
            Some((plain, member))
        });
        let queries: rustc_hash::FxHashMap<_, _> = queries.collect();
        let mut literals = members.iter().map(|member| member.key.as_str());
        let double = literals.find_map(|key| queries.get_key_value(key));
        let Some((plain, member)) = double else {
            return Some(());
        };
        let message =
            format!("The field '{plain}' cannot be given both as '{plain}' and '{plain}.$'");
        let help = "keep the literal or the query, and remove the other";
        self.schema(place, &member.key_bytes, message, help);
        None
    }

    /// JSON with JSONata expressions. Errors are located at the text that has them.
    fn jsonata_part(
        &mut self,
        node: &Node,
        place: &Place<'_>,
        reads: Reads,
    ) -> Option<Part<jsonata::Expression>> {
        Some(match &node.kind {
            Kind::String(text) => match self.delimited(text, place, &node.bytes)? {
                Text::Expression(inner) => {
                    Part::Query(self.jsonata(inner, place, &node.bytes, reads)?)
                }
                Text::Literal => Part::Literal(Value::String(text.clone())),
            },
            Kind::Array(items) => {
                let items = items.iter().enumerate();
                let parts =
                    items.map(|(at, item)| self.jsonata_part(item, &place.index(at), reads));
                array(gather(parts)?)
            }
            Kind::Object(members) => object(gather(members.iter().map(|member| {
                let part = self.jsonata_part(&member.value, &place.key(&member.key), reads)?;
                Some((member.key.clone(), part))
            }))?),
            _ => Part::Literal(node.to_value()),
        })
    }
}

/// All parts, if none is broken. Each is looked at: `collect` alone would stop at the first.
pub(crate) fn gather<T>(parts: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let parts: Vec<_> = parts.collect();
    parts.into_iter().collect()
}

/// An array; a literal if there is no query in it.
fn array<Q>(parts: Vec<Part<Q>>) -> Part<Q> {
    if parts.iter().any(|part| !matches!(part, Part::Literal(_))) {
        return Part::Array(parts);
    }
    let values = parts.into_iter().filter_map(literal);
    Part::Literal(Value::Array(values.collect()))
}

/// An object; a literal if there is no query in it.
fn object<Q>(parts: Vec<(String, Part<Q>)>) -> Part<Q> {
    if parts
        .iter()
        .any(|(_, part)| !matches!(part, Part::Literal(_)))
    {
        return Part::Object(parts);
    }
    let members = parts.into_iter();
    let members = members.filter_map(|(key, part)| Some((key, literal(part)?)));
    Part::Literal(Value::Object(members.collect()))
}

fn literal<Q>(part: Part<Q>) -> Option<Value> {
    match part {
        Part::Literal(value) => Some(value),
        _ => None,
    }
}

/// Whether a literal text was likely meant as a path or intrinsic function.
pub(crate) fn looks_like_query(text: &str) -> bool {
    let call =
        |text: &str| text.starts_with("States.") && text.ends_with(')') && text.contains('(');
    text == "$"
        || text == "$$"
        || text.starts_with("$.")
        || text.starts_with("$[")
        || text.starts_with("$$.")
        || call(text)
}
