//! Images that are built and published together with a stack.

#![allow(clippy::unwrap_used)]

extern crate stepmill_constructs as stepmill;

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use stepmill::core::ImageOptions;
use stepmill::prelude::*;
use stepmill::value::flatten;

/// A directory with a Dockerfile.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(directory.path().join("arm.Dockerfile"), "FROM scratch\n").unwrap();
    directory
}

fn options() -> ImageOptions {
    ImageOptions {
        build_args: [("VERSION".to_owned(), "2".to_owned())].into(),
        target: Some("run".to_owned()),
        file: Some("arm.Dockerfile".to_owned()),
        network_mode: Some("host".to_owned()),
        platform: Some("linux/arm64".to_owned()),
        ..ImageOptions::default()
    }
}

/// Writes the assembly of a model that runs in an image: the image's hash and the stack's part of the manifest.
fn synth(app: &App, out: &Path, options: ImageOptions) -> (String, Json) {
    let directory = directory();
    let stack = Stack::new(app, "Models");
    let asset = DockerImageAsset::with_options(&stack, "Image", directory.path(), options);
    let container = ContainerDefinitionOptions::new().image(DockerImage::from_asset(&asset));
    let container = ContainerDefinition::new(container);
    let model = SageMakerCreateModel::new(&stack, "Model", "orders", container);
    StateMachine::new(&stack, "Machine", model);
    app.synth(out).unwrap();
    (
        asset.asset_hash().to_owned(),
        read(&out.join("manifest.json")),
    )
}

fn read(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The image that the model runs in, and what its role may pull.
fn image(out: &Path) -> (String, Json) {
    let template = read(&out.join("Models.template.json"));
    let resources = template["Resources"].as_object().unwrap();
    let machine = resources
        .values()
        .find(|resource| resource["Type"] == "AWS::StepFunctions::StateMachine");
    let definition = flatten(&machine.unwrap()["Properties"]["DefinitionString"]);
    let definition: Json = serde_json::from_str(&definition).unwrap();
    let policies = resources
        .values()
        .filter_map(|resource| resource["Properties"]["PolicyDocument"]["Statement"].as_array());
    let mut statements = policies.flatten();
    let pull =
        statements.find(|statement| statement["Action"][0] == "ecr:BatchCheckLayerAvailability");
    let image = &definition["States"]["Model"]["Parameters"]["PrimaryContainer"]["Image"];
    (
        image.as_str().unwrap().to_owned(),
        flatten(&pull.unwrap()["Resource"]).into(),
    )
}

#[test]
fn legacy_assemblies_name_the_repository_of_all_images() {
    let out = tempfile::tempdir().unwrap();
    let (hash, manifest) = synth(&App::new(), out.path(), options());
    let place = "${Ref:AWS::Region}:${Ref:AWS::AccountId}";
    let registry = "${Ref:AWS::AccountId}.dkr.ecr.${Ref:AWS::Region}.${Ref:AWS::URLSuffix}";
    let (image, pull) = image(out.path());
    assert_eq!(image, format!("{registry}/aws-cdk/assets:{hash}"));
    assert_eq!(
        pull,
        format!("arn:${{Ref:AWS::Partition}}:ecr:{place}:repository/aws-cdk/assets")
    );
    let expected = json!({"type": "aws:cdk:asset", "data": {
        "repositoryName": "aws-cdk/assets",
        "imageTag": hash,
        "id": hash,
        "packaging": "container-image",
        "path": format!("asset.{hash}"),
        "sourceHash": hash,
        "buildArgs": {"VERSION": "2"},
        "target": "run",
        "file": "arm.Dockerfile",
        "networkMode": "host",
        "platform": "linux/arm64",
    }});
    let metadata = &manifest["artifacts"]["Models"]["metadata"]["/Models"];
    assert_eq!(metadata[0], expected);
    let staged = out.path().join(format!("asset.{hash}"));
    assert!(staged.join("Dockerfile").exists());
}

#[test]
fn default_assemblies_list_images_beside_files() {
    let out = tempfile::tempdir().unwrap();
    let app = App::new().feature(Feature::NewStyleStackSynthesis);
    let (hash, _) = synth(&app, out.path(), options());
    let repository = "cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}";
    let assets = read(&out.path().join("Models.assets.json"));
    let expected = json!({
        "source": {
            "directory": format!("asset.{hash}"),
            "dockerBuildArgs": {"VERSION": "2"},
            "dockerBuildTarget": "run",
            "dockerFile": "arm.Dockerfile",
            "networkMode": "host",
            "platform": "linux/arm64",
        },
        "destinations": {"current_account-current_region": {
            "repositoryName": repository,
            "imageTag": hash,
            "assumeRoleArn": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-image-publishing-role-${AWS::AccountId}-${AWS::Region}",
        }},
    });
    assert_eq!(assets["dockerImages"], json!({hash.as_str(): expected}));
    let (image, _) = image(out.path());
    assert!(image.contains(&format!("{repository}:{hash}")), "{image}");
}

#[test]
fn hashes_are_the_cdks() {
    let hash = |options: ImageOptions| {
        let out = tempfile::tempdir().unwrap();
        synth(&App::new(), out.path(), options).0
    };
    assert_eq!(
        hash(ImageOptions::default()),
        "d9b07b11daddcf82cb69db79e4d29248d842df701bc0d35a9aac037580d31c86"
    );
    assert_eq!(
        hash(options()),
        "339bd47031bc0a6fd27b0f3b4c5b545e432e6e89955edd58871c5d9f331b23e2"
    );
}

#[test]
fn what_is_not_there_is_reported() {
    let directory = directory();
    let stack = Stack::new(&App::new(), "Models");
    let nowhere = directory.path().join("nowhere");
    DockerImageAsset::new(&stack, "A", &nowhere);
    let options = ImageOptions {
        file: Some("Other".to_owned()),
        ..ImageOptions::default()
    };
    DockerImageAsset::with_options(&stack, "B", directory.path(), options);
    let errors = stack.template().unwrap_err().to_string();
    let message = format!("Cannot find image directory at {}", nowhere.display());
    assert!(errors.contains(&message), "{errors}");
    let other = directory.path().join("Other");
    let message = format!("Cannot find file at {}", other.display());
    assert!(errors.contains(&message), "{errors}");
}
