//! Pass, Wait, Fail and Parallel states.

use jiff::Timestamp;

use crate::diagnostic::Code;
use crate::intrinsic::{self, Function};
use crate::model::{Dynamic, Fail, Parallel, QueryLanguage, StateKind, TimestampLiteral, Wait};
use crate::{jsonata, timestamp};

use super::checker::Checker;
use super::fields::Object;
use super::machine::Around;
use super::number::{Bounds, MAX_SECONDS};
use super::query::{PathRule, Reads, Text};
use super::source::{Kind, Node, Place};
use super::state::Reading;
use super::template::looks_like_query;

/// The functions that `ErrorPath` and `CausePath` take: those that give a text.
///
/// Source: Developer Guide, "Fail workflow state".
const FAIL_FUNCTIONS: [Function; 7] = [
    Function::Format,
    Function::JsonToString,
    Function::ArrayGetItem,
    Function::Base64Encode,
    Function::Base64Decode,
    Function::Hash,
    Function::Uuid,
];

impl Checker<'_> {
    /// A Pass state.
    pub(crate) fn pass(&mut self, reading: &Reading<'_, '_>) -> StateKind {
        let object = reading.object;
        let result = object.get("Result");
        if let Some(result) = result
            && let Some(text) = static_query(result)
        {
            let message = "Result is static: a path in it is not evaluated";
            let help = "use Parameters with keys that end in .$ to evaluate paths";
            let place = object.place.key("Result");
            self.warn(Code::PassResultIsStatic, &place, &text.bytes, message, help);
        }
        StateKind::Pass {
            result: result.map(Node::to_value),
        }
    }

    /// A Wait state.
    pub(crate) fn wait(&mut self, reading: &Reading<'_, '_>) -> Option<Wait> {
        let object = reading.object;
        // In AWS's order.
        let fields = ["SecondsPath", "Seconds", "TimestampPath", "Timestamp"];
        let field = self.one_of(object, &fields, true)?;
        let bounds = Bounds {
            least: 0,
            most: MAX_SECONDS,
        };
        if field.starts_with("Seconds") {
            let names = ["Seconds", "SecondsPath"];
            let rule = PathRule::Reference;
            return self
                .dynamic_integer(object, names, bounds, reading.language, rule)
                .map(Wait::Seconds);
        }
        if field == "TimestampPath" {
            return match reading.language {
                QueryLanguage::JsonPath => self
                    .path_query(object, field, PathRule::Reference)
                    .map(Wait::Timestamp),
                QueryLanguage::Jsonata => None,
            };
        }
        let text = self.text(object, field)?;
        if reading.language == QueryLanguage::Jsonata
            && (jsonata::delimited(text).is_some() || jsonata::is_half_open(text))
        {
            return self
                .jsonata_field(object, field, Reads::default())
                .map(|expression| Wait::Timestamp(Dynamic::Expression(expression)));
        }
        let place = object.place.key(field);
        let instant = self.timestamp(text, &place, &object.get(field)?.bytes)?;
        let text = text.to_owned();
        let literal = TimestampLiteral { instant, text };
        Some(Wait::Timestamp(Dynamic::Literal(literal)))
    }

    /// An RFC 3339 timestamp with an upper-case `T` and an offset or an upper-case `Z`.
    pub(crate) fn timestamp(
        &mut self,
        text: &str,
        place: &Place<'_>,
        bytes: &std::ops::Range<usize>,
    ) -> Option<Timestamp> {
        let instant = timestamp::parse(text);
        if instant.is_none() {
            let message = "String does not match RFC3339 timestamp";
            let help = "write it as in 2030-01-31T08:00:00Z or 2030-01-31T09:00:00+01:00";
            self.schema(place, bytes, message, help);
        }
        instant
    }

    /// A Fail state.
    pub(crate) fn fail(&mut self, reading: &Reading<'_, '_>) -> Fail {
        let error = self.fail_text(reading, ["Error", "ErrorPath"]);
        let cause = self.fail_text(reading, ["Cause", "CausePath"]);
        Fail { error, cause }
    }

    fn fail_text(
        &mut self,
        reading: &Reading<'_, '_>,
        [name, path_name]: [&str; 2],
    ) -> Option<Dynamic<String>> {
        let object = reading.object;
        let present = self.one_of(object, &[name, path_name], false)?;
        let text = self.text(object, present)?;
        let node = object.get(present)?;
        let place = object.place.key(present);
        match reading.language {
            QueryLanguage::JsonPath if present == path_name => {
                let query = self.expression(text, present, &place, &node.bytes)?;
                if let intrinsic::Expression::Intrinsic(call) = &query
                    && !FAIL_FUNCTIONS.contains(&call.function())
                {
                    let name = call.function().name();
                    let message = format!("The intrinsic function '{name}' is not supported here");
                    let names = FAIL_FUNCTIONS.map(Function::name).join(", ");
                    let help = format!("{present} takes a path, or one of {names}");
                    self.schema(&place, &node.bytes, message, help);
                    return None;
                }
                Some(Dynamic::Query(query))
            }
            QueryLanguage::JsonPath => {
                if looks_like_query(text) {
                    let message =
                        format!("The value of '{name}' looks like a path, but is taken as a text");
                    let help = format!("to evaluate it, name the field {path_name}");
                    self.warn(Code::NoPath, &place, &node.bytes, message, help);
                }
                Some(Dynamic::Literal(text.to_owned()))
            }
            QueryLanguage::Jsonata if present == path_name => None,
            QueryLanguage::Jsonata => self.text_or_jsonata(text, &place, node),
        }
    }

    fn text_or_jsonata(
        &mut self,
        text: &str,
        place: &Place<'_>,
        node: &Node,
    ) -> Option<Dynamic<String>> {
        let Text::Expression(inner) = self.delimited(text, place, &node.bytes)? else {
            return Some(Dynamic::Literal(text.to_owned()));
        };
        let expression: jsonata::Expression =
            self.jsonata(inner, place, &node.bytes, Reads::default())?;
        Some(Dynamic::Expression(expression))
    }

    /// A Parallel state.
    pub(crate) fn parallel(&mut self, reading: &Reading<'_, '_>) -> Option<Parallel> {
        let object = reading.object;
        self.required(object, &["Branches"]);
        let place = object.place.key("Branches");
        let mut branches = Vec::new();
        for (at, node) in self
            .array(object, "Branches", false)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            let head = node.bytes.start..node.bytes.start + 1;
            let branch: Option<Object<'_>> = self.object(node, place.index(at), head);
            if let Some(branch) = branch {
                let around = Around::Branch(reading.id, reading.inside.scope);
                branches.push(self.workflow(&branch, around));
            }
        }
        let errors = self.error_handling(reading);
        (!branches.is_empty()).then_some(Parallel { branches, errors })
    }
}

/// A text in a static result that was likely meant to be evaluated.
fn static_query(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::String(text) => looks_like_query(text).then_some(node),
        Kind::Array(items) => items.iter().find_map(static_query),
        Kind::Object(members) => members
            .iter()
            .find_map(|member| static_query(&member.value)),
        _ => None,
    }
}
