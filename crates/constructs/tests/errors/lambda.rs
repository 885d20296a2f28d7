//! Functions and the tasks that call them.
//!
//! The CDK also refuses a function with both `architecture` and `architectures`, and asset code that is bound to two
//! stacks: here a function has one architecture, and code belongs to no stack.

use stepmill::prelude::*;

use super::{problems, refused, refused_with, unsupported};

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

fn invoke(stack: &Stack) -> LambdaInvoke {
    LambdaInvoke::new(stack, "Invoke", &function(stack))
}

/// That a function is refused for one reason.
#[track_caller]
fn wrong(property: &'static str, message: &str, build: impl FnOnce(&Stack)) {
    assert_eq!(problems(&[], build), [(Some(property), message.to_owned())]);
}

#[test]
fn patterns() {
    let pattern = IntegrationPattern::RunJob;
    unsupported("REQUEST_RESPONSE,WAIT_FOR_TASK_TOKEN", pattern, invoke);
    refused(
        "integration_pattern",
        "The RUN_JOB integration pattern is not supported for CallAwsServiceCrossRegion",
        |stack| cross_region(stack, "getObject").integration_pattern(pattern),
    );
}

#[test]
fn task_tokens() {
    refused(
        "payload",
        "Task Token is required in `payload` for callback. Use JsonPath.taskToken to set the token.",
        |stack| invoke(stack).integration_pattern(IntegrationPattern::WaitForTaskToken),
    );
    refused(
        "parameters",
        "Task Token is required in `parameters` for callback. Use JsonPath.taskToken to set the token.",
        |stack| {
            cross_region(stack, "getObject")
                .integration_pattern(IntegrationPattern::WaitForTaskToken)
        },
    );
}

#[test]
fn a_response_alone_leaves_nothing_else_to_say() {
    let message = "The 'payloadResponseOnly' property cannot be used if 'integrationPattern', \
                   'invocationType', 'clientContext', or 'qualifier' are specified.";
    refused("payload_response_only", message, |stack| {
        invoke(stack)
            .payload_response_only(true)
            .invocation_type(LambdaInvocationType::Event)
    });
    refused("payload_response_only", message, |stack| {
        invoke(stack)
            .payload_response_only(true)
            .integration_pattern(IntegrationPattern::RequestResponse)
    });
}

fn cross_region(stack: &Stack, action: &str) -> CallAwsServiceCrossRegion {
    CallAwsServiceCrossRegion::new(stack, "Call", "s3", action, ["*"], "eu-west-1")
}

#[test]
fn actions_begin_with_a_small_letter() {
    refused(
        "action",
        "action must be camelCase, got: GetObject",
        |stack| cross_region(stack, "GetObject"),
    );
}

#[test]
fn expressions_have_no_paths_in_texts() {
    let message = r#"state path(s) ["$.a","$.b"] are used as literal text inside a plain string in the EvaluateExpression 'expression'; a path inside a plain string used to be resolved but is no longer resolved - use a template literal with interpolation instead, e.g. `...${$.a}...`"#;
    refused("expression", message, |stack| {
        EvaluateExpression::new(stack, "Evaluate", r#"'$.a' + "$.b" + $.c"#)
    });
    let message = r#"state path(s) ["$.a"] are used as literal text inside a template literal in the EvaluateExpression 'expression'; a path in template text used to be resolved but is no longer resolved - reference it via interpolation like ${$.a} instead"#;
    refused("expression", message, |stack| {
        EvaluateExpression::new(stack, "Evaluate", "`$.a ${$.b}`")
    });
}

#[test]
fn expressions_run_on_node() {
    let evaluate = |stack: &Stack| EvaluateExpression::new(stack, "Evaluate", "$.a");
    let message = |name: &str| format!("The runtime {name} is currently not supported.");
    refused("runtime", &message("nodejs22.x"), |stack| {
        evaluate(stack).runtime(Runtime::NODEJS_22_X)
    });
    for features in [
        &[Feature::Version2][..],
        &[Feature::Version2, Feature::EvaluateExpressionSharedFunction],
    ] {
        refused_with(features, "runtime", &message("python3.13"), |stack| {
            evaluate(stack).runtime(Runtime::PYTHON_3_13)
        });
    }
}

#[test]
fn expressions_are_not_for_jsonata() {
    refused(
        "query_language",
        "EvaluateExpression takes values by paths; in JSONata, write the expression itself",
        |stack| EvaluateExpression::new(stack, "Evaluate", "$.a").jsonata(),
    );
}

#[test]
fn code_fits_its_runtime() {
    let make = |runtime: Runtime, handler: &'static str, code: Code| {
        move |stack: &Stack| drop(Function::new(stack, "Fn", &runtime, handler, code))
    };
    let image = || Code::from_image_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders:1");
    wrong(
        "handler",
        "handler must be `Handler.FROM_IMAGE` when using image asset for Lambda function",
        make(Runtime::FROM_IMAGE, "index.handler", image()),
    );
    wrong(
        "runtime",
        "runtime must be `Runtime.FROM_IMAGE` when using image asset for Lambda function",
        make(Runtime::NODEJS_22_X, Handler::FROM_IMAGE, image()),
    );
    wrong(
        "handler",
        "handler must be `Handler.FROM_IMAGE` when using image asset for Lambda function",
        make(Runtime::NODEJS_22_X, Handler::FROM_IMAGE, inline()),
    );
    wrong(
        "code",
        "Inline source not allowed for java21",
        make(Runtime::JAVA_21, "index.handler", inline()),
    );
    wrong(
        "code",
        "Lambda inline code cannot be empty",
        make(Runtime::NODEJS_22_X, "index.handler", Code::from_inline("")),
    );
    wrong(
        "code",
        "Lambda source is too large, must be <= 4096 but is 4097",
        make(
            Runtime::NODEJS_22_X,
            "index.handler",
            Code::from_inline("x".repeat(4097)),
        ),
    );
    wrong(
        "code",
        "Asset must be a .zip file or a directory (Cargo.toml)",
        make(
            Runtime::NODEJS_22_X,
            "index.handler",
            Code::from_asset("Cargo.toml"),
        ),
    );
}

#[test]
fn names_and_descriptions() {
    wrong(
        "with_function_name",
        "Function name can not be longer than 64 characters but has 65 characters.",
        |stack| drop(function(stack).with_function_name("x".repeat(65))),
    );
    wrong(
        "with_function_name",
        "Function name a b can contain only letters, numbers, hyphens, or underscores with no spaces.",
        |stack| drop(function(stack).with_function_name("a b")),
    );
    wrong(
        "description",
        "Function description can not be longer than 256 characters but has 257 characters.",
        |stack| drop(function(stack).description("x".repeat(257))),
    );
}

#[test]
fn storage() {
    for size in [511, 10241] {
        wrong(
            "ephemeral_storage_size",
            &format!(
                "Ephemeral storage size must be between 512 and 10240 MB, received {size} mebibytes."
            ),
            |stack| drop(function(stack).ephemeral_storage_size(Size::mebibytes(size))),
        );
    }
}

#[test]
fn layers() {
    let layer = |stack: &Stack, id: &str| {
        LayerVersion::new(stack, id, Code::from_bucket("bucket", "layer.zip"))
    };
    wrong(
        "layers",
        "This lambda function uses a runtime that is incompatible with this layer (nodejs22.x is not in [python3.12, python3.13])",
        |stack| {
            let runtimes = [Runtime::PYTHON_3_12, Runtime::PYTHON_3_13];
            function(stack).add_layers([&layer(stack, "Layer").compatible_runtimes(runtimes)]);
        },
    );
    wrong(
        "layers",
        "Unable to add layer: this lambda function already uses 5 layers.",
        |stack| {
            let layers: Vec<_> = (0..6).map(|n| layer(stack, &format!("Layer{n}"))).collect();
            function(stack).add_layers(&layers);
        },
    );
    wrong(
        "layers",
        "Layers are not supported for container image functions",
        |stack| {
            let code = Code::from_image_uri("image");
            let image = Function::new(stack, "Fn", &Runtime::FROM_IMAGE, Handler::FROM_IMAGE, code);
            image.add_layers([&layer(stack, "Layer")]);
        },
    );
    wrong(
        "compatible_runtimes",
        "Attempted to define a Lambda layer that supports no runtime!",
        |stack| drop(layer(stack, "Layer").compatible_runtimes([])),
    );
    wrong(
        "compatible_runtimes",
        "Attempted to import a Lambda layer that supports no runtime!",
        |stack| {
            let layer = LayerVersion::from_layer_version_arn(stack, "Layer", "arn");
            drop(layer.compatible_runtimes([]));
        },
    );
    wrong(
        "code",
        "Inline code is not supported for AWS Lambda layers",
        |stack| drop(LayerVersion::new(stack, "Layer", inline())),
    );
    wrong("code", "Code must define an S3 location", |stack| {
        drop(LayerVersion::new(
            stack,
            "Layer",
            Code::from_image_uri("image"),
        ));
    });
}

#[test]
fn versions_and_aliases() {
    let message = "provisionedConcurrentExecutions must have value greater than or equal to 1";
    wrong("provisioned_concurrent_executions", message, |stack| {
        drop(Version::new(stack, "V", &function(stack)).provisioned_concurrent_executions(0));
    });
    let alias = |stack: &Stack, weights: [f64; 2]| {
        let version = Version::new(stack, "V", &function(stack));
        let weights = weights.map(|weight| VersionWeight {
            version: version.clone(),
            weight,
        });
        drop(version.add_alias("live").additional_versions(weights));
    };
    wrong(
        "additional_versions",
        "Additional version weight must be between 0 and 1, got: 1.5",
        |stack| alias(stack, [0.5, 1.5]),
    );
    wrong(
        "additional_versions",
        "Sum of additional version weights must not exceed 1, got: 1.25",
        |stack| alias(stack, [0.5, 0.75]),
    );
}

#[test]
fn permissions() {
    let message = "Cannot modify permission to lambda function. Function is either imported or $LATEST version.\n\
                   If the function is imported from the same account use `from_function_attributes` with `same_environment`.";
    wrong("add_permission", message, |stack| {
        let imported = Function::from_function_arn(
            stack,
            "Fn",
            "arn:aws:lambda:eu-central-1:111122223333:function:orders",
        );
        imported.add_permission("S3", Permission::to("s3.amazonaws.com"));
    });
    wrong("add_permission", message, |stack| {
        let latest = function(stack).latest_version();
        latest.add_permission("S3", Permission::to("s3.amazonaws.com"));
    });
    wrong(
        "grant_invoke",
        "the policy of the one who is to call cannot be changed; use add_permission for services and accounts",
        |stack| drop(function(stack).grant_invoke(&Principal::service("s3.amazonaws.com"))),
    );
}
