//! Lambda functions.

use crate::core::{CfnResource, Scope};
use crate::iam::{Grantable, Principal, Role};
use crate::value::{Text, Value};

/// A function, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct Function {
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
    role: Option<Role>,
}

/// What a function runs on: `Runtime::NODEJS_20_X`, or another by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime(std::borrow::Cow<'static, str>);

impl Runtime {
    /// Node.js 14.
    pub const NODEJS_14_X: Self = Self(std::borrow::Cow::Borrowed("nodejs14.x"));

    /// A runtime by its name: `python3.13`.
    pub fn of(name: impl Into<String>) -> Self {
        Self(name.into().into())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// A function's code.
#[derive(Clone, Debug, PartialEq)]
pub enum Code {
    /// The text of a single file.
    Inline(String),
}

impl Code {
    /// The text of a single file.
    pub fn from_inline(text: impl Into<String>) -> Self {
        Self::Inline(text.into())
    }
}

impl Function {
    /// A function with a role of its own.
    pub fn new(scope: &Scope, id: &str, runtime: &Runtime, handler: &str, code: Code) -> Self {
        let place = scope.child(id);
        let role = Role::new(
            &place,
            "ServiceRole",
            Principal::service("lambda.amazonaws.com"),
        );
        role.add_aws_managed_policy("service-role/AWSLambdaBasicExecutionRole");
        let Code::Inline(text) = code;
        let resource = CfnResource::new(&place, "Resource", "AWS::Lambda::Function")
            .property("Code", crate::object! {"ZipFile": text})
            .property("Role", role.role_arn())
            .property("Handler", handler)
            .property("Runtime", runtime.name());
        resource.depends_on(role.scope());
        Self {
            arn: resource.attribute("Arn"),
            name: resource.reference(),
            resource: Some(resource),
            role: Some(role),
        }
    }

    /// Sets a property of the resource: `("MemorySize", 256)`; nothing for an imported function.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn function_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn function_name(&self) -> Text {
        self.name.clone()
    }
}

impl Grantable for Function {
    fn grant_role(&self) -> Option<Role> {
        self.role.clone()
    }
}
