//! API Gateway: AWS SDK (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let list_buckets = CallAwsService::new(stack, "ListBuckets", "s3", "listBuckets", ["*"])
        .iam_action("s3:ListAllMyBuckets");

    vec![list_buckets.build()]
}
