//! Values in the notation of `Fn::Sub`, for people and for where no functions can stand.

use serde_json::Value as Json;

use crate::value::{Part, Text, Token, Value, flatten};

/// A value with `${AWS::Region}`, `${Queue}` and `${Queue.Arn}` in its texts instead of tokens.
pub fn substitutable(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => Json::Number(number.clone()),
        Value::Text(text) => Json::String(in_words(text)),
        Value::List(items) => items.iter().map(substitutable).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.to_string(), substitutable(value)));
            Json::Object(members.collect())
        }
        Value::Lazy(lazy) => lazy.value().as_ref().map(substitutable).unwrap_or_default(),
        Value::JsonText(lazy) => {
            Json::String(substitutable(&lazy.value().unwrap_or_default()).to_string())
        }
    }
}

fn in_words(text: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.to_string(),
        Part::Path(path) => path.to_string(),
        Part::Token(token) => match &**token {
            Token::Pseudo(pseudo) => format!("${{{}}}", pseudo.name()),
            Token::Ref(_, id) => format!("${{{id}}}"),
            Token::GetAtt(_, id, attribute) => format!("${{{id}.{attribute}}}"),
            Token::Function(name, arguments) => {
                let function = serde_json::json!({*name: substitutable(arguments)});
                flatten(&function)
            }
        },
    };
    text.parts().iter().map(part).collect()
}
