//! Tasks of SageMaker.
//!
//! A role or a principal is never "not available yet": it is made when it is first asked for.

use stepmill::prelude::*;

use super::{problems, refused, unsupported};

const ALGORITHM: &str = "algorithm_specification";

fn bucket(stack: &Stack) -> Bucket {
    Bucket::from_bucket_name(stack, "Bucket", "mybucket")
}

fn training(stack: &Stack, algorithm: AlgorithmSpecification) -> SageMakerCreateTrainingJob {
    let output = OutputDataConfig::new(S3Location::from_bucket(&bucket(stack), "models"));
    SageMakerCreateTrainingJob::new(stack, "Train", "job", algorithm, output)
}

fn transform(stack: &Stack) -> SageMakerCreateTransformJob {
    let source = TransformS3DataSource::new("s3://in/put");
    let input = TransformInput::new(TransformDataSource::new(source));
    let output = TransformOutput::new("s3://out/put");
    SageMakerCreateTransformJob::new(stack, "Transform", "job", "model", input, output)
}

fn variant() -> ProductionVariant {
    ProductionVariant::new("all", "model", "m5.xlarge")
}

fn config(
    stack: &Stack,
    variants: impl IntoIterator<Item = ProductionVariant>,
) -> SageMakerCreateEndpointConfig {
    SageMakerCreateEndpointConfig::new(stack, "Config", "config", variants)
}

#[test]
fn patterns() {
    use IntegrationPattern::{RunJob, WaitForTaskToken};

    let jobs = "REQUEST_RESPONSE,RUN_JOB";
    let named = || AlgorithmSpecification::new().algorithm_name("BlazingText");
    unsupported(jobs, WaitForTaskToken, |stack| training(stack, named()));
    unsupported(jobs, WaitForTaskToken, transform);
    let request = "REQUEST_RESPONSE";
    unsupported(request, RunJob, |stack| config(stack, [variant()]));
    unsupported(request, RunJob, |stack| {
        SageMakerCreateEndpoint::new(stack, "Create", "endpoint", "config")
    });
    unsupported(request, RunJob, |stack| {
        SageMakerUpdateEndpoint::new(stack, "Update", "endpoint", "config")
    });
    unsupported(request, RunJob, |stack| {
        let container = ContainerDefinition::new(ContainerDefinitionOptions::new());
        SageMakerCreateModel::new(stack, "Model", "model", container)
    });
}

#[test]
fn an_algorithm_is_a_name_or_an_image() {
    let neither =
        "Must define either an algorithm name or training image URI in the algorithm specification";
    refused(ALGORITHM, neither, |stack| {
        training(stack, AlgorithmSpecification::new())
    });
    let both = "Cannot define both an algorithm name and training image URI in the algorithm specification";
    refused(ALGORITHM, both, |stack| {
        let algorithm = AlgorithmSpecification::new()
            .algorithm_name("BlazingText")
            .training_image(DockerImage::from_registry("image"));
        training(stack, algorithm)
    });
}

#[test]
fn an_algorithm_has_a_name() {
    let named = |name: &str| {
        problems(&[], |stack| {
            let algorithm = AlgorithmSpecification::new().algorithm_name(name);
            drop(training(stack, algorithm).build());
        })
    };
    let arn = "arn:aws:sagemaker:us-east-1:111111111111:algorithm/my-algorithm";
    for good in ["BlazingText", "a", arn, "{% $algorithm %}"] {
        assert_eq!(named(good), [], "{good}");
    }
    let pattern = r"^(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)$";
    let long = "a".repeat(64);
    let other = "arn:aws:s3:us-east-1:111111111111:algorithm/my-algorithm";
    for bad in ["Blazing Text", "-a", "a-", &long, "x/a", other] {
        let message = format!("Expected algorithm name to match pattern {pattern}, but got {bad}");
        assert_eq!(named(bad), [(Some(ALGORITHM), message)]);
    }
    for length in [0, 171] {
        let message = format!("Algorithm name length must be between 1 and 170, but got {length}");
        assert_eq!(named(&"a".repeat(length)), [(Some(ALGORITHM), message)]);
    }
}

#[test]
fn a_role_is_given_before_it_is_used() {
    let message = "The role must be given before it is used";
    let found = problems(&[], |stack| {
        let role = Role::from_role_arn(stack, "Given", "arn:aws:iam::111111111111:role/sagemaker");
        let job = transform(stack);
        Topic::new(stack, "Topic").grant_publish(&job);
        drop(job.role(&role).build());
    });
    assert_eq!(found, [(Some("role"), message.to_owned())]);
}

#[test]
fn calls_of_a_model() {
    let called = |property, message: &str, options: ModelClientOptions| {
        refused(property, message, |stack| {
            transform(stack).model_client_options(options)
        });
    };
    let message = "invocationsMaxRetries should be between 0 and 3. Received: 4.";
    let retries = ModelClientOptions::new().invocations_max_retries(4);
    called("invocations_max_retries", message, retries);
    let message = "invocationsTimeout should be between 1 and 3600 seconds. Received: 7200.";
    let timeout = ModelClientOptions::new().invocations_timeout(Duration::hours(2));
    called("invocations_timeout", message, timeout);
}

#[test]
fn variants_of_an_endpoint() {
    let message = "Must specify from 1 to 10 production variants per endpoint configuration";
    refused("production_variants", message, |stack| config(stack, []));
    refused("production_variants", message, |stack| {
        config(stack, vec![variant(); 11])
    });
    let message = "Must define at least one instance";
    refused("initial_instance_count", message, |stack| {
        config(stack, [variant().initial_instance_count(0)])
    });
    let message = "InitialVariantWeight has minimum value of 0";
    refused("initial_variant_weight", message, |stack| {
        config(stack, [variant().initial_variant_weight(-0.5)])
    });
}
