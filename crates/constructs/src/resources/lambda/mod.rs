//! Lambda functions, their versions and layers.

mod code;
mod layer;
mod permission;
mod runtime;
mod singleton;
mod version;

pub use code::{Code, ImageOptions};
pub use layer::LayerVersion;
pub use permission::Permission;
pub use runtime::{Architecture, Handler, Runtime};
pub use singleton::SingletonFunction;
pub use version::{Alias, Version, VersionWeight};

use std::cell::OnceCell;
use std::rc::Rc;

use crate::core::{CfnResource, Duration, Problem, Scope, Size};
use crate::iam::{Grant, Grantable, Principal, Role, Statement};
use crate::value::{Fn, Text, Value};

const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 256;
const MAX_LAYERS: usize = 5;

/// A function, made in the stack or imported; also what its versions, aliases and singletons are made of.
///
/// It is a handle: clones are the same function.
#[derive(Clone, Debug)]
pub struct Function {
    scope: Scope,
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
    role: Option<Role>,
    runtime: Option<Runtime>,
    /// Whether it is a version or an alias, whose ARN stands for nothing else.
    qualified: bool,
    /// Whether permissions to call it can be made in the stack.
    own: bool,
    /// What allows to call it: one statement for all tasks that do.
    invocation: Rc<OnceCell<Statement>>,
}

/// A function that exists already.
#[derive(Clone, Debug, Default)]
pub struct FunctionAttributes {
    /// Its ARN.
    pub function_arn: Text,
    /// The role that it acts with, to allow it more.
    pub role: Option<Role>,
    /// Whether it is in the account and region of the stack, so that permissions to call it can be made there. Without this,
    /// it is so if the account of both is written out and the same.
    pub same_environment: bool,
}

/// What X-Ray hears of a function's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracing {
    /// Calls are sampled.
    Active,
    /// Calls are traced if the caller's are.
    PassThrough,
    /// Nothing.
    Disabled,
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
        Self::at(place, runtime, handler, code, role)
    }

    /// A function that acts with a role. What every function needs, to write its log, is not added to it.
    pub fn with_role(
        scope: &Scope,
        id: &str,
        runtime: &Runtime,
        handler: &str,
        code: Code,
        role: &Role,
    ) -> Self {
        Self::at(scope.child(id), runtime, handler, code, role.clone())
    }

    fn at(place: Scope, runtime: &Runtime, handler: &str, code: Code, role: Role) -> Self {
        let resource = CfnResource::new(&place, "Resource", "AWS::Lambda::Function");
        let bound = code
            .check(runtime, handler)
            .and_then(|()| code.bind(&place));
        match bound {
            Ok((code, image)) => {
                resource.set("Code", code);
                if let Some(image) = image {
                    resource.set("ImageConfig", image);
                }
            }
            Err(problem) => place.report(problem),
        }
        resource.set("Role", role.role_arn());
        if runtime.is_from_image() {
            resource.set("PackageType", "Image");
        } else {
            resource.set("Handler", handler);
            resource.set("Runtime", runtime.name());
        }
        resource.depends_on(role.scope());
        Self::made(place, resource, role, runtime)
    }

    fn made(scope: Scope, resource: CfnResource, role: Role, runtime: &Runtime) -> Self {
        Self {
            scope,
            arn: resource.attribute("Arn"),
            name: resource.reference(),
            resource: Some(resource),
            role: Some(role),
            runtime: Some(runtime.clone()),
            qualified: false,
            own: true,
            invocation: Rc::default(),
        }
    }

    /// A function that was made at a place before, by its role.
    fn existing(place: &Scope, role: crate::iam::DetachedRole, runtime: &Runtime) -> Self {
        let resource = CfnResource::existing(place.existing_child("Resource"));
        let role = role.attach(&place.existing_child("ServiceRole"));
        Self::made(place.clone(), resource, role, runtime)
    }

    /// A function that exists already, by its name, in the stack's account and region.
    pub fn from_function_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let arn = scope.arn("lambda", Text::from("function:").then(name));
        Self::from_function_arn(scope, id, arn)
    }

    /// A function that exists already.
    pub fn from_function_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let attributes = FunctionAttributes {
            function_arn: arn.into(),
            ..FunctionAttributes::default()
        };
        Self::from_function_attributes(scope, id, attributes)
    }

    /// A function that exists already, with what is known of it.
    pub fn from_function_attributes(
        scope: &Scope,
        id: &str,
        attributes: FunctionAttributes,
    ) -> Self {
        let arn = attributes.function_arn;
        let account = arn
            .as_literal()
            .and_then(|arn| arn.split(':').nth(4).map(Text::from));
        Self {
            scope: scope.child(id),
            resource: None,
            name: arn_part(&arn, 6),
            role: attributes.role,
            runtime: None,
            qualified: false,
            own: attributes.same_environment || account.is_some_and(|own| own == scope.account()),
            invocation: Rc::default(),
            arn,
        }
    }

    /// A version or alias of this function.
    fn qualified(&self, scope: Scope, arn: Text, name: Text) -> Self {
        Self {
            scope,
            resource: None,
            arn,
            name,
            role: self.role.clone(),
            runtime: self.runtime.clone(),
            qualified: true,
            own: self.own,
            invocation: Rc::default(),
        }
    }

    /// Sets a property of the resource: `("MemorySize", 256)`; nothing for an imported function.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name, at most 64 letters, digits, hyphens and underscores; CloudFormation makes one unless said.
    pub fn with_function_name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        if let Some(problem) = name.as_literal().and_then(wrong_name) {
            self.scope.report(problem);
        }
        self.property("FunctionName", name)
    }

    /// What it does, in at most 256 characters.
    pub fn description(self, description: impl Into<Text>) -> Self {
        let description = description.into();
        let length = description
            .as_literal()
            .map_or(0, |text| text.encode_utf16().count());
        if length > MAX_DESCRIPTION {
            let message = format!(
                "Function description can not be longer than {MAX_DESCRIPTION} characters but has {length} characters."
            );
            self.scope.report(Problem::property("description", message));
        }
        self.property("Description", description)
    }

    /// Adds a variable of its environment.
    pub fn environment(self, name: &str, value: impl Into<Text>) -> Self {
        self.add_environment(name, value);
        self
    }

    /// Adds a variable of its environment; nothing for an imported function.
    pub fn add_environment(&self, name: &str, value: impl Into<Text>) {
        if let Some(resource) = &self.resource {
            let known = resource.get("Environment");
            let known = known
                .as_ref()
                .and_then(|environment| environment.get("Variables"));
            let mut variables = known
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            variables.insert(name.to_owned(), value.into().into());
            resource.set("Environment", crate::object! {"Variables": variables});
        }
    }

    /// How long a call may take, in whole seconds, up to 15 minutes; 3 seconds unless said.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.property("Timeout", timeout.to_seconds())
    }

    /// Its memory, in whole mebibytes, and with it its share of the processor; 128 MiB unless said.
    pub fn memory_size(self, memory: Size) -> Self {
        self.property("MemorySize", memory.to_mebibytes())
    }

    /// Its storage below `/tmp`, from 512 to 10240 MiB.
    pub fn ephemeral_storage_size(self, size: Size) -> Self {
        let mebibytes = size.to_mebibytes();
        if !(512..=10240).contains(&mebibytes) {
            let message = format!(
                "Ephemeral storage size must be between 512 and 10240 MB, received {mebibytes} mebibytes."
            );
            self.scope
                .report(Problem::property("ephemeral_storage_size", message));
        }
        self.property("EphemeralStorage", crate::object! {"Size": mebibytes})
    }

    /// The processor that it runs on; Intel's unless said.
    pub fn architecture(self, architecture: Architecture) -> Self {
        self.property("Architectures", [architecture.name()])
    }

    /// How many calls of it may run at the same time.
    pub fn reserved_concurrent_executions(self, number: u32) -> Self {
        self.property("ReservedConcurrentExecutions", number)
    }

    /// Lets X-Ray hear of its calls.
    pub fn tracing(self, tracing: Tracing) -> Self {
        let mode = match tracing {
            Tracing::Active => "Active",
            Tracing::PassThrough => "PassThrough",
            Tracing::Disabled => return self,
        };
        self.add_to_role_policy(Statement::allow(
            ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            ["*"],
        ));
        self.property("TracingConfig", crate::object! {"Mode": mode})
    }

    /// Adds layers, up to five.
    pub fn layers<'a>(self, layers: impl IntoIterator<Item = &'a LayerVersion>) -> Self {
        self.add_layers(layers);
        self
    }

    /// Adds layers, up to five; nothing for an imported function.
    pub fn add_layers<'a>(&self, layers: impl IntoIterator<Item = &'a LayerVersion>) {
        for layer in layers {
            if let Err(problem) = self.add_layer(layer) {
                self.scope.report(problem);
            }
        }
    }

    fn add_layer(&self, layer: &LayerVersion) -> Result<(), Problem> {
        let (Some(resource), Some(runtime)) = (&self.resource, &self.runtime) else {
            return Ok(());
        };
        if runtime.is_from_image() {
            let message = "Layers are not supported for container image functions";
            return Err(Problem::property("layers", message));
        }
        layer.check(runtime)?;
        let mut layers = match resource.get("Layers") {
            Some(Value::List(layers)) => layers,
            _ => Vec::new(),
        };
        if layers.len() == MAX_LAYERS {
            let message = format!(
                "Unable to add layer: this lambda function already uses {MAX_LAYERS} layers."
            );
            return Err(Problem::property("layers", message));
        }
        layers.push(layer.layer_version_arn().into());
        resource.set("Layers", Value::List(layers));
        Ok(())
    }

    /// Allows its role more; nothing for an imported function whose role is not known.
    pub fn add_to_role_policy(&self, statement: Statement) {
        if let Some(role) = &self.role {
            role.add_to_policy(statement);
        }
    }

    /// Its ARN.
    pub fn function_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn function_name(&self) -> Text {
        self.name.clone()
    }

    /// The role that it acts with, if it is known.
    pub fn role(&self) -> Option<&Role> {
        self.role.as_ref()
    }

    /// What it runs on, if it was made here.
    pub fn runtime(&self) -> Option<&Runtime> {
        self.runtime.as_ref()
    }

    /// What one who may call it must be allowed: a function with all of its versions, or a version or alias alone.
    pub fn resource_arns_for_grant_invoke(&self) -> Vec<Text> {
        match self.qualified {
            true => vec![self.function_arn()],
            false => vec![self.function_arn(), self.function_arn().then(":*")],
        }
    }

    /// Allows someone to call it.
    pub fn grant_invoke(&self, grantee: &dyn Grantable) -> Grant {
        let arns = self.resource_arns_for_grant_invoke();
        let grant = Grant::add_to_principal(grantee, ["lambda:InvokeFunction"], arns);
        if !grant.success() {
            let message = "the policy of the one who is to call cannot be changed; use add_permission for \
                           services and accounts";
            self.scope
                .report(Problem::property("grant_invoke", message));
        }
        grant
    }

    /// What allows to call it.
    pub(crate) fn invocation(&self) -> Statement {
        let statement = self.invocation.get_or_init(|| {
            let arns = self.resource_arns_for_grant_invoke();
            Statement::allow(["lambda:InvokeFunction"], arns)
        });
        statement.clone()
    }

    /// The version that follows changes: whenever the function's code or configuration has changed, another is published.
    pub fn current_version(&self) -> Version {
        let Some(function) = &self.resource else {
            let message = "only a function that is made in the stack has a current version";
            self.scope
                .report(Problem::property("current_version", message));
            return self.latest_version();
        };
        if self.scope.has_child("CurrentVersion") {
            let place = self.scope.existing_child("CurrentVersion");
            let resource = CfnResource::existing(place.existing_child("Resource"));
            return Version::of(place, self, resource);
        }
        let version = Version::new(&self.scope, "CurrentVersion", self);
        version.follow(function);
        version
    }

    /// What was last deployed, under no number: `$LATEST`.
    pub fn latest_version(&self) -> Version {
        Version::latest(self)
    }

    /// An alias of the current version.
    pub fn add_alias(&self, alias_name: &str) -> Alias {
        let version = self.current_version();
        Alias::new(
            &self.scope,
            &format!("Alias{alias_name}"),
            alias_name,
            &version,
        )
    }
}

fn wrong_name(name: &str) -> Option<Problem> {
    let length = name.encode_utf16().count();
    let message = if length > MAX_NAME {
        format!(
            "Function name can not be longer than {MAX_NAME} characters but has {length} characters."
        )
    } else if !name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    {
        format!(
            "Function name {name} can contain only letters, numbers, hyphens, or underscores with no spaces."
        )
    } else {
        return None;
    };
    Some(Problem::property("with_function_name", message))
}

/// A part between the colons of an ARN.
fn arn_part(arn: &Text, index: usize) -> Text {
    match arn.as_literal() {
        Some(arn) => arn.split(':').nth(index).unwrap_or_default().into(),
        None => Fn::select(index, Fn::split(":", arn)),
    }
}

impl Grantable for Function {
    fn grant_role(&self) -> Option<Role> {
        self.role.clone()
    }
}
