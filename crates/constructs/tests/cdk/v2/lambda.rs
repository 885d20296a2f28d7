//! Lambda: functions that are called, and one that calls other regions.

use stepmill::prelude::*;

super::examples![
    aws_sdk_cross_region,
    jsonata_lambda,
    jsonata_lambda_default_payload
];

fn invoke(stack: &Stack) -> LambdaInvoke {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let function = Function::new(stack, "Fn", &Runtime::NODEJS_22_X, "index.handler", code);
    LambdaInvoke::new(stack, "T", &function).jsonata()
}

fn aws_sdk_cross_region(stack: &Stack) {
    let bucket = ["arn:aws:s3:::b/*"];
    let call = CallAwsServiceCrossRegion::new(stack, "T", "s3", "getObject", bucket, "eu-west-1")
        .parameters(object! { "Bucket": "b", "Key": JsonPath::string_at("$.k") });
    StateMachine::new(stack, "Machine", call);
}

fn jsonata_lambda(stack: &Stack) {
    let task = invoke(stack)
        .payload(TaskInput::from_object(
            object! { "a": "{% $states.input.a + 1 %}" },
        ))
        .assign(object! { "total": "{% $states.result.Payload.total %}", "fixed": 3 })
        .outputs("{% $states.result.Payload %}");
    StateMachine::new(stack, "Machine", task);
}

fn jsonata_lambda_default_payload(stack: &Stack) {
    StateMachine::new(stack, "Machine", invoke(stack));
}
