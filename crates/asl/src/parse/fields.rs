//! Reading the fields of an object, with AWS's messages for what is wrong with them.

use std::ops::Range;

use crate::model::{Keyword, QueryLanguage};

use super::checker::Checker;
use super::source::{Kind, Member, Node, Place};

/// An object of the definition.
#[derive(Debug, Clone)]
pub(crate) struct Object<'p> {
    pub(crate) members: &'p [Member],
    pub(crate) place: Place<'p>,
    /// What to point at for the object as a whole: its key, or its opening bracket.
    pub(crate) head: Range<usize>,
}

impl<'p> Object<'p> {
    pub(crate) fn member(&self, name: &str) -> Option<&'p Member> {
        self.members.iter().find(|member| member.key == name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'p Node> {
        self.member(name).map(|member| &member.value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }
}

/// A field that an object may have, and in which query language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    language: Option<QueryLanguage>,
}

/// A field of both query languages.
pub(crate) const fn both(name: &'static str) -> Field {
    let language = None;
    Field { name, language }
}

/// A field of JSONPath only.
pub(crate) const fn jsonpath(name: &'static str) -> Field {
    let language = Some(QueryLanguage::JsonPath);
    Field { name, language }
}

/// A field of JSONata only.
pub(crate) const fn jsonata(name: &'static str) -> Field {
    let language = Some(QueryLanguage::Jsonata);
    Field { name, language }
}

impl Checker<'_> {
    /// The object in `node`; an error if it is something else.
    pub(crate) fn object<'p>(
        &mut self,
        node: &'p Node,
        place: Place<'p>,
        head: Range<usize>,
    ) -> Option<Object<'p>> {
        if let Some(members) = node.as_object() {
            return Some(Object {
                members,
                place,
                head,
            });
        }
        self.wrong_type(&place, node, "[OBJECT]", "an object");
        None
    }

    /// The object in a field, if the field is there.
    pub(crate) fn object_field<'p>(
        &mut self,
        object: &'p Object<'p>,
        name: &'p str,
    ) -> Option<Object<'p>> {
        let member = object.member(name)?;
        let place = object.place.key(name);
        self.object(&member.value, place, member.key_bytes.clone())
    }

    pub(crate) fn wrong_type(&mut self, place: &Place<'_>, node: &Node, aws: &str, expected: &str) {
        let help = format!("this is {}; write {expected}", node.type_name());
        let message = format!("Expected value of type {aws}");
        self.schema(place, &node.bytes, message, help);
    }

    /// Tells of fields that the object must not have.
    ///
    /// `owner` names the object in help texts. Without a `language`, fields of both are allowed.
    pub(crate) fn known_fields(
        &mut self,
        object: &Object<'_>,
        owner: &str,
        fields: &[Field],
        language: Option<QueryLanguage>,
    ) {
        for member in object.members {
            let field = fields.iter().find(|field| field.name == member.key);
            let Some(field) = field else {
                self.unknown_field(object, member, owner, fields, language);
                continue;
            };
            if let (Some(needed), Some(language)) = (field.language, language)
                && needed != language
            {
                let message = format!(
                    "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage",
                    language.as_str(),
                    field.name,
                    needed.as_str()
                );
                let help = counterpart(field.name, language);
                self.schema(&object.place, &member.key_bytes, message, help);
            }
        }
    }

    fn unknown_field(
        &mut self,
        object: &Object<'_>,
        member: &Member,
        owner: &str,
        fields: &[Field],
        language: Option<QueryLanguage>,
    ) {
        let fits = |field: &&Field| match (field.language, language) {
            (Some(needed), Some(language)) => needed == language,
            _ => true,
        };
        let mut names: Vec<_> = fields.iter().filter(fits).map(|field| field.name).collect();
        let nearest = self.nearest(&member.key, names.iter().copied());
        names.sort_unstable();
        let allowed = format!("{owner} may have: {}", listed(&names));
        let help = match nearest {
            Some(nearest) if !object.has(nearest) => format!("did you mean {nearest}? {allowed}"),
            _ => allowed,
        };
        let message = format!("Field '{}' is not supported", member.key);
        self.schema(&object.place, &member.key_bytes, message, help);
    }

    /// Tells of fields that the object must have, in the order of `names`.
    pub(crate) fn required(&mut self, object: &Object<'_>, names: &[&str]) -> bool {
        let missing: Vec<_> = names
            .iter()
            .copied()
            .filter(|name| !object.has(name))
            .collect();
        if missing.is_empty() {
            return true;
        }
        let message = format!("These fields are required: [{}]", missing.join(", "));
        let help = format!("add {}", missing.join(" and "));
        self.schema(&object.place, &object.head, message, help);
        false
    }

    /// Tells if an object has more than one of some fields, or none although it needs one.
    ///
    /// Gives the one that is there.
    pub(crate) fn one_of<'n>(
        &mut self,
        object: &Object<'_>,
        names: &[&'n str],
        needed: bool,
    ) -> Option<&'n str> {
        let mut present = names.iter().copied().filter(|name| object.has(name));
        let (first, second) = (present.next(), present.next());
        let list = names.join(", ");
        match (first, second) {
            (Some(_), Some(second)) => {
                let bytes = object.member(second).map_or(&object.head, |m| &m.key_bytes);
                let message = format!("There should only be one of the following fields: [{list}]");
                let help = "keep one of them and remove the others";
                self.schema(&object.place, bytes, message, help);
                None
            }
            (None, _) if needed => {
                let message =
                    format!("This object should have only one of the following fields: [{list}]");
                let help = format!("add one of {list}");
                self.schema(&object.place, &object.head, message, help);
                None
            }
            (first, _) => first,
        }
    }

    /// A text field, if it is there.
    pub(crate) fn text<'p>(&mut self, object: &Object<'p>, name: &str) -> Option<&'p str> {
        let node = object.get(name)?;
        let text = node.as_str();
        if text.is_none() {
            self.wrong_type(&object.place.key(name), node, "[STRING]", "a string");
        }
        text
    }

    /// `Comment`.
    pub(crate) fn comment(&mut self, object: &Object<'_>) -> Option<String> {
        self.text(object, "Comment").map(str::to_owned)
    }

    /// A boolean field, if it is there.
    pub(crate) fn boolean(&mut self, object: &Object<'_>, name: &str) -> Option<bool> {
        let node = object.get(name)?;
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        self.wrong_type(&object.place.key(name), node, "[BOOLEAN]", "true or false");
        None
    }

    /// An array field, if it is there.
    pub(crate) fn array<'p>(
        &mut self,
        object: &Object<'p>,
        name: &str,
        may_be_empty: bool,
    ) -> Option<&'p [Node]> {
        let node = object.get(name)?;
        match &node.kind {
            Kind::Array(items) if items.is_empty() && !may_be_empty => {
                let help = format!("put at least one entry into {name}");
                self.schema(
                    &object.place.key(name),
                    &node.bytes,
                    "Value cannot be empty",
                    help,
                );
                None
            }
            Kind::Array(items) => Some(items),
            _ => {
                self.wrong_type(&object.place.key(name), node, "[ARRAY]", "an array");
                None
            }
        }
    }

    /// A field with one of a few values, if it is there.
    pub(crate) fn keyword<K: Keyword>(&mut self, object: &Object<'_>, name: &str) -> Option<K> {
        let text = self.text(object, name)?;
        let known = K::ALL.iter().find(|(spelling, _)| *spelling == text);
        if let Some((_, value)) = known {
            return Some(*value);
        }
        let names: Vec<_> = K::ALL.iter().map(|(spelling, _)| *spelling).collect();
        let list = names.join(", ");
        let help = match self.nearest(text, names) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => format!("write one of {list}"),
        };
        self.bad_value(
            object,
            name,
            format!("Value should be one of the following: [{list}]"),
            help,
        );
        None
    }

    /// Adds an error about a field's value.
    pub(crate) fn bad_value(
        &mut self,
        object: &Object<'_>,
        name: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let bytes = object.get(name).map_or(&object.head, |node| &node.bytes);
        self.schema(&object.place.key(name), bytes, message, help);
    }
}

/// Sorted names as a list; the many comparison operators by their kinds.
fn listed(names: &[&str]) -> String {
    const MANY: usize = 30;
    const KINDS: [&str; 5] = ["Boolean", "Is", "Numeric", "String", "Timestamp"];
    if names.len() <= MANY {
        return names.join(", ");
    }
    let shortened = names.iter().map(|name| {
        let kind = KINDS.iter().find(|kind| name.starts_with(**kind));
        kind.map_or_else(|| (*name).to_owned(), |kind| format!("{kind}…"))
    });
    let mut shortened: Vec<_> = shortened.collect();
    shortened.dedup();
    shortened.join(", ")
}

/// What a field of one query language is in the other, `language`.
fn counterpart(name: &str, language: QueryLanguage) -> String {
    let instead = match (language, name) {
        (QueryLanguage::Jsonata, "InputPath") => "read $states.input in the expressions instead",
        (QueryLanguage::Jsonata, "Parameters") => {
            "use Arguments (of a Map state: ItemSelector; of a Pass state: Output)"
        }
        (QueryLanguage::Jsonata, "ResultSelector" | "ResultPath" | "OutputPath" | "Result") => {
            "use Output, in which $states.input and $states.result can be read"
        }
        (QueryLanguage::Jsonata, "ItemsPath") => "use Items",
        (QueryLanguage::Jsonata, "Variable" | "And" | "Or" | "Not") => {
            "use Condition with an expression"
        }
        (QueryLanguage::Jsonata, name) => {
            return match name.strip_suffix("Path") {
                Some(name) => format!("use {name} with an expression in {{% %}}"),
                None => format!("remove {name}"),
            };
        }
        (QueryLanguage::JsonPath, "Arguments") => "use Parameters",
        (QueryLanguage::JsonPath, "Output") => "use ResultSelector, ResultPath and OutputPath",
        (QueryLanguage::JsonPath, "Items") => "use ItemsPath",
        (QueryLanguage::JsonPath, "Condition") => "use Variable with a comparison",
        (QueryLanguage::JsonPath, name) => return format!("remove {name}"),
    };
    match language {
        QueryLanguage::JsonPath => format!("{instead}, or set QueryLanguage to JSONata"),
        QueryLanguage::Jsonata => instead.to_owned(),
    }
}
