//! JSON read by the shape that it must have.
//!
//! What the model does not know is skipped, not kept, so a body costs little more memory than its
//! length however it is made.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Model;
use super::shape::{Kind, ShapeId};

/// Items of a list. AWS's model bounds only some lists; none that is of use is longer.
const MAX_ITEMS: usize = 1_000;

/// What is wrong with a body, where AWS says more than that it cannot be read.
type Wrong = Option<String>;

/// Reads a body that is to be of a structure's shape. An empty body is an empty object.
pub(super) fn decode(
    model: &Model,
    input: ShapeId,
    body: &[u8],
) -> Result<Map<String, Value>, Wrong> {
    // serde_json looks at the encoding only of texts that it keeps.
    let text = std::str::from_utf8(body).map_err(|_| None)?;
    if text.is_empty() {
        return Ok(Map::new());
    }
    let wrong = RefCell::new(None);
    let seed = Seed {
        model,
        shape: input,
        wrong: &wrong,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut json);
    match value.and_then(|value| json.end().map(|()| value)) {
        Ok(Value::Object(request)) => Ok(request),
        Ok(_) | Err(_) => Err(wrong.into_inner()),
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    model: &'a Model,
    shape: ShapeId,
    wrong: &'a RefCell<Wrong>,
}

impl Seed<'_> {
    fn kind(&self) -> &Kind {
        &self.model.shape(self.shape).kind
    }

    fn at(self, shape: ShapeId) -> Self {
        Self { shape, ..self }
    }

    /// A token of another type, in the words of AWS's other JSON services.
    fn scalar<E: serde::de::Error>(&self, token: &str) -> E {
        self.refuse(match self.kind() {
            Kind::Text { .. } => format!("{token} can not be converted to a String"),
            Kind::Integer(_) => format!("{token} can not be converted to an Integer"),
            Kind::Float(_) => format!("{token} can not be converted to a Float"),
            Kind::Boolean => format!("{token} can not be converted to a Boolean"),
            Kind::List { .. } | Kind::Structure(_) => "Unexpected field type".to_owned(),
        })
    }

    fn refuse<E: serde::de::Error>(&self, text: impl Into<String>) -> E {
        *self.wrong.borrow_mut() = Some(text.into());
        E::custom("a value of another shape")
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the model's shape")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        match self.kind() {
            Kind::Boolean => Ok(Value::Bool(value)),
            _ if value => Err(self.scalar("TRUE_VALUE")),
            _ => Err(self.scalar("FALSE_VALUE")),
        }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        match self.kind() {
            Kind::Integer(_) | Kind::Float(_) => Ok(value.into()),
            _ => Err(self.scalar("NUMBER_VALUE")),
        }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(self.scalar("NUMBER_VALUE")),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        match self.kind() {
            Kind::Float(_) => Ok(Number::from_f64(value).map_or(Value::Null, Value::Number)),
            _ => Err(self.scalar("NUMBER_VALUE")),
        }
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        match self.kind() {
            Kind::Text { .. } => Ok(Value::String(value)),
            _ => Err(self.scalar("STRING_VALUE")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let Kind::List { item, .. } = self.kind() else {
            return Err(self.refuse("Start of list found where not expected"));
        };
        let mut items = Vec::new();
        while let Some(value) = json.next_element_seed(self.at(*item))? {
            if items.len() == MAX_ITEMS {
                return Err(self.refuse(format!("A list has more than {MAX_ITEMS} items")));
            }
            items.push(value);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let Kind::Structure(members) = self.kind() else {
            return Err(self.refuse("Start of structure or map found where not expected."));
        };
        let mut object = Map::new();
        while let Some(name) = json.next_key_seed(Key(members))? {
            // What AWS's model does not know AWS ignores: clients may be newer than a service.
            let Some(member) = name else {
                json.next_value::<IgnoredAny>()?;
                continue;
            };
            let member = members
                .get(member)
                .ok_or_else(|| A::Error::custom("a member"))?;
            match json.next_value_seed(self.at(member.shape))? {
                Value::Null => object.shift_remove(&member.name),
                value => object.insert(member.name.clone(), value),
            };
        }
        Ok(Value::Object(object))
    }
}

/// Which of these members a key names.
struct Key<'a>(&'a [super::shape::Member]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Option<usize>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|member| member.name == name))
    }
}
