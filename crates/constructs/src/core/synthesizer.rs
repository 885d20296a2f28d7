//! Where assets are published, and what a deployment needs to know of a stack: the CDK's two ways.
//!
//! The legacy way asks for the place of each asset by parameters and deploys with the credentials of whoever deploys. The
//! default way knows the places by their names in a bootstrapped account and deploys with roles made there.

use serde_json::{Map, Value as Json, json};

use super::asset::{AssetFile, AssetLocation, ImageLocation, hash_of};
use super::environment::Environment;
use super::scope::Scope;
use super::stack::StackInner;
use crate::value::{Fn, Text, Token};

/// What the key of an asset is split at: prefix and name.
const KEY_SEPARATOR: &str = "||";
/// The bootstrap stack's version that the default way needs.
const BOOTSTRAP_VERSION: u32 = 6;
/// The bootstrap stack's version that has a role for look-ups.
const LOOKUP_ROLE_VERSION: u32 = 8;

const BOOTSTRAP_PARAMETER: &str = "BootstrapVersion";
/// The repository of images in the legacy way.
const LEGACY_REPOSITORY: &str = "aws-cdk/assets";

/// A stack's way of publishing its assets and of being deployed.
#[derive(Debug, Clone)]
pub(super) enum Synthesizer {
    Legacy,
    /// What tells the bootstrap stack's resources from others.
    Default {
        qualifier: String,
    },
}

/// What a stack's deployment needs beside its template.
pub(super) struct Deployment {
    /// Members of the stack's properties in the manifest.
    pub(super) properties: Map<String, Json>,
    /// What is said of the stack itself.
    pub(super) metadata: Vec<Json>,
    /// The manifest of its assets, if it has one.
    pub(super) assets: Option<AssetManifest>,
}

/// The manifest of a stack's assets.
pub(super) struct AssetManifest {
    pub(super) content: Json,
    /// Members of its properties in the assembly's manifest.
    pub(super) properties: Map<String, Json>,
}

impl Synthesizer {
    /// Where an asset is for those in the stack.
    pub(super) fn locate(&self, stack: &Scope, asset: &AssetFile) -> AssetLocation {
        match self {
            Self::Legacy => by_parameters(stack, asset),
            Self::Default { qualifier } => {
                let place = Place::new(&stack.stack.environment, qualifier);
                let (bucket, key) = (place.bucket(), asset.object_key());
                let region = place.fill("https://s3.${AWS::Region}.${AWS::URLSuffix}");
                AssetLocation {
                    http_url: filled_at_deployment(&format!("{region}/{bucket}/{key}")),
                    s3_object_url: filled_at_deployment(&format!("s3://{bucket}/{key}")),
                    bucket_name: filled_at_deployment(&bucket),
                    object_key: key.into(),
                }
            }
        }
    }

    /// Where an image is for those in the stack.
    pub(super) fn locate_image(&self, stack: &Scope, asset: &AssetFile) -> ImageLocation {
        match self {
            Self::Legacy => ImageLocation {
                repository_name: LEGACY_REPOSITORY.into(),
                image_uri: Text::concat([
                    stack.account(),
                    ".dkr.ecr.".into(),
                    stack.region(),
                    ".".into(),
                    Token::Pseudo(crate::value::Pseudo::UrlSuffix).into(),
                    format!("/{LEGACY_REPOSITORY}:{}", asset.hash).into(),
                ]),
            },
            Self::Default { qualifier } => {
                let place = Place::new(&stack.stack.environment, qualifier);
                let repository = place.repository();
                let registry =
                    place.fill("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}");
                let uri = format!("{registry}/{repository}:{}", asset.hash);
                ImageLocation {
                    repository_name: filled_at_deployment(&repository),
                    image_uri: filled_at_deployment(&uri),
                }
            }
        }
    }

    /// Sections that the template gets: a check of the bootstrap stack's version.
    pub(super) fn sections(&self) -> Option<Sections> {
        let Self::Default { qualifier } = self else {
            return None;
        };
        let parameter = json!({
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": version_parameter(qualifier),
            "Description": "Version of the CDK Bootstrap resources in this environment, automatically retrieved \
                            from SSM Parameter Store. [cdk:skip]",
        });
        let older: Vec<String> = (1..BOOTSTRAP_VERSION)
            .map(|version| version.to_string())
            .collect();
        let rule = json!({"Assertions": [{
            "Assert": {"Fn::Not": [{"Fn::Contains": [older, {"Ref": BOOTSTRAP_PARAMETER}]}]},
            "AssertDescription": format!(
                "CDK bootstrap stack version {BOOTSTRAP_VERSION} required. \
                 Please run 'cdk bootstrap' with a recent version of the CDK CLI."
            ),
        }]});
        Some(Sections {
            parameter: (BOOTSTRAP_PARAMETER, parameter),
            rule: ("CheckBootstrapVersion", rule),
        })
    }

    /// What a stack's deployment needs, when its template has a name and a content.
    pub(super) fn deployment(
        &self,
        stack: &StackInner,
        template: &str,
        content: &[u8],
    ) -> Deployment {
        match self {
            Self::Legacy => Deployment {
                properties: Map::new(),
                metadata: stack.assets.borrow().values().map(parameters_of).collect(),
                assets: None,
            },
            Self::Default { qualifier } => {
                let place = Place::new(&stack.environment, qualifier);
                place.deployment(stack, template, &hash_of(content))
            }
        }
    }
}

/// What the default way adds to a template.
pub(super) struct Sections {
    pub(super) parameter: (&'static str, Json),
    pub(super) rule: (&'static str, Json),
}

/// A place of the legacy way: three parameters that the command line fills in when it has published the asset.
fn by_parameters(stack: &Scope, asset: &AssetFile) -> AssetLocation {
    let hash = &asset.hash;
    let [bucket, key, artifact] = parameter_ids(hash);
    let parameter = |id: String, what: &str| {
        let description = format!("{what} \"{hash}\"");
        stack.parameter(
            &id,
            crate::object! {"Type": "String", "Description": description},
        )
    };
    let bucket = parameter(bucket, "S3 bucket for asset");
    let key = parameter(key, "S3 key for asset version");
    parameter(artifact, "Artifact hash for asset");
    let part = |index| Fn::select(index, Fn::split(KEY_SEPARATOR, &key));
    let key = part(0).then(part(1));
    let path = bucket.clone().then("/").then(&key);
    let host = Text::concat([
        Text::from("https://s3."),
        stack.region(),
        ".".into(),
        Token::Pseudo(crate::value::Pseudo::UrlSuffix).into(),
        "/".into(),
    ]);
    AssetLocation {
        http_url: host.then(&path),
        s3_object_url: Text::from("s3://").then(path),
        bucket_name: bucket,
        object_key: key,
    }
}

/// The logical ids of an asset's parameters: for the bucket, the key and the hash.
fn parameter_ids(hash: &str) -> [String; 3] {
    ["S3Bucket", "S3VersionKey", "ArtifactHash"]
        .map(|name| super::logical_id::logical_id(["AssetParameters", hash, name]))
}

/// An asset of the legacy way, as the command line reads it.
fn parameters_of(asset: &AssetFile) -> Json {
    if let Some(image) = &asset.image {
        let mut data = Map::from_iter([
            ("repositoryName".to_owned(), json!(LEGACY_REPOSITORY)),
            ("imageTag".to_owned(), json!(asset.hash)),
            ("id".to_owned(), json!(asset.hash)),
            ("packaging".to_owned(), json!("container-image")),
            ("path".to_owned(), json!(asset.staged_name())),
            ("sourceHash".to_owned(), json!(asset.hash)),
        ]);
        data.extend(image.members(["buildArgs", "target", "file"]));
        return json!({"type": "aws:cdk:asset", "data": data});
    }
    let [bucket, key, artifact] = parameter_ids(&asset.hash);
    json!({"type": "aws:cdk:asset", "data": {
        "path": asset.staged_name(),
        "id": asset.hash,
        "packaging": asset.packaging.name(),
        "sourceHash": asset.hash,
        "s3BucketParameter": bucket,
        "s3KeyParameter": key,
        "artifactHashParameter": artifact,
    }})
}

/// A text whose `${AWS::…}` CloudFormation fills in.
fn filled_at_deployment(text: &str) -> Text {
    match text.contains("${") {
        true => Fn::sub(text),
        false => text.into(),
    }
}

fn version_parameter(qualifier: &str) -> String {
    format!("/cdk-bootstrap/{qualifier}/version")
}

/// A bootstrapped account and region, as far as they are known.
struct Place<'a> {
    environment: &'a Environment,
    qualifier: &'a str,
}

impl<'a> Place<'a> {
    fn new(environment: &'a Environment, qualifier: &'a str) -> Self {
        Self {
            environment,
            qualifier,
        }
    }

    /// A text with what is known filled in; the partition never is.
    fn fill(&self, text: &str) -> String {
        let mut text = text.replace("${Qualifier}", self.qualifier);
        if let Some(region) = &self.environment.region {
            text = text.replace("${AWS::Region}", region);
        }
        if let Some(account) = &self.environment.account {
            text = text.replace("${AWS::AccountId}", account);
        }
        text
    }

    fn bucket(&self) -> String {
        self.fill("cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}")
    }

    fn repository(&self) -> String {
        self.fill("cdk-${Qualifier}-container-assets-${AWS::AccountId}-${AWS::Region}")
    }

    fn role(&self, name: &str) -> String {
        self.fill("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-${Qualifier}-")
            + name
            + &self.fill("-${AWS::AccountId}-${AWS::Region}")
    }

    fn deployment(&self, stack: &StackInner, template: &str, hash: &str) -> Deployment {
        let template_key = format!("{hash}.json");
        let (mut files, mut images) = (Map::new(), Map::new());
        for asset in stack.assets.borrow().values() {
            if let Some(options) = &asset.image {
                let names = ["dockerBuildArgs", "dockerBuildTarget", "dockerFile"];
                let mut source = options.members(names);
                source.insert("directory".to_owned(), json!(asset.staged_name()));
                images.insert(asset.hash.clone(), self.image(&source, &asset.hash));
            } else {
                let source =
                    json!({"path": asset.staged_name(), "packaging": asset.packaging.name()});
                files.insert(asset.hash.clone(), self.file(&source, &asset.object_key()));
            }
        }
        let source = json!({"path": template, "packaging": "file"});
        files.insert(hash.to_owned(), self.file(&source, &template_key));
        let version = |required: u32| {
            [
                ("requiresBootstrapStackVersion".to_owned(), json!(required)),
                (
                    "bootstrapStackVersionSsmParameter".to_owned(),
                    json!(version_parameter(self.qualifier)),
                ),
            ]
        };
        let mut lookup = Map::from_iter([("arn".to_owned(), json!(self.role("lookup-role")))]);
        lookup.extend(version(LOOKUP_ROLE_VERSION));
        let mut properties = Map::from_iter([
            ("assumeRoleArn".to_owned(), json!(self.role("deploy-role"))),
            (
                "cloudFormationExecutionRoleArn".to_owned(),
                json!(self.role("cfn-exec-role")),
            ),
            (
                "stackTemplateAssetObjectUrl".to_owned(),
                json!(format!("s3://{}/{template_key}", self.bucket())),
            ),
        ]);
        properties.extend(version(BOOTSTRAP_VERSION));
        let assets = vec![json!(format!("{}.assets", stack.name))];
        properties.insert("additionalDependencies".to_owned(), Json::Array(assets));
        properties.insert("lookupRole".to_owned(), Json::Object(lookup));
        Deployment {
            properties,
            metadata: Vec::new(),
            assets: Some(AssetManifest {
                content: json!({
                    "version": super::assembly::SCHEMA_VERSION,
                    "files": files,
                    "dockerImages": images,
                }),
                properties: Map::from_iter(version(BOOTSTRAP_VERSION)),
            }),
        }
    }

    /// A file in the manifest of assets.
    fn file(&self, source: &Json, key: &str) -> Json {
        let destination = [
            ("bucketName".to_owned(), json!(self.bucket())),
            ("objectKey".to_owned(), json!(key)),
        ];
        let destinations = self.destinations(destination, "file-publishing-role");
        json!({"source": source, "destinations": destinations})
    }

    /// An image in the manifest of assets.
    fn image(&self, source: &Map<String, Json>, tag: &str) -> Json {
        let destination = [
            ("repositoryName".to_owned(), json!(self.repository())),
            ("imageTag".to_owned(), json!(tag)),
        ];
        let destinations = self.destinations(destination, "image-publishing-role");
        json!({"source": source, "destinations": destinations})
    }

    /// The one place that an asset is published to, by a role.
    fn destinations(&self, destination: [(String, Json); 2], role: &str) -> Json {
        let account = self.environment.account.as_deref();
        let region = self.environment.region.as_deref();
        let place = format!(
            "{}-{}",
            account.unwrap_or("current_account"),
            region.unwrap_or("current_region")
        );
        let mut destination = Map::from_iter(destination);
        if let Some(region) = region {
            destination.insert("region".to_owned(), json!(region));
        }
        destination.insert("assumeRoleArn".to_owned(), json!(self.role(role)));
        json!({place: destination})
    }
}
