//! S3 buckets.

use std::cell::OnceCell;
use std::rc::Rc;

use super::kms::Key;
use crate::core::{Arn, ArnFormat, CfnResource, Feature, Problem, RemovalPolicy, Scope};
use crate::iam::{Grant, Grantable, OnResource, ResourcePolicy, ResourceWithPolicy, Statement};
use crate::value::{Pseudo, Text, Value};

const READ_ACTIONS: [&str; 3] = ["s3:GetObject*", "s3:GetBucket*", "s3:List*"];
const DELETE_ACTION: &str = "s3:DeleteObject*";
const KEY_READ_ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:DescribeKey"];
const KEY_WRITE_ACTIONS: [&str; 4] = [
    "kms:Encrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:Decrypt",
];

/// A bucket, made in the stack or imported.
///
/// It is a handle: clones are the same bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    arn: Text,
    name: Text,
    /// None if it was imported: then its policy is somebody else's.
    resource: Option<CfnResource>,
    encryption_key: OnceCell<Key>,
    policy: ResourcePolicy,
}

impl Bucket {
    /// A bucket, kept when it leaves the stack. Further properties are set by [`property`](Self::property).
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::S3::Bucket");
        resource.removal_policy(RemovalPolicy::Retain);
        let (arn, name) = (resource.attribute("Arn"), resource.reference());
        Self::of(place, arn, name, Some(resource))
    }

    fn of(scope: Scope, arn: Text, name: Text, resource: Option<CfnResource>) -> Self {
        Self {
            inner: Rc::new(Inner {
                scope,
                arn,
                name,
                resource,
                encryption_key: OnceCell::new(),
                policy: ResourcePolicy::default(),
            }),
        }
    }

    /// A bucket that exists already, by its name.
    pub fn from_bucket_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let place = scope.child(id);
        let name = name.into();
        if let Some(problem) = name.as_literal().and_then(wrong_name) {
            place.report(problem);
        }
        let arn = Text::from("arn:").then(Pseudo::Partition).then(":s3:::");
        Self::of(place, arn.then(&name), name, None)
    }

    /// A bucket that exists already, by its ARN.
    pub fn from_bucket_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let arn = arn.into();
        let name = Arn::split(&arn).resource_name(ArnFormat::NoName);
        Self::of(scope.child(id), arn, name, None)
    }

    /// Sets a property of the resource: `("AccessControl", "LogDeliveryWrite")`; nothing for an imported bucket.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name, unique in the world; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        if let Some(problem) = name.as_literal().and_then(wrong_name) {
            self.inner.scope.report(problem);
        }
        self.property("BucketName", name)
    }

    /// Whether it keeps former versions of objects.
    pub fn versioned(self, versioned: bool) -> Self {
        match versioned {
            true => self.property(
                "VersioningConfiguration",
                crate::object! {"Status": "Enabled"},
            ),
            false => self,
        }
    }

    /// The key that its objects are encrypted with; it can be said once.
    pub fn encryption_key(self, key: &Key) -> Self {
        if self.inner.encryption_key.set(key.clone()).is_err() {
            let message = "the encryption key is set already";
            self.inner
                .scope
                .report(Problem::property("encryption_key", message));
        }
        let by_default =
            crate::object! {"KMSMasterKeyID": key.key_arn(), "SSEAlgorithm": "aws:kms"};
        let rule = crate::object! {"ServerSideEncryptionByDefault": by_default};
        self.property(
            "BucketEncryption",
            crate::object! {"ServerSideEncryptionConfiguration": [rule]},
        )
    }

    /// What happens to it when it leaves the stack; it is kept unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.removal_policy(policy);
        }
        self
    }

    /// Its name.
    pub fn bucket_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// Its ARN.
    pub fn bucket_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// The ARN of objects by a pattern of their keys: `photos/*`.
    pub fn arn_for_objects(&self, keys: impl Into<Text>) -> Text {
        self.bucket_arn().then("/").then(keys)
    }

    /// The address of an object: `https://s3.REGION.amazonaws.com/BUCKET/KEY`.
    pub fn url_for_object(&self, key: impl Into<Text>) -> Text {
        let host = Text::from("https://s3.")
            .then(self.inner.scope.region())
            .then(".")
            .then(Pseudo::UrlSuffix);
        join(host.then("/").then(self.bucket_name()), key.into())
    }

    /// The address of an object: `s3://BUCKET/KEY`.
    pub fn s3_url_for_object(&self, key: impl Into<Text>) -> Text {
        join(Text::from("s3://").then(self.bucket_name()), key.into())
    }

    /// Allows to read objects and to list them.
    pub fn grant_read(&self, grantee: &dyn Grantable, objects: &str) -> Grant {
        self.grant(grantee, &READ_ACTIONS, &KEY_READ_ACTIONS, true, objects)
    }

    /// Allows to write and delete objects.
    pub fn grant_write(&self, grantee: &dyn Grantable, objects: &str) -> Grant {
        let mut actions = vec![DELETE_ACTION];
        actions.extend(self.put_actions());
        self.grant(grantee, &actions, &KEY_WRITE_ACTIONS, true, objects)
    }

    /// Allows to write objects.
    pub fn grant_put(&self, grantee: &dyn Grantable, objects: &str) -> Grant {
        let actions = self.put_actions();
        self.grant(grantee, actions, &KEY_WRITE_ACTIONS, false, objects)
    }

    /// Allows to delete objects.
    pub fn grant_delete(&self, grantee: &dyn Grantable, objects: &str) -> Grant {
        self.grant(grantee, &[DELETE_ACTION], &[], false, objects)
    }

    /// Allows to read, list, write and delete objects.
    pub fn grant_read_write(&self, grantee: &dyn Grantable, objects: &str) -> Grant {
        let mut actions = READ_ACTIONS.to_vec();
        actions.push(DELETE_ACTION);
        actions.extend(self.put_actions());
        let keys = [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
        ];
        self.grant(grantee, &actions, &keys, true, objects)
    }

    fn put_actions(&self) -> &'static [&'static str] {
        match self.inner.scope.has(Feature::Version2) {
            true => &[
                "s3:PutObject",
                "s3:PutObjectLegalHold",
                "s3:PutObjectRetention",
                "s3:PutObjectTagging",
                "s3:PutObjectVersionTagging",
                "s3:Abort*",
            ],
            false => &["s3:PutObject*", "s3:Abort*"],
        }
    }

    fn grant(
        &self,
        grantee: &dyn Grantable,
        actions: &[&str],
        key_actions: &[&str],
        bucket_too: bool,
        objects: &str,
    ) -> Grant {
        let bucket = bucket_too.then(|| self.bucket_arn());
        let resources = bucket.into_iter().chain([self.arn_for_objects(objects)]);
        let grant = Grant::add_to_principal_or_resource(OnResource {
            grantee,
            statement: Statement::allow(actions.iter().copied(), resources),
            resource: self,
            itself: None,
        });
        if let Some(key) = self.inner.encryption_key.get()
            && !key_actions.is_empty()
        {
            key.grant(grantee, key_actions);
        }
        grant
    }
}

impl ResourceWithPolicy for Bucket {
    fn add_to_resource_policy(&self, statement: Statement) -> bool {
        let inner = &self.inner;
        if inner.resource.is_some() {
            let of = ("Bucket", self.bucket_name());
            inner
                .policy
                .add(&inner.scope, "AWS::S3::BucketPolicy", of, statement);
        }
        inner.resource.is_some()
    }

    fn resource_account(&self) -> Text {
        self.inner.scope.account()
    }
}

/// An address with a key after it, one slash between them; without a key, the address.
fn join(address: Text, key: Text) -> Text {
    match key.as_literal() {
        Some("") => address,
        Some(literal) => address
            .then("/")
            .then(literal.strip_prefix('/').unwrap_or(literal)),
        None => address.then("/").then(key),
    }
}

/// Why a name cannot be that of a bucket: the rules of S3.
fn wrong_name(name: &str) -> Option<Problem> {
    let mut errors = Vec::new();
    if !(3..=63).contains(&name.len()) {
        errors.push("Bucket name must be at least 3 and no more than 63 characters".to_owned());
    }
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(*c);
    if let Some((offset, _)) = name.char_indices().find(|(_, c)| !allowed(c)) {
        errors.push(format!("Bucket name must only contain lowercase characters and the symbols, period (.) and dash (-) (offset: {offset})"));
    }
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !name.starts_with(edge) {
        errors.push(
            "Bucket name must start and end with a lowercase character or number (offset: 0)"
                .to_owned(),
        );
    }
    if !name.ends_with(edge) {
        let offset = name.len().saturating_sub(1);
        errors.push(format!(
            "Bucket name must start and end with a lowercase character or number (offset: {offset})"
        ));
    }
    let wrong = [".-", "-.", ".."];
    if let Some(offset) = wrong.iter().filter_map(|pair| name.find(pair)).min() {
        errors.push(format!("Bucket name must not have dash next to period, or period next to dash, or consecutive periods (offset: {offset})"));
    }
    let numbers: Vec<&str> = name.split('.').collect();
    let is_number =
        |part: &&str| (1..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    if numbers.len() == 4 && numbers.iter().all(is_number) {
        errors.push("Bucket name must not resemble an IP address".to_owned());
    }
    (!errors.is_empty()).then(|| {
        let message = format!(
            "Invalid S3 bucket name (value: {name})\n{}",
            errors.join("\n")
        );
        Problem::property("name", message)
    })
}
