//! Values that CloudFormation fills in at deployment.

use super::text::Text;
use super::{Name, Value};
use crate::core::StackId;

/// A value that is only known when the stack is deployed.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// What `Ref` gives for a resource or parameter.
    Ref(StackId, Name),
    /// An attribute of a resource.
    GetAtt(StackId, Name, Name),
    /// What CloudFormation itself knows about the deployment.
    Pseudo(Pseudo),
    /// Another intrinsic function with its argument: `Fn::Split`.
    Function(&'static str, Box<Value>),
}

/// A pseudo parameter of CloudFormation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pseudo {
    /// The account that is deployed to.
    AccountId,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    Partition,
    /// The region that is deployed to.
    Region,
    /// The ARN of the stack.
    StackId,
    /// The name of the stack.
    StackName,
    /// The domain of the partition: `amazonaws.com`.
    UrlSuffix,
    /// The ARNs of the topics that hear of the stack's events.
    NotificationArns,
    /// No value: it takes the property away.
    NoValue,
}

impl Pseudo {
    /// Its name in a template.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
            Self::StackId => "AWS::StackId",
            Self::StackName => "AWS::StackName",
            Self::UrlSuffix => "AWS::URLSuffix",
            Self::NotificationArns => "AWS::NotificationARNs",
            Self::NoValue => "AWS::NoValue",
        }
    }
}

impl Pseudo {
    /// The pseudo parameter of a name: `AWS::Region`.
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [
            Self::AccountId,
            Self::Partition,
            Self::Region,
            Self::StackId,
            Self::StackName,
            Self::UrlSuffix,
            Self::NotificationArns,
            Self::NoValue,
        ];
        all.into_iter().find(|pseudo| pseudo.name() == name)
    }
}

impl From<Pseudo> for Text {
    fn from(pseudo: Pseudo) -> Self {
        Token::Pseudo(pseudo).into()
    }
}

/// The intrinsic functions of CloudFormation that are no references.
#[derive(Debug)]
pub struct Fn;

impl Fn {
    /// The element of a list at an index.
    pub fn select(index: usize, list: impl Into<Value>) -> Text {
        let arguments = Value::List(vec![Value::from(index), list.into()]);
        Token::Function("Fn::Select", Box::new(arguments)).into()
    }

    /// A text cut at each delimiter: a list.
    pub fn split(delimiter: &str, text: impl Into<Text>) -> Text {
        let arguments = Value::List(vec![Value::from(delimiter), Value::Text(text.into())]);
        Token::Function("Fn::Split", Box::new(arguments)).into()
    }

    /// A value of a template's mapping.
    pub fn find_in_map(map: &str, first: impl Into<Text>, second: impl Into<Text>) -> Text {
        let arguments = vec![Value::from(map), first.into().into(), second.into().into()];
        Token::Function("Fn::FindInMap", Box::new(Value::List(arguments))).into()
    }

    /// What another stack exports under a name.
    pub fn import_value(name: impl Into<Text>) -> Text {
        Token::Function("Fn::ImportValue", Box::new(Value::Text(name.into()))).into()
    }

    /// A text with `${Name}` to be filled in by CloudFormation.
    pub fn sub(text: impl Into<Text>) -> Text {
        Token::Function("Fn::Sub", Box::new(Value::Text(text.into()))).into()
    }

    /// The availability zones of a region: a list. An empty text means the stack's region.
    pub fn get_azs(region: impl Into<Text>) -> Text {
        Token::Function("Fn::GetAZs", Box::new(Value::Text(region.into()))).into()
    }

    /// A text in base64.
    pub fn base64(text: impl Into<Text>) -> Text {
        Token::Function("Fn::Base64", Box::new(Value::Text(text.into()))).into()
    }

    /// The texts of a list, which is only known at deployment, with a delimiter between them.
    pub fn join(delimiter: &str, list: impl Into<Value>) -> Text {
        let arguments = Value::List(vec![Value::from(delimiter), list.into()]);
        Token::Function("Fn::Join", Box::new(arguments)).into()
    }
}
