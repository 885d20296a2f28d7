//! ARNs with places for what a task's parameters say.
//!
//! The notation is described at `stepmill_catalog::IamStatement::resources`.

use std::borrow::Cow;

use super::KnownArns;
use crate::core::{Arn, Scope};
use crate::value::{Part, Text, Token, Value};

/// What templates are filled in with.
pub(super) struct Template<'a> {
    pub(super) scope: &'a Scope,
    pub(super) parameters: &'a Value,
    pub(super) known: KnownArns<'a>,
}

/// What a place in a template stands for.
enum Found {
    Known(Text),
    AtRunTime,
}

impl Found {
    /// The part at an index of an ARN.
    fn part(self, index: Option<usize>) -> Self {
        match (self, index) {
            (Self::Known(arn), Some(index)) => Self::Known(Arn::split(&arn).part(index)),
            (found, _) => found,
        }
    }

    /// In lower case; what is only known at deployment cannot be put so.
    fn in_lower_case(self) -> Self {
        match self {
            Self::Known(text) => match text.as_literal() {
                Some(text) => Self::Known(text.to_lowercase().into()),
                None => Self::AtRunTime,
            },
            Self::AtRunTime => Self::AtRunTime,
        }
    }
}

impl Template<'_> {
    /// The texts of several templates, each once; anything at all has the others in it.
    pub(super) fn all(&self, templates: &[String]) -> Vec<Text> {
        let anything = Text::from("*");
        let mut all = Vec::new();
        for text in templates.iter().flat_map(|template| self.first(template)) {
            if text == anything {
                return vec![anything];
            }
            if !all.contains(&text) {
                all.push(text);
            }
        }
        all
    }

    /// The texts of the first of some alternatives that has any.
    fn first(&self, alternatives: &str) -> Vec<Text> {
        let filled = alternatives
            .split(" or ")
            .map(|template| self.fill(template));
        filled
            .into_iter()
            .find(|texts| !texts.is_empty())
            .unwrap_or_default()
    }

    /// The one text of a template; none if it is missing or only known at run time.
    pub(super) fn value(&self, template: &str) -> Option<Text> {
        let mut texts = self.fill(template);
        texts.retain(|text| text.as_literal() != Some("*"));
        (!texts.is_empty()).then(|| texts.swap_remove(0))
    }

    /// The texts of a template: several where a place stands for the elements of an array.
    fn fill(&self, template: &str) -> Vec<Text> {
        let mut texts = vec![Text::default()];
        let mut rest = template;
        while let Some(start) = rest.find(['<', '{']) {
            let (before, place) = rest.split_at(start);
            let close = if place.starts_with('<') { '>' } else { '}' };
            let Some(end) = place.find(close) else { break };
            texts = texts.into_iter().map(|text| text.then(before)).collect();
            let name = &place[1..end];
            rest = &place[end + 1..];
            texts = if close == '>' {
                texts
                    .into_iter()
                    .map(|text| text.then(self.ambient(name)))
                    .collect()
            } else {
                let found = self.parameter(name);
                let filled = texts
                    .iter()
                    .flat_map(|text| found.iter().map(|found| put(text, found)));
                filled.collect()
            };
            // What begins with something unknown can be anything.
            if texts.iter().any(|text| text.as_literal() == Some("*")) {
                rest = "";
            }
        }
        texts.into_iter().map(|text| end(text, rest)).collect()
    }

    fn ambient(&self, name: &str) -> Text {
        match name {
            "partition" => self.scope.partition(),
            "region" => self.scope.region(),
            "account" => self.scope.account(),
            other => format!("<{other}>").into(),
        }
    }

    fn parameter(&self, name: &str) -> Vec<Found> {
        if let Some(name) = name.strip_prefix("lower ") {
            return self
                .parameter(name)
                .into_iter()
                .map(Found::in_lower_case)
                .collect();
        }
        let (path, kind) = name
            .split_once('@')
            .map_or((name, None), |(path, kind)| (path, Some(kind)));
        let (path, form) = path
            .split_once('~')
            .map_or((path, None), |(path, form)| (path, form.split_once('*')));
        let (path, part) = match path.split_once('#') {
            Some((path, part)) => (path, part.parse().ok()),
            None => (path, None),
        };
        let (path, default) = path
            .split_once('|')
            .map_or((path, None), |(path, default)| (path, Some(default)));
        let mut values = Vec::new();
        find(
            self.parameters,
            &path.split('.').collect::<Vec<_>>(),
            &mut values,
        );
        let default = default.map(Value::from);
        let values = values.into_iter();
        values
            .filter_map(|value| {
                Some(
                    self.found(value.or(default.as_ref())?, form, kind)
                        .part(part),
                )
            })
            .collect()
    }

    fn found(&self, value: &Value, form: Option<(&str, &str)>, kind: Option<&str>) -> Found {
        let text = match value {
            Value::Text(text) => text,
            Value::Number(number) => return Found::Known(number.to_string().into()),
            _ => return Found::AtRunTime,
        };
        let known = || self.known.iter().find(|(name, _)| name == text);
        match (form, kind) {
            (_, Some(_)) if let Some((_, arn)) = known() => Found::Known(arn.clone()),
            _ if text.is_at_run_time() => Found::AtRunTime,
            (Some(form), _) => between(text, form).map_or(Found::AtRunTime, Found::Known),
            (None, Some(kind)) => self.named(text, kind),
            (None, None) => Found::Known(text.clone()),
        }
    }

    /// The ARN, or another attribute, of a resource that is named by its ARN, its name or its URL.
    fn named(&self, named: &Text, kind: &str) -> Found {
        let (kind, attribute) = kind.split_once('.').unwrap_or((kind, "Arn"));
        let kind = stepmill_catalog::resource_type(kind);
        let is_arn = match named.as_token() {
            Some(Token::Ref(..)) => kind.is_some_and(|kind| kind.reference == "{arn}"),
            _ => begins_as_arn(named),
        };
        match named.as_token() {
            _ if is_arn && attribute == "Arn" => return Found::Known(named.clone()),
            Some(Token::Ref(stack, id) | Token::GetAtt(stack, id, _)) => {
                let attribute = Token::GetAtt(*stack, id.clone(), attribute.into());
                return Found::Known(attribute.into());
            }
            _ => {}
        }
        let form = kind.and_then(|kind| kind.attribute(attribute));
        match (named.as_literal(), form) {
            (Some(name), Some(form)) => {
                let name = name.rsplit('/').next().unwrap_or_default();
                let filled = self.fill(&of_any_revision(form, name).replace("{name}", name));
                filled
                    .into_iter()
                    .next()
                    .map_or(Found::AtRunTime, Found::Known)
            }
            _ if attribute == "Arn" => Found::Known(named.clone()),
            _ => Found::AtRunTime,
        }
    }
}

/// The form of an ARN for a policy: a name without a revision means any.
fn of_any_revision<'a>(form: &'a str, name: &str) -> Cow<'a, str> {
    match form.strip_suffix(":1") {
        Some(form) if name.contains(':') => form.into(),
        Some(form) => format!("{form}:*").into(),
        None => form.into(),
    }
}

/// What stands between two texts; an empty one is the start or the end.
fn between(text: &Text, (before, after): (&str, &str)) -> Option<Text> {
    let (_, rest) = text.split_once(before)?;
    if after.is_empty() {
        return Some(rest);
    }
    Some(rest.split_once(after)?.0)
}

/// A text with the end of its template; two stars are no more than one.
fn end(text: Text, rest: &str) -> Text {
    let open = matches!(text.parts().last(), Some(Part::Literal(last)) if last.ends_with('*'));
    let rest = rest.strip_prefix('*').filter(|_| open).unwrap_or(rest);
    text.then(rest)
}

/// Whether it is an ARN, as far as one can see: the ARN of a resource, or a text that begins like one.
fn begins_as_arn(text: &Text) -> bool {
    match text.parts().first() {
        Some(Part::Literal(text)) => text.starts_with("arn:"),
        Some(Part::Token(token)) => {
            matches!(&**token, Token::GetAtt(_, _, attribute) if attribute.ends_with("Arn"))
        }
        _ => false,
    }
}

fn put(text: &Text, found: &Found) -> Text {
    match found {
        Found::Known(value) if begins_as_arn(text) && begins_as_arn(value) => value.clone(),
        Found::Known(value) => text.clone().then(value),
        Found::AtRunTime => text.clone().then("*"),
    }
}

/// The values at a path of member names, none for one that is missing; `[]` after a name means each element.
fn find<'a>(value: &'a Value, path: &[&str], found: &mut Vec<Option<&'a Value>>) {
    let Some((name, rest)) = path.split_first() else {
        return found.push(Some(value));
    };
    // What stands at or below a path or an expression is only known at run time.
    if matches!(value, Value::Text(text) if text.is_at_run_time()) {
        return found.push(Some(value));
    }
    let (name, each) = name
        .strip_suffix("[]")
        .map_or((*name, false), |name| (name, true));
    match (value.get(name), each) {
        (Some(Value::List(items)), true) => items.iter().for_each(|item| find(item, rest, found)),
        (Some(member), _) => find(member, rest, found),
        (None, _) => found.push(None),
    }
}

#[cfg(test)]
mod tests {
    use super::Template;
    use crate::core::{App, Environment, Stack};
    use crate::object;
    use crate::value::{JsonPath, Value};

    fn filled(template: &str, parameters: &Value) -> Vec<String> {
        let environment = Environment::new("111122223333", "eu-central-1");
        let stack = Stack::with_environment(&App::new(), "Stack", environment);
        let template_of = Template {
            scope: &stack,
            parameters,
            known: &[],
        };
        let texts = template_of.all(&[template.to_owned()]);
        let shown = |text: &crate::value::Text| match text.as_literal() {
            Some(text) => text.to_owned(),
            None => format!("{:?}", text.parts()),
        };
        texts.iter().map(shown).collect()
    }

    const BUS: &str = "{Entries[].EventBusName|default@AWS::Events::EventBus}";
    const JOB: &str = "arn:aws:glue:<region>:<account>:job/{JobName}";

    #[test]
    fn a_default_is_taken_for_each_element_that_lacks_the_member() {
        let entries = vec![object! {"EventBusName": "orders"}, object! {"Source": "a"}];
        let buses = filled(BUS, &object! {"Entries": entries});
        assert_eq!(buses.len(), 2, "{buses:?}");
        assert!(buses[0].ends_with("event-bus/orders\")]"), "{buses:?}");
        assert!(buses[1].ends_with("event-bus/default\")]"), "{buses:?}");
    }

    #[test]
    fn what_is_only_known_at_run_time_is_anything() {
        for entries in [
            JsonPath::string_at("$.entries").into(),
            Value::from("{% $entries %}"),
        ] {
            assert_eq!(filled(BUS, &object! {"Entries": entries}), ["*"]);
        }
        let job = object! {"JobName": JsonPath::string_at("$.job")};
        assert_eq!(
            filled(JOB, &job),
            ["arn:aws:glue:eu-central-1:111122223333:job/*"]
        );
    }

    #[test]
    fn an_arn_takes_the_place_of_the_arn_around_it() {
        let arn = "arn:aws:glue:us-east-1:444455556666:job/nightly";
        assert_eq!(filled(JOB, &object! {"JobName": arn}), [arn]);
    }
}
