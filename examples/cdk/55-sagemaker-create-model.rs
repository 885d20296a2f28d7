//! SageMaker: Create Model

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let artifacts = S3Location::from_json_expression("$.TrainingJob.ModelArtifacts.S3ModelArtifacts");
    let options = ContainerDefinitionOptions::new()
        .image(DockerImage::from_json_expression("$.Model.imageName"))
        .mode(Mode::SingleModel)
        .model_s3_location(artifacts);
    let task = SageMakerCreateModel::new(stack, "Sagemaker", "MyModel", ContainerDefinition::new(options));

    vec![task.build()]
}
