//! SageMaker: Create Training Job

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let algorithm = AlgorithmSpecification::new()
        .algorithm_name("BlazingText")
        .training_input_mode(InputMode::File);
    let source = S3DataSource::new(S3Location::from_json_expression("$.S3Bucket"))
        .s3_data_type(S3DataType::S3Prefix);
    let bucket = Bucket::from_bucket_name(stack, "Bucket", "mybucket");
    let output = OutputDataConfig::new(S3Location::from_bucket(&bucket, "myoutputpath"));
    let instance_type = InstanceType::new(JsonPath::string_at("$.InstanceType"));

    let job_name = JsonPath::string_at("$.JobName");
    let task = SageMakerCreateTrainingJob::new(stack, "TrainSagemaker", job_name, algorithm, output)
        .input_data_config([Channel::new("train", DataSource::new(source))])
        // optional: default is 1 instance of EC2 `M4.XLarge` with `10GB` volume
        .resource_config(ResourceConfig::new(1, instance_type, Size::gibibytes(50)))
        // optional: default is 1 hour
        .stopping_condition(StoppingCondition::new().max_runtime(Duration::hours(2)));

    vec![task.build()]
}
