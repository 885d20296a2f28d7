//! Variables: `Assign`, and which names it may use in a scope.

use rustc_hash::FxHashSet;

use crate::diagnostic::Code;
use crate::jsonpath::is_variable_name;
use crate::model::QueryLanguage;
use crate::template::Template;

use super::checker::Checker;
use super::fields::Object;
use super::query::Env;
use super::source::{Kind, Member, Node};

/// The names that the states of one `States` object assign, and those of the scopes around it.
#[derive(Debug)]
pub(crate) struct Scope<'s> {
    outer: Option<&'s Scope<'s>>,
    names: FxHashSet<&'s str>,
}

impl<'s> Scope<'s> {
    /// Collects the names that the states in `states` assign.
    pub(crate) fn new(states: &'s [Member], outer: Option<&'s Scope<'s>>) -> Self {
        let mut names = FxHashSet::default();
        for state in states {
            let Some(fields) = state.value.as_object() else {
                continue;
            };
            for field in fields {
                match (field.key.as_str(), &field.value.kind) {
                    ("Assign", _) => collect(&field.value, &mut names),
                    ("Choices" | "Catch", Kind::Array(items)) => {
                        let fields = items.iter().filter_map(Node::as_object).flatten();
                        let assigns = fields.filter(|field| field.key == "Assign");
                        assigns.for_each(|field| collect(&field.value, &mut names));
                    }
                    _ => {}
                }
            }
        }
        Self { outer, names }
    }

    /// Whether a scope around this one assigns the name.
    fn assigned_outside(&self, name: &str) -> bool {
        let mut outer = self.outer;
        while let Some(scope) = outer {
            if scope.names.contains(name) {
                return true;
            }
            outer = scope.outer;
        }
        false
    }
}

fn collect<'s>(assign: &'s Node, names: &mut FxHashSet<&'s str>) {
    let members = assign.as_object().unwrap_or_default();
    names.extend(members.iter().map(|member| variable_name(&member.key)));
}

/// A key of `Assign` without the suffix of payload templates.
fn variable_name(key: &str) -> &str {
    key.strip_suffix(".$").unwrap_or(key)
}

/// The longest name of a variable, in characters.
const MAX_NAME: usize = 80;

impl Checker<'_> {
    /// `Assign`, if it is there.
    pub(crate) fn assign(
        &mut self,
        object: &Object<'_>,
        env: Env,
        scope: &Scope<'_>,
    ) -> Option<Template> {
        let place = object.place.key("Assign");
        for member in object.get("Assign")?.as_object().unwrap_or_default() {
            let name = match env.language {
                QueryLanguage::JsonPath => variable_name(&member.key),
                QueryLanguage::Jsonata => &member.key,
            };
            if let Some((code, message, help)) = bad_name(name, scope) {
                let place = place.key(&member.key);
                self.report(code, Some(&place), &member.key_bytes, message, help);
            }
        }
        self.object_template(object, "Assign", env)
    }
}

/// Why a variable must not have this name. Source: Developer Guide, "Passing data between states
/// with variables"; the messages were observed on AWS.
fn bad_name(name: &str, scope: &Scope<'_>) -> Option<(Code, String, &'static str)> {
    if name == "states" {
        let message = "Cannot assign to reserved variable '$states'.".to_owned();
        return Some((Code::ReservedVariableName, message, "choose another name"));
    }
    if name.chars().count() > MAX_NAME {
        let message = format!("Invalid variable name '{name}': the variable name is too long.");
        let help = "a variable's name has at most 80 characters";
        return Some((Code::InvalidVariableName, message, help));
    }
    if !is_variable_name(name) {
        let message = format!(
            "Invalid variable name '{name}': the variable name contains invalid characters."
        );
        let help = "a name begins with a letter, letters, digits and _ follow; only whole variables are assigned, not x.y";
        return Some((Code::InvalidVariableName, message, help));
    }
    if scope.assigned_outside(name) {
        let message = format!("The variable name '{name}' was already defined in a parent scope.");
        let help = "an inner workflow reads outer variables but cannot assign them: choose another name, or assign from the state's output outside";
        return Some((Code::DuplicateVariableName, message, help));
    }
    None
}
