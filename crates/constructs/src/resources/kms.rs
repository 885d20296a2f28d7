//! KMS keys.

use std::cell::Cell;
use std::rc::Rc;

use crate::core::{Arn, ArnFormat, CfnResource, Duration, Feature, Problem, RemovalPolicy, Scope};
use crate::iam::{Grant, Grantable, OnResource, Policy, Principal, ResourceWithPolicy, Statement};
use crate::value::{Text, Value};

const ENCRYPT_ACTIONS: [&str; 3] = ["kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"];

/// What an administrator of a key may do in version 1: everything but to use it, and to make data keys for S3.
const ADMIN_ACTIONS: [&str; 15] = [
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:GenerateDataKey",
    "kms:TagResource",
    "kms:UntagResource",
];

/// A key, made in the stack or imported.
///
/// It is a handle: clones are the same key.
#[derive(Clone, Debug)]
pub struct Key {
    scope: Scope,
    arn: Text,
    id: Text,
    /// None if it was imported: then its policy is somebody else's.
    made: Option<Made>,
}

#[derive(Clone, Debug)]
struct Made {
    resource: CfnResource,
    policy: Rc<Policy>,
    trusts_account: Rc<Cell<bool>>,
}

impl Key {
    /// A symmetric key, kept when it leaves the stack. Version 2 lets the account's policies decide who may use it.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::KMS::Key");
        let policy = Rc::new(Policy::default());
        let trusts_account = Rc::new(Cell::new(place.has(Feature::Version2)));
        let (root, trusts) = (Principal::account_root(&place), trusts_account.clone());
        policy.add_later(move || {
            let statement = match trusts.get() {
                true => Statement::allow(["kms:*"], ["*"]),
                false => Statement::allow(ADMIN_ACTIONS, ["*"]),
            };
            vec![statement.principal(root.clone())]
        });
        let (document, minimize) = (policy.clone(), place.has(Feature::MinimizePolicies));
        let resource = resource.lazy_property("KeyPolicy", move || {
            document.document().minimize(minimize).to_value()
        });
        resource.removal_policy(RemovalPolicy::Retain);
        Self {
            arn: resource.attribute("Arn"),
            id: resource.reference(),
            scope: place,
            made: Some(Made {
                resource,
                policy,
                trusts_account,
            }),
        }
    }

    /// A key that exists already, by an ARN that ends with `key/` and its id.
    pub fn from_key_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let place = scope.child(id);
        let arn = arn.into();
        let key = Arn::split(&arn).resource_name(ArnFormat::Slash);
        if key.as_literal() == Some("") {
            let message = format!(
                "KMS key ARN must be in the format 'arn:aws:kms:<region>:<account>:key/<keyId>', got: '{}'",
                arn.as_literal().unwrap_or_default()
            );
            place.report(Problem::property("from_key_arn", message));
        }
        Self {
            scope: place,
            arn,
            id: key,
            made: None,
        }
    }

    /// Sets a property of the resource: `("KeySpec", "RSA_2048")`; nothing for an imported key.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(made) = &self.made {
            made.resource.set(name, value);
        }
        self
    }

    /// What it is for.
    pub fn description(self, description: impl Into<Text>) -> Self {
        self.property("Description", description.into())
    }

    /// Whether KMS makes new material every year.
    pub fn enable_key_rotation(self, enable: bool) -> Self {
        self.property("EnableKeyRotation", enable)
    }

    /// How long it can still be restored after its deletion, from 7 to 30 days.
    pub fn pending_window(self, window: Duration) -> Self {
        let days = window.to_days();
        if !(7..=30).contains(&days) {
            let message =
                format!("'pendingWindow' value must between 7 and 30 days. Received: {days}");
            self.scope
                .report(Problem::property("pending_window", message));
        }
        self.property("PendingWindowInDays", days)
    }

    /// Whether policies of roles of the account alone decide who may use it; in version 2 they always do.
    pub fn trust_account_identities(self, trust: bool) -> Self {
        if !trust && self.scope.has(Feature::Version2) {
            let message = "`trustAccountIdentities` cannot be false if the @aws-cdk/aws-kms:defaultKeyPolicies feature flag is set";
            self.scope
                .report(Problem::property("trust_account_identities", message));
        } else if let Some(made) = &self.made {
            made.trusts_account.set(trust);
        }
        self
    }

    /// What happens to it when it leaves the stack; it is kept unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(made) = &self.made {
            made.resource.removal_policy(policy);
        }
        self
    }

    /// Gives it a name: `orders`, or `alias/orders`.
    pub fn add_alias(&self, name: &str) {
        let name = match name.starts_with("alias/") {
            true => name.to_owned(),
            false => format!("alias/{name}"),
        };
        if let Some(message) = wrong_alias(&name) {
            self.scope.report(Problem::property("add_alias", message));
        }
        let id = match self.scope.has_child("Alias") {
            true => format!("Alias{name}"),
            false => "Alias".to_owned(),
        };
        CfnResource::new(&self.scope.child(&id), "Resource", "AWS::KMS::Alias")
            .property("AliasName", name)
            .property("TargetKeyId", self.key_arn());
    }

    /// Allows actions on it.
    pub fn grant(&self, grantee: &dyn Grantable, actions: &[&str]) -> Grant {
        let on = OnResource {
            grantee,
            statement: Statement::allow(actions.iter().copied(), [self.key_arn()]),
            resource: self,
            itself: Some("*"),
        };
        let made = self.made.as_ref();
        if made.is_none_or(|made| made.trusts_account.get()) {
            return Grant::add_to_principal_or_resource(on);
        }
        // A role of a later stack does not exist yet when the key's policy is made: its account stands for it.
        let elsewhere = grantee
            .grant_role()
            .filter(|role| role.scope().stack_id() != self.scope.stack_id());
        let account = elsewhere.map(|role| Principal::account(role.account()));
        Grant::add_to_principal_and_resource(on, account)
    }

    /// Allows to decrypt with it.
    pub fn grant_decrypt(&self, grantee: &dyn Grantable) -> Grant {
        self.grant(grantee, &["kms:Decrypt"])
    }

    /// Allows to encrypt with it.
    pub fn grant_encrypt(&self, grantee: &dyn Grantable) -> Grant {
        self.grant(grantee, &ENCRYPT_ACTIONS)
    }

    /// Allows to decrypt and to encrypt with it.
    pub fn grant_encrypt_decrypt(&self, grantee: &dyn Grantable) -> Grant {
        let [encrypt, again, data_key] = ENCRYPT_ACTIONS;
        self.grant(grantee, &["kms:Decrypt", encrypt, again, data_key])
    }

    /// Adds statements to its policy that are only known at synthesis; nothing for an imported key.
    pub(crate) fn add_to_resource_policy_later(
        &self,
        statements: impl Fn() -> Vec<Statement> + 'static,
    ) {
        if let Some(made) = &self.made {
            made.policy.add_later(statements);
        }
    }

    /// Its ARN.
    pub fn key_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its id.
    pub fn key_id(&self) -> Text {
        self.id.clone()
    }
}

impl ResourceWithPolicy for Key {
    fn add_to_resource_policy(&self, statement: Statement) -> bool {
        let made = self.made.as_ref();
        made.map(|made| made.policy.add(statement)).is_some()
    }

    fn resource_account(&self) -> Text {
        self.scope.account()
    }
}

fn wrong_alias(name: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
    if name == "alias/" {
        Some(format!(
            "Alias must include a value after \"alias/\": {name}"
        ))
    } else if name.to_lowercase().starts_with("alias/aws/") {
        Some(format!("Alias cannot start with alias/aws/: {name}"))
    } else if name.len() > 256 || !name.chars().all(allowed) {
        Some("Alias name must be between 1 and 256 characters in a-zA-Z0-9:/_-".to_owned())
    } else {
        None
    }
}
