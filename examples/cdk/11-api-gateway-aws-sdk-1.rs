//! API Gateway: AWS SDK (1)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let my_bucket = Bucket::new(stack, "MyBucket");

    let parameters = object! {
        "Bucket": my_bucket.bucket_name(),
        "Key": JsonPath::string_at("$.key"),
    };
    let get_object = CallAwsService::new(stack, "GetObject", "s3", "getObject", [my_bucket.arn_for_objects("*")])
        .parameters(parameters);

    vec![get_object.build()]
}
