//! SNS: publishes messages.

use crate::core::{Problem, Scope};
use crate::resources::Topic;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::value::{Lazy, Object, Part, Text, Value};

/// The most characters of the ids of FIFO topics.
const MAX_ID: usize = 128;

/// Publishes a message to a topic.
#[derive(Debug, Clone)]
#[must_use]
pub struct SnsPublish {
    scope: Scope,
    options: StateOptions,
    topic: Topic,
    message: TaskInput,
    message_attributes: Vec<(String, MessageAttribute)>,
    message_per_subscription_type: bool,
    subject: Option<Text>,
    message_group_id: Option<Text>,
    message_deduplication_id: Option<Text>,
}

/// An attribute of a message, by which subscriptions can choose.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct MessageAttribute {
    value: Value,
    data_type: Option<MessageAttributeDataType>,
}

/// The type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageAttributeDataType {
    /// A text.
    String,
    /// A list of texts, numbers, booleans and nulls.
    StringArray,
    /// A number.
    Number,
    /// Bytes, in base64.
    Binary,
}

impl MessageAttributeDataType {
    fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringArray => "String.Array",
            Self::Number => "Number",
            Self::Binary => "Binary",
        }
    }
}

impl MessageAttribute {
    /// A text, a number, a boolean or a list; or what is at a path.
    pub fn new(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            data_type: None,
        }
    }

    /// Its type; it follows from the value unless said. Bytes cannot be told from text otherwise.
    pub fn data_type(mut self, data_type: MessageAttributeDataType) -> Self {
        self.data_type = Some(data_type);
        self
    }

    fn render(&self) -> Result<Value, Problem> {
        use MessageAttributeDataType::{Binary, Number, String, StringArray};

        let said = |kind: MessageAttributeDataType| self.data_type.unwrap_or(kind);
        let (data_type, value) = match &self.value {
            Value::Text(text) if is_open(text) => (said(String), self.value.clone()),
            Value::Text(_) => (self.checked(&[String, Binary], String)?, self.value.clone()),
            Value::Number(number) => (
                self.checked(&[Number, Binary], Number)?,
                number.to_string().into(),
            ),
            Value::Bool(value) => (
                self.checked(&[String, Binary], String)?,
                value.to_string().into(),
            ),
            Value::List(items) => {
                let data_type = self.checked(&[StringArray], StringArray)?;
                (data_type, json_text(items)?)
            }
            Value::Object(_) | Value::Lazy(_) | Value::JsonText(_) => {
                (said(String), self.value.clone())
            }
            Value::Null => return Err(self.contradiction(said(String))),
        };
        let member = match data_type {
            Binary => "BinaryValue",
            String | StringArray | Number => "StringValue",
        };
        Ok(Value::object([
            ("DataType", Some(data_type.name().into())),
            (member, Some(value)),
        ]))
    }

    /// The type, which must be one of those that the value can have.
    fn checked(
        &self,
        possible: &[MessageAttributeDataType],
        default: MessageAttributeDataType,
    ) -> Result<MessageAttributeDataType, Problem> {
        match self.data_type {
            Some(data_type) if !possible.contains(&data_type) => Err(self.contradiction(data_type)),
            data_type => Ok(data_type.unwrap_or(default)),
        }
    }

    fn contradiction(&self, data_type: MessageAttributeDataType) -> Problem {
        let (value, kind) = match &self.value {
            Value::Text(text) => (text.as_literal().unwrap_or_default().to_owned(), "string"),
            Value::Number(number) => (number.to_string(), "number"),
            Value::Bool(value) => (value.to_string(), "boolean"),
            Value::List(items) => {
                let items = items.iter().map(|item| match item {
                    Value::Text(text) => text.as_literal().unwrap_or("${Token}").to_owned(),
                    Value::Number(number) => number.to_string(),
                    Value::Bool(value) => value.to_string(),
                    _ => String::new(),
                });
                (items.collect::<Vec<_>>().join(","), "Array")
            }
            _ => ("null".to_owned(), "object"),
        };
        let message = format!(
            "Requested SNS message attribute type was {} but {value} was of type {kind}",
            data_type.name()
        );
        Problem::property("message_attributes", message)
    }
}

/// Whether a text is only known at deployment or at run time.
fn is_open(text: &Text) -> bool {
    let open = |part: &Part| match part {
        Part::Literal(text) => text.starts_with("{%"),
        Part::Token(_) | Part::Path(_) => true,
    };
    text.parts().iter().any(open)
}

/// A list as the text that SNS reads.
fn json_text(items: &[Value]) -> Result<Value, Problem> {
    let message = match items {
        items if items.iter().any(|item| item.as_path().is_some()) => {
            "Cannot use JsonPath fields in an array, they must be used in objects"
        }
        items
            if items
                .iter()
                .any(|item| matches!(item, Value::List(_) | Value::Object(_))) =>
        {
            "Requested SNS message attribute type was object but Array values must be one of string,boolean,number"
        }
        items => {
            let items = Value::List(items.to_vec());
            return Ok(Value::JsonText(Lazy::new(move || Some(items.clone()))));
        }
    };
    Err(Problem::property("message_attributes", message))
}

impl SnsPublish {
    /// Publishes a message to a topic.
    pub fn new(scope: &Scope, id: &str, topic: &Topic, message: TaskInput) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            topic: topic.clone(),
            message,
            message_attributes: Vec::new(),
            message_per_subscription_type: false,
            subject: None,
            message_group_id: None,
            message_deduplication_id: None,
        }
    }

    /// Attributes by which subscriptions can choose: `[("place", MessageAttribute::new("here"))]`.
    pub fn message_attributes<K: Into<String>>(
        mut self,
        attributes: impl IntoIterator<Item = (K, MessageAttribute)>,
    ) -> Self {
        let attributes = attributes.into_iter();
        self.message_attributes
            .extend(attributes.map(|(name, attribute)| (name.into(), attribute)));
        self
    }

    /// Whether the message is an object with a message for each kind of subscription, and `default` for the others.
    pub fn message_per_subscription_type(mut self, per_type: bool) -> Self {
        self.message_per_subscription_type = per_type;
        self
    }

    /// The subject of e-mails.
    pub fn subject(mut self, subject: impl Into<Text>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The group within which messages keep their order, of at most 128 characters; only for FIFO topics, which need it.
    pub fn message_group_id(mut self, id: impl Into<Text>) -> Self {
        self.message_group_id = Some(id.into());
        self
    }

    /// What tells the message from others, in at most 128 characters; only for FIFO topics, which need it unless they
    /// go by the content.
    pub fn message_deduplication_id(mut self, id: impl Into<Text>) -> Self {
        self.message_deduplication_id = Some(id.into());
        self
    }

    /// That a message to a FIFO topic has its ids.
    fn check_order(&self) -> Result<(), Problem> {
        if !self.topic.is_fifo() {
            return Ok(());
        }
        let too_long = |name: &str, id: Option<&Text>| {
            let length = id?.as_literal()?.chars().count();
            (length > MAX_ID)
                .then(|| format!("'{name}' must be at most 128 characters long, got {length}"))
        };
        let group = match &self.message_group_id {
            None => Some("'messageGroupId' is required for FIFO topics".to_owned()),
            id => too_long("messageGroupId", id.as_ref()),
        };
        if let Some(message) = group {
            return Err(Problem::property("message_group_id", message));
        }
        let deduplication = match &self.message_deduplication_id {
            None if self.topic.deduplicates_by_content() => None,
            None => Some("'messageDeduplicationId' is required for FIFO topics with 'contentBasedDeduplication' disabled".to_owned()),
            id => too_long("messageDeduplicationId", id.as_ref()),
        };
        match deduplication {
            Some(message) => Err(Problem::property("message_deduplication_id", message)),
            None => Ok(()),
        }
    }

    fn attributes(&self) -> Result<Option<Value>, Problem> {
        let attributes = self
            .message_attributes
            .iter()
            .map(|(name, attribute)| Ok((name.clone(), attribute.render()?)));
        let attributes: Object = attributes.collect::<Result<_, Problem>>()?;
        Ok((!attributes.is_empty()).then_some(Value::Object(attributes)))
    }
}

task_state!(SnsPublish, define);

fn define(publish: SnsPublish, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, WaitForTaskToken};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, WaitForTaskToken])?;
    let missing = "Task Token is required in `message` Use JsonPath.taskToken to set the token.";
    let message = publish.message.value();
    task.needs_token(pattern, "message", Some(message), missing)?;
    publish.check_order()?;
    let attributes = publish.attributes()?;
    let structure = publish.message_per_subscription_type.then_some("json");
    let parameters = Value::object([
        ("TopicArn", Some(publish.topic.topic_arn().into())),
        ("Message", Some(publish.message.into_value())),
        (
            "MessageDeduplicationId",
            publish.message_deduplication_id.map(Value::from),
        ),
        ("MessageGroupId", publish.message_group_id.map(Value::from)),
        ("MessageStructure", structure.map(Value::from)),
        ("MessageAttributes", attributes),
        ("Subject", publish.subject.map(Value::from)),
    ]);
    task.integration("sns", "publish", pattern, parameters, &[])
}
