//! Shapes: the types of parameters and results.

use std::fmt;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A type of the API.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Shape {
    /// Its kind.
    pub is: ShapeType,
    /// Of a structure: whether exactly one member is there.
    #[serde(default)]
    pub union: bool,
    /// Of a structure: the member that is the body.
    pub(crate) payload: Option<String>,
    /// Of a structure: its members.
    #[serde(default)]
    pub members: IndexMap<String, Reference>,
    /// Of a structure: the members that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// Of a list or a map: its values.
    pub of: Option<Reference>,
    /// Of a map: its keys.
    pub(crate) key: Option<Reference>,
    /// Of a string: what it may be; empty where that is anything.
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    /// The least number; the least length of a string, list or map.
    pub min: Option<f64>,
    /// The greatest number; the greatest length of a string, list or map.
    pub max: Option<f64>,
}

/// What stands for a shape that the model lacks.
pub(super) static NOTHING: LazyLock<Shape> = LazyLock::new(Shape::default);

/// The kind of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShapeType {
    /// A text.
    String,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number of 32 bits.
    Float,
    /// A number of 64 bits.
    Double,
    /// `true` or `false`.
    Boolean,
    /// Bytes.
    Blob,
    /// A point in time.
    Timestamp,
    /// Members of their own shapes.
    Structure,
    /// Values of one shape.
    List,
    /// Values of one shape by name.
    Map,
    /// Any JSON.
    #[default]
    Document,
    /// A stream of messages.
    EventStream,
}

/// A shape where it is referred to, and what protocols must know there.
#[allow(clippy::struct_excessive_bools)] // each says one thing of the model
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Reference {
    /// Its place in the service's shapes.
    pub(crate) shape: usize,
    /// The name on the wire.
    pub(crate) name: Option<String>,
    /// Where in a request or a response it stands, if not in the body.
    #[serde(rename = "in")]
    pub location: Option<Location>,
    /// The name in requests of EC2.
    pub(crate) query: Option<String>,
    /// Whether the elements of a list or map stand without one around them.
    #[serde(default)]
    pub(crate) flattened: bool,
    /// How a point in time is written.
    pub(crate) format: Option<TimestampFormat>,
    pub(crate) namespace: Option<Namespace>,
    /// Whether it is an XML attribute.
    #[serde(default)]
    pub(crate) attribute: bool,
    /// Whether it is a body of any length.
    #[serde(default)]
    pub streaming: bool,
    /// Whether a header has it as JSON in base64.
    #[serde(default)]
    pub(crate) json: bool,
    /// Whether it is a part of the host's name.
    #[serde(default)]
    pub(crate) host: bool,
    /// Whether it makes a repeated call the same call.
    #[serde(default)]
    pub token: bool,
    /// The parameter of the endpoint rules that has its value.
    pub(crate) context: Option<String>,
    /// Whether only what stands behind its last slash counts.
    #[serde(default)]
    pub(crate) segment: bool,
}

/// Where in an HTTP message a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Location {
    /// In the path.
    #[serde(rename = "uri")]
    Path,
    /// In the query string.
    #[serde(rename = "querystring")]
    Query,
    /// In one header.
    #[serde(rename = "header")]
    Header,
    /// In all headers with a prefix.
    #[serde(rename = "headers")]
    Headers,
    /// It is the response's status.
    #[serde(rename = "statusCode")]
    Status,
}

/// How a point in time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TimestampFormat {
    /// `2026-11-23T00:00:00Z`.
    #[serde(rename = "iso8601")]
    Iso,
    /// `Mon, 23 Nov 2026 00:00:00 GMT`.
    #[serde(rename = "rfc822")]
    Http,
    /// Seconds since 1970.
    #[serde(rename = "unixTimestamp")]
    Epoch,
}

/// An XML namespace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Its name.
    pub uri: String,
    /// Its prefix; none if it is the default namespace.
    pub prefix: Option<String>,
}

// Not derived as an untagged enum: that reads everything twice, and the largest models are large.
impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a shape")
            }

            fn visit_str<E: serde::de::Error>(self, kind: &str) -> Result<Shape, E> {
                let is = ShapeType::deserialize(StrDeserializer::new(kind))?;
                Ok(Shape {
                    is,
                    ..Shape::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Shape, A::Error> {
                Shape::deserialize(MapAccessDeserializer::new(map))
            }
        }
        from.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Reference;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reference to a shape")
            }

            fn visit_u64<E: serde::de::Error>(self, place: u64) -> Result<Reference, E> {
                Ok(Reference {
                    shape: usize::try_from(place).map_err(E::custom)?,
                    ..Reference::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reference, A::Error> {
                Reference::deserialize(MapAccessDeserializer::new(map))
            }
        }
        from.deserialize_any(Reader)
    }
}
