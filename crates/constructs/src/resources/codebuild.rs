//! CodeBuild projects.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::core::{Arn, ArnFormat, CfnResource, Duration, Feature, Scope};
use crate::iam::{Grantable, Principal, Role, Statement};
use crate::value::{Part, Text, Value};

/// A project, made in the stack or imported.
///
/// It is a handle: clones are the same project.
#[derive(Clone, Debug)]
pub struct Project {
    made: Option<Made>,
    arn: Text,
    name: Text,
}

#[derive(Clone, Debug)]
struct Made {
    resource: CfnResource,
    role: Role,
    environment: Rc<RefCell<Environment>>,
}

#[derive(Clone, Debug)]
struct Environment {
    build_image: Text,
    compute_type: ComputeType,
    privileged: bool,
    variables: IndexMap<String, BuildEnvironmentVariable>,
}

/// The commands of a build and their settings.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildSpec(Text);

/// How much a build has of memory and processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComputeType {
    /// 3 GB and 2 virtual CPUs.
    Small,
    /// 7 GB and 4 virtual CPUs.
    Medium,
    /// 15 GB and 8 virtual CPUs.
    Large,
    /// 145 GB and 72 virtual CPUs.
    X2Large,
}

/// A variable of a build's environment.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildEnvironmentVariable {
    kind: BuildEnvironmentVariableType,
    value: Text,
}

/// What a variable of a build's environment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BuildEnvironmentVariableType {
    /// Its value.
    #[default]
    Plaintext,
    /// The name of a parameter in Parameter Store.
    ParameterStore,
    /// A secret in Secrets Manager.
    SecretsManager,
}

impl BuildEnvironmentVariableType {
    fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::ParameterStore => "PARAMETER_STORE",
            Self::SecretsManager => "SECRETS_MANAGER",
        }
    }
}

impl BuildEnvironmentVariable {
    /// A variable with a value.
    pub fn new(value: impl Into<Text>) -> Self {
        Self {
            kind: BuildEnvironmentVariableType::default(),
            value: value.into(),
        }
    }

    /// What the value is: the variable's own unless said.
    pub fn kind(mut self, kind: BuildEnvironmentVariableType) -> Self {
        self.kind = kind;
        self
    }

    /// The ARN of the parameter or secret that it names; what stands after a secret's name chooses a part of it.
    fn read(&self, scope: &Scope) -> Text {
        let before_colon = |text: &Text| text.split(":").into_iter().next().unwrap_or_default();
        match self.kind {
            BuildEnvironmentVariableType::ParameterStore => {
                let name = match self.value.as_literal() {
                    Some(name) => name.strip_prefix('/').unwrap_or(name).into(),
                    None => self.value.clone(),
                };
                scope.arn("ssm", Text::from("parameter/").then(name))
            }
            _ if self.value.starts_with("arn:") => {
                let secret = self.value.split(":");
                let secret = secret.get(..7).unwrap_or(&secret);
                Text::join(":", secret.iter().cloned()).then("*")
            }
            // A token is taken for the ARN of a secret.
            _ if self.value.as_literal().is_none() => before_colon(&self.value),
            _ => {
                let secret = Text::from("secret:").then(before_colon(&self.value));
                scope.arn("secretsmanager", secret.then("-??????"))
            }
        }
    }

    /// It under a name, as CodeBuild reads it.
    pub(crate) fn named(self, name: &str) -> Value {
        crate::object! {"Name": name, "Type": self.kind.name(), "Value": self.value}
    }
}

impl ComputeType {
    fn name(self) -> &'static str {
        match self {
            Self::Small => "BUILD_GENERAL1_SMALL",
            Self::Medium => "BUILD_GENERAL1_MEDIUM",
            Self::Large => "BUILD_GENERAL1_LARGE",
            Self::X2Large => "BUILD_GENERAL1_2XLARGE",
        }
    }
}

impl BuildSpec {
    /// What an object says: `object! { "version": "0.2", … }`.
    pub fn from_object(object: impl Into<Value>) -> Self {
        Self(indented(&object.into(), 0))
    }
}

impl Project {
    /// A project without sources, that runs the commands of a build specification with a role of its own.
    pub fn new(scope: &Scope, id: &str, build_spec: BuildSpec) -> Self {
        let place = scope.child(id);
        let role = Role::new(
            &place,
            "Role",
            Principal::service("codebuild.amazonaws.com"),
        );
        let environment = Rc::new(RefCell::new(Environment::standard(scope)));
        let written = environment.clone();
        let resource = CfnResource::new(&place, "Resource", "AWS::CodeBuild::Project")
            .property("Artifacts", crate::object! {"Type": "NO_ARTIFACTS"})
            .lazy_property("Environment", move || Some(written.borrow().to_value()))
            .property("ServiceRole", role.role_arn())
            .property(
                "Source",
                crate::object! {"BuildSpec": build_spec.0, "Type": "NO_SOURCE"},
            )
            .property("Cache", crate::object! {"Type": "NO_CACHE"})
            .property("EncryptionKey", "alias/aws/s3");
        let name = resource.reference();
        for statement in own_statements(&place, &name) {
            role.add_to_policy(statement);
        }
        Self {
            arn: resource.attribute("Arn"),
            name,
            made: Some(Made {
                resource,
                role,
                environment,
            }),
        }
    }

    /// A project that exists already, by its name.
    pub fn from_project_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let name = name.into();
        Self {
            made: None,
            arn: scope
                .child(id)
                .arn("codebuild", Text::from("project/").then(&name)),
            name,
        }
    }

    /// A project that exists already, by its ARN.
    pub fn from_project_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        scope.child(id);
        let arn = arn.into();
        Self {
            made: None,
            name: Arn::split(&arn).resource_name(ArnFormat::Slash),
            arn,
        }
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.property("Name", name.into())
    }

    /// The image that builds run in: `aws/codebuild/standard:7.0`.
    pub fn build_image(self, image: impl Into<Text>) -> Self {
        self.change(|environment| environment.build_image = image.into())
    }

    /// How much builds have of memory and processors; a small amount unless said.
    pub fn compute_type(self, kind: ComputeType) -> Self {
        self.change(|environment| environment.compute_type = kind)
    }

    /// Whether builds may run a Docker daemon.
    pub fn privileged(self, privileged: bool) -> Self {
        self.change(|environment| environment.privileged = privileged)
    }

    /// Variables of builds' environment. The project's role may read the parameters and secrets that they name.
    pub fn environment_variables<N: Into<String>>(
        self,
        variables: impl IntoIterator<Item = (N, BuildEnvironmentVariable)>,
    ) -> Self {
        let variables = variables.into_iter();
        let variables: Vec<_> = variables
            .map(|(name, variable)| (name.into(), variable))
            .collect();
        if let Some(made) = &self.made {
            for (kind, action) in [
                (
                    BuildEnvironmentVariableType::ParameterStore,
                    "ssm:GetParameters",
                ),
                (
                    BuildEnvironmentVariableType::SecretsManager,
                    "secretsmanager:GetSecretValue",
                ),
            ] {
                let of_kind = variables
                    .iter()
                    .filter(|(_, variable)| variable.kind == kind);
                let read = of_kind.map(|(_, variable)| variable.read(made.resource.scope()));
                let read: Vec<Text> = read.collect();
                if !read.is_empty() {
                    made.role.add_to_policy(Statement::allow([action], read));
                }
            }
        }
        self.change(|environment| environment.variables.extend(variables))
    }

    /// How long a build may take, in whole minutes.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.property("TimeoutInMinutes", timeout.to_minutes())
    }

    /// Sets a property of the resource: `("Visibility", "PRIVATE")`; nothing for an imported project.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(made) = &self.made {
            made.resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn project_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn project_name(&self) -> Text {
        self.name.clone()
    }

    fn change(self, change: impl FnOnce(&mut Environment)) -> Self {
        if let Some(made) = &self.made {
            change(&mut made.environment.borrow_mut());
        }
        self
    }
}

impl Grantable for Project {
    fn grant_role(&self) -> Option<Role> {
        self.made.as_ref().map(|made| made.role.clone())
    }
}

impl Environment {
    fn standard(scope: &Scope) -> Self {
        let version = match scope.has(Feature::Version2) {
            true => "7.0",
            false => "1.0",
        };
        Self {
            build_image: format!("aws/codebuild/standard:{version}").into(),
            compute_type: ComputeType::Small,
            privileged: false,
            variables: IndexMap::new(),
        }
    }

    fn to_value(&self) -> Value {
        let variables = self.variables.iter();
        let variables: Vec<Value> = variables
            .map(|(name, variable)| variable.clone().named(name))
            .collect();
        // AWS's own images are pulled by CodeBuild, others with the project's role.
        let own = self
            .build_image
            .as_literal()
            .is_some_and(|image| image.starts_with("aws/codebuild/"));
        Value::object([
            ("ComputeType", Some(self.compute_type.name().into())),
            (
                "EnvironmentVariables",
                (!variables.is_empty()).then_some(Value::List(variables)),
            ),
            ("Image", Some((&self.build_image).into())),
            (
                "ImagePullCredentialsType",
                Some(if own { "CODEBUILD" } else { "SERVICE_ROLE" }.into()),
            ),
            ("PrivilegedMode", Some(self.privileged.into())),
            ("Type", Some("LINUX_CONTAINER".into())),
        ])
    }
}

/// What every project does: it writes logs and reports.
fn own_statements(scope: &Scope, name: &Text) -> [Statement; 2] {
    let logs = scope.arn("logs", Text::from("log-group:/aws/codebuild/").then(name));
    let reports = Text::from("report-group/").then(name).then("-*");
    let logs = Statement::allow(
        [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
        [logs.clone(), logs.then(":*")],
    );
    let reports = Statement::allow(
        [
            "codebuild:CreateReportGroup",
            "codebuild:CreateReport",
            "codebuild:UpdateReport",
            "codebuild:BatchPutTestCases",
            "codebuild:BatchPutCodeCoverages",
        ],
        [scope.arn("codebuild", reports)],
    );
    [logs, reports]
}

/// A value as JSON with an indentation of two spaces; tokens stand within its strings.
fn indented(value: &Value, depth: usize) -> Text {
    let (open, items, close) = match value {
        Value::List(items) => {
            let items: Vec<Text> = items.iter().map(|item| indented(item, depth + 1)).collect();
            ("[", items, "]")
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let name = Text::from(format!("{}: ", serde_json::Value::from(name.as_str())));
                name.then(indented(value, depth + 1))
            });
            ("{", members.collect(), "}")
        }
        Value::Text(text) => return quoted(text),
        Value::Bool(value) => return value.to_string().into(),
        Value::Number(number) => return number.to_string().into(),
        Value::Lazy(lazy) | Value::JsonText(lazy) => {
            return indented(&lazy.value().unwrap_or_default(), depth);
        }
        Value::Null => return "null".into(),
    };
    if items.is_empty() {
        return Text::from(open).then(close);
    }
    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
    let mut text = Text::from(open);
    for (index, item) in items.into_iter().enumerate() {
        let separator = if index > 0 { "," } else { "" };
        text = text.then(separator).then(line(depth + 1)).then(item);
    }
    text.then(line(depth)).then(close)
}

fn quoted(text: &Text) -> Text {
    let literal = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        Text::from(&quoted[1..quoted.len() - 1])
    };
    let parts = text.parts().iter().map(|part| match part {
        Part::Literal(text) => literal(text),
        Part::Path(path) => literal(path.expression()),
        Part::Token(_) => part.clone().into(),
    });
    Text::from("\"").then(Text::concat(parts)).then("\"")
}
