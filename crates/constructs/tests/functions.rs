//! Functions with all that can be said of them, their versions and layers, and the tasks that make functions.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use serde_json::{Value as Json, json};
use stepmill::prelude::*;
use stepmill::template::evaluates_expressions;

fn inline() -> Code {
    Code::from_inline("exports.handler = async (event) => event;")
}

fn function(stack: &Stack) -> Function {
    Function::new(
        stack,
        "Fn",
        &Runtime::NODEJS_22_X,
        "index.handler",
        inline(),
    )
}

fn template(build: impl FnOnce(&Stack)) -> Json {
    template_with(&[], build)
}

fn template_with(features: &[Feature], build: impl FnOnce(&Stack)) -> Json {
    let app = features.iter().copied().fold(App::new(), App::feature);
    let stack = Stack::new(&app, "Stack");
    build(&stack);
    stack.template().unwrap().body
}

/// The resources of a type with their logical ids.
fn of_type<'a>(template: &'a Json, kind: &str) -> Vec<(&'a str, &'a Json)> {
    let resources = template["Resources"].as_object().unwrap().iter();
    let of_type = resources.filter(|(_, resource)| resource["Type"] == kind);
    of_type
        .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
        .collect()
}

#[test]
fn everything_that_can_be_said() {
    let template = template(|stack| {
        let layer = LayerVersion::new(stack, "Layer", Code::from_bucket("bucket", "layer.zip"))
            .compatible_runtimes([Runtime::NODEJS_22_X])
            .compatible_architectures([Architecture::Arm64])
            .license("MIT");
        let known = LayerVersion::from_layer_version_arn(stack, "Known", "arn:layer:1");
        function(stack)
            .with_function_name("orders")
            .description("Takes orders.")
            .environment("TABLE", "orders")
            .environment("REGION", stack.region())
            .timeout(Duration::minutes(1))
            .memory_size(Size::gibibytes(1))
            .ephemeral_storage_size(Size::mebibytes(1024))
            .architecture(Architecture::Arm64)
            .reserved_concurrent_executions(5)
            .tracing(Tracing::Active)
            .layers([&layer, &known])
            .property("SnapStart", object! { "ApplyOn": "PublishedVersions" });
    });
    let [(id, properties)] = of_type(&template, "AWS::Lambda::Function")[..] else {
        panic!()
    };
    assert_eq!(id, "Fn9270CBC0");
    let [(layer, layer_properties)] = of_type(&template, "AWS::Lambda::LayerVersion")[..] else {
        panic!()
    };
    assert_eq!(
        *properties,
        json!({
            "Code": {"ZipFile": "exports.handler = async (event) => event;"},
            "Role": {"Fn::GetAtt": ["FnServiceRoleB9001A96", "Arn"]},
            "Handler": "index.handler",
            "Runtime": "nodejs22.x",
            "FunctionName": "orders",
            "Description": "Takes orders.",
            "Environment": {"Variables": {"TABLE": "orders", "REGION": {"Ref": "AWS::Region"}}},
            "Timeout": 60,
            "MemorySize": 1024,
            "EphemeralStorage": {"Size": 1024},
            "Architectures": ["arm64"],
            "ReservedConcurrentExecutions": 5,
            "TracingConfig": {"Mode": "Active"},
            "Layers": [{"Ref": layer}, "arn:layer:1"],
            "SnapStart": {"ApplyOn": "PublishedVersions"},
        })
    );
    assert_eq!(
        *layer_properties,
        json!({
            "Content": {"S3Bucket": "bucket", "S3Key": "layer.zip"},
            "CompatibleRuntimes": ["nodejs22.x"],
            "CompatibleArchitectures": ["arm64"],
            "LicenseInfo": "MIT",
        })
    );
    let [(_, policy)] = of_type(&template, "AWS::IAM::Policy")[..] else {
        panic!()
    };
    let tracing = &policy["PolicyDocument"]["Statement"][0]["Action"];
    assert_eq!(
        *tracing,
        json!(["xray:PutTraceSegments", "xray:PutTelemetryRecords"])
    );
}

#[test]
fn code_from_elsewhere() {
    let template = template(|stack| {
        let role = Role::from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/orders");
        let code = Code::from_bucket_version("bucket", "code.zip", "3");
        let runtime = Runtime::of("nodejs99.x");
        Function::with_role(stack, "Stored", &runtime, "index.handler", code, &role);
        let options = ImageOptions {
            cmd: Some(vec!["orders.handler".to_owned()]),
            entrypoint: None,
            working_directory: Some("/orders".to_owned()),
        };
        let code = Code::from_image_uri_with_options("image:1", options);
        let (runtime, handler) = (&Runtime::FROM_IMAGE, Handler::FROM_IMAGE);
        Function::with_role(stack, "Image", runtime, handler, code, &role);
    });
    let role = "arn:aws:iam::111122223333:role/orders";
    let functions = of_type(&template, "AWS::Lambda::Function");
    assert_eq!(
        *functions[0].1,
        json!({
            "Code": {"S3Bucket": "bucket", "S3Key": "code.zip", "S3ObjectVersion": "3"},
            "Role": role,
            "Handler": "index.handler",
            "Runtime": "nodejs99.x",
        })
    );
    assert_eq!(
        *functions[1].1,
        json!({
            "Code": {"ImageUri": "image:1"},
            "ImageConfig": {"Command": ["orders.handler"], "WorkingDirectory": "/orders"},
            "Role": role,
            "PackageType": "Image",
        })
    );
    assert!(of_type(&template, "AWS::IAM::Role").is_empty());
}

/// The statements of a machine that calls a function.
fn statements(build: impl FnOnce(&Stack) -> Function) -> Json {
    let template = template(|stack| {
        let function = build(stack);
        StateMachine::new(
            stack,
            "Machine",
            LambdaInvoke::new(stack, "Call", &function),
        );
    });
    let policies = of_type(&template, "AWS::IAM::Policy");
    let (_, policy) = policies
        .iter()
        .find(|(id, _)| id.starts_with("Machine"))
        .unwrap();
    policy["PolicyDocument"]["Statement"].clone()
}

#[test]
fn versions_and_aliases_are_allowed_alone() {
    let arn = json!({"Fn::GetAtt": ["Fn9270CBC0", "Arn"]});
    let all = statements(function);
    assert_eq!(
        all[0]["Resource"],
        json!([arn, {"Fn::Join": ["", [arn, ":*"]]}])
    );
    let version = statements(|stack| Function::clone(&Version::new(stack, "V", &function(stack))));
    assert_eq!(version[0]["Resource"], json!({"Ref": "V293ADB39"}));
    let latest = statements(|stack| Function::clone(&function(stack).latest_version()));
    assert_eq!(
        latest[0]["Resource"],
        json!({"Fn::Join": ["", [arn, ":$LATEST"]]})
    );
    let alias = statements(|stack| Function::clone(&function(stack).add_alias("live")));
    assert_eq!(alias[0]["Resource"], json!({"Ref": "FnAliaslive17DB7803"}));
    let known = "arn:aws:lambda:eu-central-1:111122223333:function:orders";
    let imported = statements(|stack| Function::from_function_arn(stack, "Fn", known));
    assert_eq!(
        imported[0]["Resource"],
        json!([known, format!("{known}:*")])
    );
    let imported = statements(|stack| {
        let version = Version::from_version_arn(stack, "V", format!("{known}:7"));
        Function::clone(&Alias::from_alias_attributes(stack, "A", "live", &version))
    });
    assert_eq!(imported[0]["Resource"], format!("{known}:live"));
}

#[test]
fn the_current_version_follows_the_function() {
    let version = |build: fn(Function) -> Function| {
        let template = template(|stack| {
            let function = function(stack);
            let version = function.current_version();
            // What is said afterwards counts, and the version is the same one.
            let function = build(function);
            assert_eq!(
                function.current_version().function_arn(),
                version.function_arn()
            );
            Output::new(stack, "Version", version.version());
        });
        let [(id, properties)] = of_type(&template, "AWS::Lambda::Version")[..] else {
            panic!()
        };
        assert_eq!(properties["FunctionName"], json!({"Ref": "Fn9270CBC0"}));
        assert_eq!(
            template["Outputs"]["Version"]["Value"],
            json!({"Fn::GetAtt": [id, "Version"]})
        );
        id.to_owned()
    };
    let plain = version(|function| function);
    assert_eq!(plain, version(|function| function));
    assert!(plain.starts_with("FnCurrentVersion17A89ABB"), "{plain}");
    assert_eq!(plain.len(), "FnCurrentVersion17A89ABB".len() + 32);
    assert_ne!(plain, version(|function| function.environment("A", "b")));
    // What a version does not keep makes no new one.
    assert_eq!(
        plain,
        version(|function| function.reserved_concurrent_executions(1))
    );
}

#[test]
fn aliases_and_permissions() {
    let template = template(|stack| {
        let function = function(stack);
        let one = Version::new(stack, "One", &function).description("first");
        let two = Version::new(stack, "Two", &function);
        let alias = Alias::new(stack, "Alias", "live", &one)
            .description("what runs")
            .provisioned_concurrent_executions(2)
            .additional_versions([VersionWeight {
                version: two,
                weight: 0.25,
            }]);
        alias.add_permission(
            "S3",
            Permission {
                source_arn: Some("arn:aws:s3:::bucket".into()),
                ..Permission::to("s3.amazonaws.com")
            },
        );
        let role = Role::new(stack, "Role", Principal::service("ec2.amazonaws.com"));
        alias.grant_invoke(&role);
        Output::new(stack, "Name", alias.function_name());
    });
    let [(alias, properties)] = of_type(&template, "AWS::Lambda::Alias")[..] else {
        panic!()
    };
    let version = |id: &str| json!({"Fn::GetAtt": [id, "Version"]});
    let versions = of_type(&template, "AWS::Lambda::Version");
    assert_eq!(
        *properties,
        json!({
            "FunctionName": {"Ref": "Fn9270CBC0"},
            "FunctionVersion": version(versions[0].0),
            "Name": "live",
            "Description": "what runs",
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2},
            "RoutingConfig": {"AdditionalVersionWeights": [
                {"FunctionVersion": version(versions[1].0), "FunctionWeight": 0.25},
            ]},
        })
    );
    let [(_, permission)] = of_type(&template, "AWS::Lambda::Permission")[..] else {
        panic!()
    };
    assert_eq!(
        *permission,
        json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": alias},
            "Principal": "s3.amazonaws.com",
            "SourceArn": "arn:aws:s3:::bucket",
        })
    );
    let [(_, policy)] = of_type(&template, "AWS::IAM::Policy")[..] else {
        panic!()
    };
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Resource"], json!({"Ref": alias}));
    let name = json!({"Fn::Join": ["", [
        {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": alias}]}]}, ":live",
    ]]});
    assert_eq!(template["Outputs"]["Name"]["Value"], name);
}

#[test]
fn singletons_are_made_once_and_share_their_role() {
    let template = template(|stack| {
        for (id, action) in [("A", "s3:GetObject"), ("B", "s3:PutObject")] {
            let function = SingletonFunction::new(
                stack,
                id,
                "0f0e-1",
                "Purpose",
                &Runtime::NODEJS_22_X,
                "index.handler",
                inline(),
            );
            function.add_to_role_policy(Statement::allow([action], ["*"]));
        }
    });
    let [(id, _)] = of_type(&template, "AWS::Lambda::Function")[..] else {
        panic!()
    };
    assert!(id.starts_with("Purpose0f0e1"), "{id}");
    let [(_, policy)] = of_type(&template, "AWS::IAM::Policy")[..] else {
        panic!()
    };
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let actions: Vec<_> = statements
        .iter()
        .map(|statement| &statement["Action"])
        .collect();
    assert_eq!(actions, ["s3:GetObject", "s3:PutObject"]);
}

/// Two expressions: the functions that they get, as `runtime architecture`, and how many roles these have.
fn expressions(features: &[Feature], architecture: Architecture) -> (Vec<String>, usize) {
    let template = template_with(features, |stack| {
        let one = EvaluateExpression::new(stack, "One", "$.a + 1").architecture(architecture);
        let two = EvaluateExpression::new(stack, "Two", "$.b + 1").architecture(architecture);
        StateMachine::new(stack, "Machine", one.next(two));
    });
    let functions = of_type(&template, "AWS::Lambda::Function").into_iter();
    let functions = functions.map(|(_, function)| {
        let architecture = function["Architectures"][0].as_str().unwrap_or_default();
        format!("{} {architecture}", function["Runtime"].as_str().unwrap())
    });
    let roles = of_type(&template, "AWS::IAM::Role").into_iter();
    let roles = roles.filter(|(id, _)| id.starts_with("Eval")).count();
    (functions.collect(), roles)
}

#[test]
fn expressions_share_a_function_or_have_their_own() {
    let (intel, arm) = (Architecture::X86_64, Architecture::Arm64);
    let one = |text: &str| (vec![text.to_owned()], 1);
    assert_eq!(expressions(&[], intel), one("nodejs14.x "));
    let shared = [Feature::Version2, Feature::EvaluateExpressionSharedFunction];
    assert_eq!(expressions(&shared, intel), one("nodejs24.x "));
    assert_eq!(expressions(&shared, arm), one("nodejs24.x arm64"));
    let own = "nodejs24.x arm64".to_owned();
    assert_eq!(
        expressions(&[Feature::Version2], arm),
        (vec![own.clone(), own], 1)
    );
}

#[test]
fn calls_of_other_regions_share_a_function_that_is_allowed_what_all_need() {
    let template = template(|stack| {
        let call = |id: &str, service: &str, action: &str| {
            CallAwsServiceCrossRegion::new(stack, id, service, action, ["*"], "eu-west-1")
        };
        let more = Statement::allow(["kms:Decrypt"], ["*"]);
        let chain = call("One", "sfn", "startExecution")
            .additional_iam_statements([more])
            .next(call("Two", "cloudwatch-logs", "putLogEvents"))
            .next(call("Three", "s3", "getObject").iam_action("s3:GetObject"));
        StateMachine::new(stack, "Machine", chain);
    });
    let [(_, function)] = of_type(&template, "AWS::Lambda::Function")[..] else {
        panic!()
    };
    assert_eq!(function["Timeout"], 30);
    let policies = of_type(&template, "AWS::IAM::Policy");
    let (_, policy) = policies
        .iter()
        .find(|(id, _)| id.starts_with("CrossRegion"))
        .unwrap();
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let actions: Vec<_> = statements
        .iter()
        .map(|statement| &statement["Action"])
        .collect();
    assert_eq!(
        actions,
        [
            "states:startExecution",
            "kms:Decrypt",
            "logs:putLogEvents",
            "s3:GetObject"
        ]
    );
}

#[test]
fn functions_that_evaluate_expressions_are_known() {
    for features in [
        &[][..],
        &[Feature::Version2],
        &[Feature::Version2, Feature::EvaluateExpressionSharedFunction],
    ] {
        for architecture in [Architecture::X86_64, Architecture::Arm64] {
            let template = template_with(features, |stack| {
                let evaluate = EvaluateExpression::new(stack, "Evaluate", "$.a + 1");
                let code = Code::from_inline("exports.handler = async () => 1;");
                let runtime = Runtime::NODEJS_22_X;
                let other = Function::new(stack, "EvalFunction", &runtime, "index.handler", code);
                let invoke = LambdaInvoke::new(stack, "Invoke", &other);
                let evaluate = evaluate.architecture(architecture);
                StateMachine::new(stack, "Machine", evaluate.next(invoke));
            });
            let functions = of_type(&template, "AWS::Lambda::Function");
            let (known, others): (Vec<_>, Vec<_>) = functions
                .into_iter()
                .partition(|(id, function)| evaluates_expressions(id, function));
            assert_eq!((known.len(), others.len()), (1, 1), "{features:?}");
            assert!(others[0].1["Code"]["ZipFile"].is_string());
            // Not if it runs something else.
            let mut changed = known[0].1.clone();
            changed["Runtime"] = json!("python3.12");
            assert!(!evaluates_expressions(known[0].0, &changed));
        }
    }
    // As version 1.200.0 and 2.276.0 of the CDK write them.
    let function = json!({"Handler": "index.handler", "Runtime": "nodejs14.x"});
    let id = "Eval2b81e383aad244db8aafb4809ae0e3b4F6842FF0";
    assert!(evaluates_expressions(id, &function));
    let latest =
        json!({"Fn::FindInMap": ["LatestNodeRuntimeMap", {"Ref": "AWS::Region"}, "value"]});
    let latest = json!({"Handler": "index.handler", "Runtime": latest});
    assert!(evaluates_expressions(
        "Eval41256dc5445742738ed917bc818694e54EB1134F",
        &latest
    ));
    assert!(!evaluates_expressions("EvalF6842FF0", &function));
    assert!(!evaluates_expressions("ü", &function));
}
