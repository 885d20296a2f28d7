//! Values of a template as they are where nothing is deployed: names instead of references.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::value::{Object, Part, Pseudo, Text, Token, Value};

/// Where a template is taken to be deployed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `aws`.
    pub partition: String,
    /// The region's code.
    pub region: String,
    /// The account's 12 digits.
    pub account: String,
}

/// The names of a template's resources, as they would be with its logical ids for names that AWS makes up.
#[derive(Debug)]
pub struct Names {
    place: Place,
    resources: BTreeMap<String, Named>,
    parameters: BTreeMap<String, Json>,
    /// What was said of resources, by logical id and attribute.
    told: BTreeMap<(String, String), String>,
}

/// How what `Ref` gives is called beside attributes.
const REF: &str = "Ref";
/// The place of a resource's name in the catalog's forms.
const NAME: &str = "{name}";

#[derive(Debug)]
struct Named {
    kind: String,
    name: String,
}

/// Something in a value that is only known after a deployment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is only known after a deployment")]
pub struct NotKnown {
    /// The reference or function.
    pub what: String,
}

impl Names {
    /// The names of a template's resources.
    pub fn of(template: &Json, place: Place) -> Self {
        let members = |section: &str| template[section].as_object().into_iter().flatten();
        let resources =
            members("Resources").map(|(id, resource)| (id.clone(), named(id, resource)));
        let defaults = members("Parameters")
            .filter_map(|(id, parameter)| Some((id.clone(), parameter.get("Default")?.clone())));
        Self {
            resources: resources.collect(),
            parameters: defaults.collect(),
            told: BTreeMap::new(),
            place,
        }
    }

    /// Says what an attribute of a resource is, or, as `Ref`, what `Ref` gives. False if the template has no such resource.
    pub fn tell(&mut self, logical_id: &str, attribute: &str, value: &str) -> bool {
        let Some(resource) = self.resources.get_mut(logical_id) else {
            return false;
        };
        let kind = stepmill_catalog::resource_type(&resource.kind);
        if attribute == REF && kind.is_some_and(|kind| kind.reference == NAME) {
            // Its ARN has the name, too.
            value.clone_into(&mut resource.name);
        } else {
            let place = (logical_id.to_owned(), attribute.to_owned());
            self.told.insert(place, value.to_owned());
        }
        true
    }

    /// The name of a resource; none if the template has no such resource.
    pub fn name(&self, logical_id: &str) -> Option<&str> {
        Some(&self.resources.get(logical_id)?.name)
    }

    /// A value without tokens.
    pub fn resolve(&self, value: &Value) -> Result<Json, NotKnown> {
        Ok(match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => self.text(text)?,
            Value::List(items) => Json::Array(
                items
                    .iter()
                    .map(|item| self.resolve(item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Json::Object(self.members(members)?),
            Value::Lazy(lazy) => self.resolve(&lazy.value().unwrap_or_default())?,
            Value::JsonText(lazy) => {
                Json::String(self.resolve(&lazy.value().unwrap_or_default())?.to_string())
            }
        })
    }

    fn members(&self, members: &Object) -> Result<Map<String, Json>, NotKnown> {
        members
            .iter()
            .map(|(name, value)| Ok((name.to_string(), self.resolve(value)?)))
            .collect()
    }

    fn text(&self, text: &Text) -> Result<Json, NotKnown> {
        if let Some(token) = text.as_token() {
            return self.token(token);
        }
        let mut resolved = String::new();
        for part in text.parts() {
            match part {
                Part::Literal(text) => resolved += text,
                Part::Path(path) => resolved += path.expression(),
                Part::Token(token) => match self.token(token)? {
                    Json::String(text) => resolved += &text,
                    other => resolved += &other.to_string(),
                },
            }
        }
        Ok(Json::String(resolved))
    }

    fn token(&self, token: &Token) -> Result<Json, NotKnown> {
        let unknown = |what: String| NotKnown { what };
        match token {
            Token::Pseudo(pseudo) => self
                .pseudo(*pseudo)
                .map(Json::from)
                .ok_or_else(|| unknown(pseudo.name().to_owned())),
            Token::Ref(_, id) => match self.parameters.get(&**id) {
                Some(value) => Ok(value.clone()),
                None => self
                    .told(id, REF)
                    .or_else(|| self.named(id, "ref"))
                    .map(Json::from)
                    .ok_or_else(|| unknown(format!("Ref {id}"))),
            },
            Token::GetAtt(_, id, attribute) => {
                let known = || match &**attribute {
                    "Arn" => self.named(id, "arn"),
                    "Name" | "QueueName" | "TopicName" | "FunctionName" => {
                        self.name(id).map(str::to_owned)
                    }
                    _ => None,
                };
                self.told(id, attribute)
                    .or_else(known)
                    .map(Json::from)
                    .ok_or_else(|| unknown(format!("{id}.{attribute}")))
            }
            Token::Function(name, arguments) => self.function(name, arguments),
        }
    }

    fn function(&self, name: &str, arguments: &Value) -> Result<Json, NotKnown> {
        let arguments = self.resolve(arguments)?;
        let value = match (name, arguments.as_array().map(Vec::as_slice)) {
            ("Fn::Select", Some([index, Json::Array(items)])) => {
                let index = index.as_u64().or_else(|| index.as_str()?.parse().ok());
                index
                    .and_then(|index| items.get(usize::try_from(index).ok()?))
                    .cloned()
            }
            ("Fn::Split", Some([Json::String(delimiter), Json::String(text)])) => {
                Some(text.split(delimiter.as_str()).map(Json::from).collect())
            }
            ("Fn::Join", Some([Json::String(delimiter), Json::Array(items)])) => {
                let texts: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
                texts.map(|texts| Json::from(texts.join(delimiter)))
            }
            _ => None,
        };
        value.ok_or_else(|| NotKnown {
            what: name.to_owned(),
        })
    }

    fn pseudo(&self, pseudo: Pseudo) -> Option<String> {
        Some(match pseudo {
            Pseudo::AccountId => self.place.account.clone(),
            Pseudo::Partition => self.place.partition.clone(),
            Pseudo::Region => self.place.region.clone(),
            Pseudo::UrlSuffix => "amazonaws.com".to_owned(),
            Pseudo::StackName => "local".to_owned(),
            Pseudo::StackId | Pseudo::NotificationArns | Pseudo::NoValue => return None,
        })
    }

    fn told(&self, id: &str, attribute: &str) -> Option<String> {
        let place = (id.to_owned(), attribute.to_owned());
        self.told.get(&place).cloned()
    }

    /// What `Ref` gives, or the ARN.
    fn named(&self, id: &str, what: &str) -> Option<String> {
        let resource = self.resources.get(id)?;
        let kind = stepmill_catalog::resource_type(&resource.kind)?;
        let form = match what {
            "arn" => kind.arn.as_deref()?,
            _ => &kind.reference,
        };
        let form = form.replace("{arn}", kind.arn.as_deref().unwrap_or_default());
        let form = form
            .replace(NAME, &resource.name)
            .replace("<partition>", &self.place.partition);
        Some(
            form.replace("<region>", &self.place.region)
                .replace("<account>", &self.place.account),
        )
    }
}

fn named(id: &str, resource: &Json) -> Named {
    let kind = resource["Type"].as_str().unwrap_or_default();
    let property = stepmill_catalog::resource_type(kind).and_then(|kind| kind.name.as_deref());
    let name = property.and_then(|property| resource["Properties"][property].as_str());
    Named {
        kind: kind.to_owned(),
        name: name.unwrap_or(id).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::{App, Stack};
    use crate::template::from_template;

    #[test]
    fn what_only_a_deployment_tells_can_be_said() {
        let template = json!({"Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Group": {"Type": "AWS::EC2::SecurityGroup"},
            "Topic": {"Type": "AWS::SNS::Topic"},
        }});
        let place = Place {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "1".to_owned(),
        };
        let mut names = Names::of(&template, place);
        let stack = Stack::new(&App::new(), "Stack");
        let resolve = |names: &Names, value: Json| {
            let resolved = names.resolve(&from_template(&value, stack.id_in_app()));
            resolved.map_err(|error| error.to_string())
        };
        let group = json!({"Fn::GetAtt": ["Group", "GroupId"]});
        let unknown = "Group.GroupId is only known after a deployment";
        assert_eq!(resolve(&names, group.clone()), Err(unknown.to_owned()));
        for (id, attribute, value) in [
            ("Group", "GroupId", "sg-1"),
            ("Bucket", "Ref", "mine"),
            ("Topic", "Ref", "arn:aws:sns:eu-west-1:2:mine"),
        ] {
            assert!(names.tell(id, attribute, value));
        }
        assert!(!names.tell("Absent", "Ref", "x"));
        for (value, expected) in [
            (group, "sg-1"),
            (json!({"Ref": "Bucket"}), "mine"),
            (
                json!({"Fn::GetAtt": ["Bucket", "Arn"]}),
                "arn:aws:s3:::mine",
            ),
            (json!({"Ref": "Topic"}), "arn:aws:sns:eu-west-1:2:mine"),
        ] {
            assert_eq!(resolve(&names, value), Ok(json!(expected)));
        }
    }
}
