//! Evaluates an expression in a function.

use serde_json::Value as Json;

use super::expression_paths::{Literal, paths, paths_in_literals};
use crate::core::{EmbeddedFile, Feature, Problem, Scope};
use crate::iam::{Principal, Role};
use crate::resources::{Architecture, Code, Function, Runtime, SingletonFunction};
use crate::states::{StateOptions, TaskDefinition, TaskMetrics, TaskScope, task_state};
use crate::value::{JsonPath, Object, Value};

const HANDLER: &[EmbeddedFile] = &[EmbeddedFile {
    name: "index.js",
    text: include_str!("../../assets/evaluate-expression/index.js"),
}];

/// What the functions are for, by which the CDK names those that tasks share.
const PURPOSE: &str = "Eval";

/// The id of the role that functions of their own share.
const SHARED_ROLE: &str = "EvalServiceRolef4f556a4ef7a49cd8036c5b0567376fd";

/// Evaluates a JavaScript expression in a function that the stack gets for it.
///
/// The result is what the expression gives. Paths in it stand for their values: `$.a + $.b`. A path within the quotes
/// of a text is refused: a template literal has what is meant, `` `a is ${$.a}` ``.
///
/// Stepmill evaluates it itself where it runs a template or cloud assembly with this task: no Node.js is needed.
#[derive(Debug, Clone)]
#[must_use]
pub struct EvaluateExpression {
    scope: Scope,
    options: StateOptions,
    expression: String,
    runtime: Option<Runtime>,
    architecture: Architecture,
}

impl EvaluateExpression {
    /// Evaluates an expression.
    pub fn new(scope: &Scope, id: &str, expression: impl Into<String>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            expression: expression.into(),
            runtime: None,
            architecture: Architecture::default(),
        }
    }

    /// What the function runs on: a version of Node.js; 14 unless said, as of version 2 the latest.
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// The processor that the function runs on; Intel's unless said.
    pub fn architecture(mut self, architecture: Architecture) -> Self {
        self.architecture = architecture;
        self
    }
}

task_state!(EvaluateExpression, define);

fn define(evaluate: EvaluateExpression, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    check(&evaluate.expression)?;
    if task.is_jsonata() {
        let message =
            "EvaluateExpression takes values by paths; in JSONata, write the expression itself";
        return Err(Problem::property("query_language", message));
    }
    let function = function(&evaluate, task)?;
    let values = paths(&evaluate.expression).map(|(_, path)| {
        let value = JsonPath::string_at(path);
        (path.to_owned(), Value::from(value))
    });
    let values: Object = values.collect();
    let parameters = crate::object! {
        "expression": evaluate.expression,
        "expressionAttributeValues": values,
    };
    Ok(TaskDefinition {
        resource: function.function_arn(),
        parameters: Some(parameters),
        statements: vec![function.invocation()],
        metrics: TaskMetrics::default(),
    })
}

/// That no path is in a text, where nothing would be put in its place.
fn check(expression: &str) -> Result<(), Problem> {
    let found = paths_in_literals(expression);
    let names = |kind| -> Vec<&str> {
        let of_kind = found.iter().filter(|(_, literal)| *literal == kind);
        of_kind.map(|(path, _)| *path).collect()
    };
    let (plain, template) = (names(Literal::Plain), names(Literal::Template));
    let message = if let Some(first) = plain.first() {
        format!(
            "state path(s) {} are used as literal text inside a plain string in the EvaluateExpression 'expression'; \
             a path inside a plain string used to be resolved but is no longer resolved - use a template literal \
             with interpolation instead, e.g. `...${{{first}}}...`",
            Json::from(plain.clone())
        )
    } else if let Some(first) = template.first() {
        format!(
            "state path(s) {} are used as literal text inside a template literal in the EvaluateExpression \
             'expression'; a path in template text used to be resolved but is no longer resolved - reference it \
             via interpolation like ${{{first}}} instead",
            Json::from(template.clone())
        )
    } else {
        return Ok(());
    };
    Err(Problem::property("expression", message))
}

fn function(evaluate: &EvaluateExpression, task: &TaskScope) -> Result<Function, Problem> {
    let version_2 = task.features().has(Feature::Version2);
    let runtime = evaluate.runtime.as_ref();
    let unsupported = |runtime: &Runtime| {
        let message = format!("The runtime {} is currently not supported.", runtime.name());
        Err(Problem::property("runtime", message))
    };
    let default = match version_2 {
        true => Runtime::NODEJS_LATEST,
        false => Runtime::NODEJS_14_X,
    };
    let shared = task
        .features()
        .has(Feature::EvaluateExpressionSharedFunction);
    if version_2 && !shared {
        let runtime = runtime.unwrap_or(&default);
        return match runtime.is_nodejs() {
            true => Ok(dedicated(evaluate, &task.scope, runtime)),
            false => unsupported(runtime),
        };
    }
    let uuid = match version_2 {
        true => uuid(runtime, evaluate.architecture),
        false => uuid_of_version_1(runtime.unwrap_or(&default)),
    };
    let runtime = runtime.unwrap_or(&default);
    let Some(uuid) = uuid else {
        return unsupported(runtime);
    };
    let code = Code::embedded(HANDLER);
    let function = SingletonFunction::new(
        &task.scope,
        "EvalFunction",
        uuid,
        PURPOSE,
        runtime,
        "index.handler",
        code,
    );
    Ok(on(evaluate.architecture, &function))
}

/// A function for this task alone. All such functions of a stack act with one role, which cannot be allowed more.
fn dedicated(evaluate: &EvaluateExpression, scope: &Scope, runtime: &Runtime) -> Function {
    let stack = scope.stack_scope();
    let role = if let Some(role) = stack.singleton(SHARED_ROLE) {
        role.attach(&stack.existing_child(SHARED_ROLE))
    } else {
        let service = Principal::service("lambda.amazonaws.com");
        let role = Role::new(&stack, SHARED_ROLE, service);
        role.add_aws_managed_policy("service-role/AWSLambdaBasicExecutionRole");
        stack.add_singleton(SHARED_ROLE, role.detached());
        role
    };
    let code = Code::embedded(HANDLER);
    let function =
        Function::with_role(scope, "EvalFunction", runtime, "index.handler", code, &role);
    on(evaluate.architecture, &function)
}

/// The function on a processor; Intel's is what a function runs on if nothing is said.
fn on(architecture: Architecture, function: &Function) -> Function {
    match architecture {
        Architecture::X86_64 => function.clone(),
        Architecture::Arm64 => function.clone().architecture(architecture),
    }
}

/// By what the function of a runtime is known in version 1.
fn uuid_of_version_1(runtime: &Runtime) -> Option<&'static str> {
    match runtime.name() {
        "nodejs14.x" => Some("2b81e383-aad2-44db-8aaf-b4809ae0e3b4"),
        "nodejs10.x" => Some("a0d2ce44-871b-4e74-87a1-f5e63d7c3bdc"),
        _ => None,
    }
}

/// UUIDs of functions by their runtime; the last is that of no particular one.
type Uuids = [(Option<&'static str>, &'static str); 9];

/// By what the functions are known in version 2, which has the UUIDs of version 1 as well: on Intel's processors.
const X86_64: Uuids = [
    (Some("nodejs24.x"), "a5c17f50-0de1-497b-8ec0-fabdc9086cc5"),
    (Some("nodejs22.x"), "b64e1fb8-9c89-4f7d-8a34-2e2a1c5f6d7e"),
    (Some("nodejs20.x"), "9757c267-6d7c-45c2-af77-37a30d93d2c6"),
    (Some("nodejs18.x"), "078d40d3-fb4e-4d53-94a7-9c46fc11fe02"),
    (Some("nodejs16.x"), "2a430b68-eb4b-4026-9232-ee39b71c1db8"),
    (Some("nodejs14.x"), "da2d1181-604e-4a45-8694-1a6abd7fe42d"),
    (Some("nodejs12.x"), "2b81e383-aad2-44db-8aaf-b4809ae0e3b4"),
    (Some("nodejs10.x"), "a0d2ce44-871b-4e74-87a1-f5e63d7c3bdc"),
    (None, "41256dc5-4457-4273-8ed9-17bc818694e5"),
];

/// And on Arm's.
const ARM64: Uuids = [
    (Some("nodejs24.x"), "1662dbae-12a4-4a04-86f0-29531a7be268"),
    (Some("nodejs22.x"), "672bfe19-76c9-448b-9584-ee75ca09edbf"),
    (Some("nodejs20.x"), "105f0693-c082-4e9b-83f3-9007507676f0"),
    (Some("nodejs18.x"), "b1565b13-7d88-4f24-ac63-f9b23c325a55"),
    (Some("nodejs16.x"), "8fa21b46-1d7c-445d-be08-6bbea646eb37"),
    (Some("nodejs14.x"), "cadc099b-465f-4267-afe0-e0037d263401"),
    (Some("nodejs12.x"), "abcd5ad4-b1eb-48f1-bec5-41d6f5c82caa"),
    (Some("nodejs10.x"), "886204b9-1f2d-40bd-8a7e-628543da4f93"),
    (None, "be6d8ca1-9d2c-4db3-aeeb-f6f27f3f2f10"),
];

fn uuid(runtime: Option<&Runtime>, architecture: Architecture) -> Option<&'static str> {
    let uuids = match architecture {
        Architecture::X86_64 => X86_64,
        Architecture::Arm64 => ARM64,
    };
    let runtime = runtime.map(Runtime::name);
    let found = uuids.into_iter().find(|(of, _)| *of == runtime);
    found.map(|(_, uuid)| uuid)
}

/// Whether a function of a template is one that [`EvaluateExpression`] deploys, be it of these constructs or the CDK's.
///
/// It is known by what nobody else writes: the logical id of a function that tasks share has one of the CDK's UUIDs, and
/// functions for one task each have a role whose logical id has another.
pub fn evaluates_expressions(logical_id: &str, properties: &Json) -> bool {
    // Where the region is not known, the latest version is looked up in a mapping.
    let runtime = properties["Runtime"].as_str();
    let is_handler = properties["Handler"] == "index.handler"
        && runtime.is_none_or(|runtime| runtime.starts_with("nodejs"));
    let role = properties["Role"]["Fn::GetAtt"][0].as_str();
    let is_shared = |uuid: &str| without_hash(logical_id) == format!("{PURPOSE}{}", slug(uuid));
    is_handler
        && (role.is_some_and(|role| without_hash(role) == SHARED_ROLE)
            || X86_64.iter().chain(&ARM64).any(|(_, uuid)| is_shared(uuid)))
}

/// A UUID as it stands in a logical id.
fn slug(uuid: &str) -> String {
    uuid.replace('-', "")
}

/// A logical id without the eight digits of the path's hash at its end.
fn without_hash(logical_id: &str) -> &str {
    let end = logical_id.len().saturating_sub(8);
    logical_id.get(..end).unwrap_or_default()
}
