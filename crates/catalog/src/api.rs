//! What the responses of AWS's API actions look like, to check mocked ones against.
//!
//! `data/api-models.deflate` is made by `tools/api_models.py`, which describes it.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use stepmill_asl::model::{IntegrationPattern, ServiceResource};

use crate::{integration, sdk_service, service};

const FILE: &[u8] = include_bytes!("../data/api-models.deflate");

/// The longest model as JSON, in bytes; a test reads them all.
const MODEL_BYTES: usize = 1 << 20;

/// Where behind the file's first line each model stands: its first byte and its length.
type Index = IndexMap<String, (usize, usize)>;

// A test reads the file, so the default is never used.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let line = FILE.split(|byte| *byte == b'\n').next();
    line.and_then(|line| serde_json::from_slice(line).ok())
        .unwrap_or_default()
});

/// The API model of one service: of its actions, the responses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiModel {
    actions: IndexMap<String, Option<usize>>,
    shapes: Vec<Shape>,
}

/// A shape of a response or of a part of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Written")]
pub struct Shape {
    /// Its type.
    pub is: ShapeType,
    /// Of a structure: its members with their shapes, for [`ApiModel::shape`].
    pub members: IndexMap<String, usize>,
    /// Of a structure: the members that are always there.
    pub required: Vec<String>,
    /// Of a list or a map: the shape of its values.
    pub of: Option<usize>,
    /// Of a string: what it may be; empty where that is anything.
    pub values: Vec<String>,
    /// The least number; the least length of a string or list.
    pub min: Option<f64>,
    /// The greatest number; the greatest length of a string or list.
    pub max: Option<f64>,
}

/// The type of a shape, as JSON has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShapeType {
    /// A text; also timestamps and blobs, which Step Functions shows as texts.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object with members of their own shapes.
    Structure,
    /// An array.
    List,
    /// An object whose values have one shape.
    Map,
    /// Any JSON.
    Any,
}

/// A shape as the file has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(ShapeType),
    Ruled(Ruled),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ruled {
    is: ShapeType,
    #[serde(default)]
    members: IndexMap<String, usize>,
    #[serde(default)]
    required: Vec<String>,
    of: Option<usize>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    min: Option<f64>,
    max: Option<f64>,
}

impl From<Written> for Shape {
    fn from(written: Written) -> Self {
        let Ruled {
            is,
            members,
            required,
            of,
            values,
            min,
            max,
        } = match written {
            Written::Ruled(ruled) => ruled,
            Written::Plain(is) => Ruled {
                is,
                members: IndexMap::new(),
                required: Vec::new(),
                of: None,
                values: Vec::new(),
                min: None,
                max: None,
            },
        };
        Self {
            is,
            members,
            required,
            of,
            values,
            min,
            max,
        }
    }
}

impl ApiModel {
    /// The model of that name, which is that of its directory in botocore: `stepfunctions`.
    ///
    /// It is read anew at each call, in some milliseconds for the largest.
    pub fn named(name: &str) -> Option<Self> {
        let (first, length) = *INDEX.get(name)?;
        let models = FILE.iter().position(|byte| *byte == b'\n')? + 1;
        let packed = FILE.get(models + first..models + first + length)?;
        let json = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, MODEL_BYTES).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// The response of an action, spelled as in the API: `StartExecution`. `Some(None)` is an action
    /// without a response; `None` no action.
    pub fn response(&self, action: &str) -> Option<Option<&Shape>> {
        let place = self.actions.get(action)?;
        Some(place.and_then(|place| self.shape(place)))
    }

    /// The shape at a place that another shape names.
    pub fn shape(&self, place: usize) -> Option<&Shape> {
        self.shapes.get(place)
    }
}

/// The API action that a task's resource stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAction {
    /// The service's API model, by its directory in botocore; absent if the service has none.
    pub model: Option<&'static str>,
    /// The action: `RunJobFlow`.
    pub action: String,
}

/// The API action that a resource stands for, if it is one.
///
/// HTTP endpoints, API Gateway and Kubernetes have none.
pub fn api_action(resource: &ServiceResource) -> Option<ApiAction> {
    let (name, action) = (&*resource.service, &*resource.action);
    if resource.sdk {
        let mut letters = action.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        return Some(ApiAction {
            model: sdk_model(name),
            action: first.into_iter().chain(letters).collect(),
        });
    }
    if matches!(
        (name, action),
        ("http" | "apigateway", _) | ("eks", "call" | "runJob")
    ) {
        return None;
    }
    let row = integration(name, action)?;
    let own = row.sdk_model.as_deref();
    let sdk_name = own.or_else(|| service(name)?.sdk_model.as_deref());
    Some(ApiAction {
        model: sdk_model(sdk_name.unwrap_or(name)),
        action: row.api(action),
    })
}

/// The API model of a service, by either of its names in resource ARNs: `events`, `eventbridge`.
pub fn model(name: &str) -> Option<&'static str> {
    let sdk_name = service(name).and_then(|service| service.sdk_model.as_deref());
    sdk_model(sdk_name.unwrap_or(name))
}

fn sdk_model(name: &str) -> Option<&'static str> {
    sdk_service(name)?.model.as_deref()
}

/// The API action whose response is a task's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseOf {
    /// The API model, for [`ApiModel::named`]; absent if the service has none.
    pub model: Option<&'static str>,
    /// The action: `DescribeExecution`.
    pub action: String,
    /// Members of the response that a task shows as any JSON, although the API has them as text.
    pub parsed: Vec<&'static str>,
}

/// The API action whose response a task's result is, if it is one.
///
/// A job's result is the response of the action that tells its status. What a task token brings, and
/// what HTTP endpoints, API Gateway and Kubernetes answer, is of no API. Source: Step Functions
/// Developer Guide, "Testing state machines with TestState API".
pub fn response_of(resource: &ServiceResource) -> Option<ResponseOf> {
    if resource.pattern == IntegrationPattern::WaitForTaskToken {
        return None;
    }
    let ApiAction { model, action } = api_action(resource)?;
    let row = match resource.sdk {
        true => None,
        false => integration(&resource.service, &resource.action),
    };
    let poll = row.and_then(|row| row.poll.as_ref());
    let action = match (poll, resource.pattern) {
        (Some(poll), IntegrationPattern::RunJob | IntegrationPattern::RunJobJson) => {
            poll.api.clone()
        }
        _ => action,
    };
    let parsed = match (&*resource.service, resource.pattern) {
        ("states", IntegrationPattern::RunJobJson) if !resource.sdk => vec!["Input", "Output"],
        _ => {
            let parsed = row.iter().flat_map(|row| &row.json_results);
            parsed.map(String::as_str).collect()
        }
    };
    Some(ResponseOf {
        model,
        action,
        parsed,
    })
}

#[cfg(test)]
mod tests {
    use stepmill_asl::model::Resource;

    use super::*;
    use crate::{catalog, sdk};

    fn of(rest: &str) -> Option<(Option<&'static str>, String)> {
        match Resource::parse(&format!("arn:aws:states:::{rest}")) {
            Some(Resource::Service(service)) => response_of(&service).map(|r| (r.model, r.action)),
            _ => panic!("{rest}"),
        }
    }

    #[test]
    fn every_model_can_be_read() {
        for name in INDEX.keys() {
            let model = ApiModel::named(name).unwrap_or_else(|| panic!("{name}"));
            let places = model.actions.values().flatten();
            assert!(places.clone().all(|place| model.shape(*place).is_some()));
            for shape in &model.shapes {
                let parts = shape.members.values().chain(&shape.of);
                assert!(parts.clone().all(|place| model.shape(*place).is_some()));
                let known = |name: &String| shape.members.contains_key(name);
                assert!(shape.required.iter().all(known), "{name}");
            }
        }
    }

    #[test]
    fn every_service_that_names_a_model_has_it() {
        for (name, service) in &sdk().services {
            if let Some(model) = &service.model {
                assert!(INDEX.contains_key(model), "{name}");
            }
        }
    }

    #[test]
    fn every_integration_has_its_responses() {
        for (service, row) in &catalog().services {
            for (action, row) in &row.actions {
                for pattern in &row.patterns {
                    let rest = format!("{service}:{action}{}", pattern.suffix());
                    let Some((model, action)) = of(&rest) else {
                        let answers = matches!(service.as_str(), "http" | "apigateway" | "eks");
                        let token = *pattern == IntegrationPattern::WaitForTaskToken;
                        assert!(answers || token, "{rest}");
                        continue;
                    };
                    let model = model.and_then(ApiModel::named);
                    let model = model.unwrap_or_else(|| panic!("{rest} has no model"));
                    assert!(model.response(&action).is_some(), "{rest} {action}");
                }
            }
        }
    }

    #[test]
    fn responses_are_those_of_the_right_action() {
        for (rest, model, action) in [
            ("states:startExecution", "stepfunctions", "StartExecution"),
            (
                "states:startExecution.sync",
                "stepfunctions",
                "DescribeExecution",
            ),
            ("elasticmapreduce:createCluster", "emr", "RunJobFlow"),
            (
                "emr-serverless:startJobRun.sync",
                "emr-serverless",
                "GetJobRun",
            ),
            ("bedrock:invokeModel", "bedrock-runtime", "InvokeModel"),
            ("aws-sdk:s3:getObject", "s3", "GetObject"),
            ("aws-sdk:dynamodb:query", "dynamodb", "Query"),
        ] {
            assert_eq!(of(rest), Some((Some(model), action.to_owned())), "{rest}");
        }
        assert_eq!(of("sqs:sendMessage.waitForTaskToken"), None);
        assert_eq!(of("http:invoke"), None);
    }

    #[test]
    fn shapes_have_their_rules() {
        let model = ApiModel::named("stepfunctions").unwrap();
        let response = model.response("StartExecution").unwrap().unwrap();
        assert_eq!(response.required, ["executionArn", "startDate"]);
        let arn = model.shape(response.members["executionArn"]).unwrap();
        assert_eq!(
            (arn.is, arn.min, arn.max),
            (ShapeType::String, Some(1.0), Some(256.0))
        );
        let date = model.shape(response.members["startDate"]).unwrap();
        assert_eq!(date.is, ShapeType::String);
        assert!(model.response("DeleteEverything").is_none());
    }
}
