//! SageMaker: Create Transform Job

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let source = TransformS3DataSource::new("s3://inputbucket/train").s3_data_type(S3DataType::S3Prefix);
    let input = TransformInput::new(TransformDataSource::new(source));
    let output = TransformOutput::new("s3://outputbucket/TransformJobOutputPath");
    let client = ModelClientOptions::new()
        .invocations_max_retries(3) // default is 0
        .invocations_timeout(Duration::minutes(5)); // default is 60 seconds
    let instance_type = InstanceType::of(&InstanceClass::M4, &InstanceSize::XLARGE);

    let task = SageMakerCreateTransformJob::new(
        stack,
        "Batch Inference",
        "MyTransformJob",
        "MyModelName",
        input,
        output,
    )
    .model_client_options(client)
    .transform_resources(TransformResources::new(1, instance_type));

    vec![task.build()]
}
