//! Permissions of a function: who may call it, beside those whose own policy says so.

use super::Function;
use crate::core::{CfnResource, Problem};
use crate::value::{Text, Value};

/// Who may call a function.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Permission {
    /// A service (`s3.amazonaws.com`), an account's id, or the ARN of a role or user.
    pub principal: Text,
    /// What it may do; `lambda:InvokeFunction` unless said.
    pub action: Option<Text>,
    /// The resource on whose behalf a service calls.
    pub source_arn: Option<Text>,
    /// The account on whose behalf a service calls.
    pub source_account: Option<Text>,
    /// A token that Alexa must send.
    pub event_source_token: Option<Text>,
}

impl Permission {
    /// A service, account, role or user may call.
    pub fn to(principal: impl Into<Text>) -> Self {
        Self {
            principal: principal.into(),
            ..Self::default()
        }
    }
}

impl Function {
    /// Lets someone call it, under an id below the function.
    pub fn add_permission(&self, id: &str, permission: Permission) {
        if !self.own {
            let message = "Cannot modify permission to lambda function. Function is either imported or $LATEST version.\n\
                           If the function is imported from the same account use `from_function_attributes` with `same_environment`.";
            return self
                .scope
                .report(Problem::property("add_permission", message));
        }
        let action = permission
            .action
            .unwrap_or_else(|| "lambda:InvokeFunction".into());
        CfnResource::new(&self.scope, id, "AWS::Lambda::Permission")
            .property("Action", action)
            .property("FunctionName", self.function_arn())
            .property("Principal", permission.principal)
            .optional(
                "EventSourceToken",
                permission.event_source_token.map(Value::from),
            )
            .optional("SourceAccount", permission.source_account.map(Value::from))
            .optional("SourceArn", permission.source_arn.map(Value::from));
    }
}
