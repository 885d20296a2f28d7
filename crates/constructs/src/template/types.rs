//! The types of a template's resources.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::value::Token;

/// The types of a template's resources by their logical ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceTypes(BTreeMap<String, String>);

impl ResourceTypes {
    /// The types of a template's resources.
    pub fn of(template: &Json) -> Self {
        let resources = template["Resources"].as_object().into_iter().flatten();
        let types = resources
            .filter_map(|(id, resource)| Some((id.clone(), resource["Type"].as_str()?.to_owned())));
        Self(types.collect())
    }

    /// The type of the resource that a token refers to: `AWS::SQS::Queue`.
    pub(crate) fn of_token(&self, token: &Token) -> Option<&str> {
        match token {
            Token::Ref(_, id) | Token::GetAtt(_, id, _) => self.0.get(&**id).map(String::as_str),
            Token::Pseudo(_) | Token::Function(..) => None,
        }
    }
}
