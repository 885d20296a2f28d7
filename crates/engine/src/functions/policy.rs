//! AddPermission, GetPolicy, RemovePermission: kept and shown, because deployment tools write them.
//! Nothing is enforced: whoever may call this service may call every function.

use serde_json::{Map, Value, json};
use stepmill_integrations::lambda::{LATEST, Target};
use uuid::Uuid;

use super::documents::{Documents, Key};
use super::error::{FunctionError, FunctionErrorCode};
use super::fields::Fields;
use super::model::{Policy, Record};
use super::{Body, Functions, no_function, other_than_latest};
use crate::caller::Caller;

/// The most bytes of a policy (AWS Lambda Developer Guide, "Lambda quotas").
const MAX_POLICY: usize = 20 * 1024;

impl Functions {
    /// `AddPermission`
    pub async fn add_permission(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
        body: Body,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, qualifier)?;
        let mut fields = Fields::new(body);
        let statement = statement(&mut fields, &target)?;
        let revision = fields.text("RevisionId")?;
        fields.finish("AddPermission")?;

        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        self.check_qualifier(&key, &target)?;
        let place = place(&target);
        let policy = record.policies.entry(place).or_insert_with(|| Policy {
            statements: Vec::new(),
            revision: Uuid::new_v4(),
        });
        Self::check_revision(revision.as_deref(), policy.revision)?;
        let sid = &statement["Sid"];
        if policy.statements.iter().any(|other| other["Sid"] == *sid) {
            return Err(FunctionError::conflict(format!(
                "The statement id ({}) provided already exists. Please provide a new statement id, \
                 or remove the existing statement.",
                sid.as_str().unwrap_or_default()
            )));
        }
        policy.statements.push(statement.clone());
        policy.revision = Uuid::new_v4();
        if text(policy).len() > MAX_POLICY {
            return Err(FunctionError::new(
                FunctionErrorCode::PolicyLengthExceededException,
                format!("The final policy size is bigger than the limit ({MAX_POLICY})."),
            ));
        }
        self.keep_record(&key, number, &record).await?;
        Ok(json!({"Statement": statement.to_string()}))
    }

    /// `GetPolicy`
    pub fn get_policy(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, qualifier)?;
        let key = Key::new(target.owner(), target.name());
        let common = self.inner.host.common(target.name()).is_some();
        let record = match self.stored(&key)? {
            Some((_, record)) => Some(record),
            None if common => None,
            None => return Err(no_function(&target)),
        };
        let policy = record.and_then(|mut record| record.policies.remove(&place(&target)));
        match policy {
            Some(policy) => Ok(json!({"Policy": text(&policy), "RevisionId": policy.revision})),
            None => Err(FunctionError::not_found(
                "The resource you requested does not exist.",
            )),
        }
    }

    /// `RemovePermission`
    pub async fn remove_permission(
        &self,
        caller: &Caller,
        name: &str,
        qualifier: Option<&str>,
        sid: &str,
        revision: Option<&str>,
    ) -> Result<(), FunctionError> {
        let target = self.target(caller, name, qualifier)?;
        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        let place = place(&target);
        let Some(policy) = record.policies.get_mut(&place) else {
            return Err(FunctionError::not_found(
                "No policy is associated with the given resource.",
            ));
        };
        Self::check_revision(revision, policy.revision)?;
        let before = policy.statements.len();
        policy
            .statements
            .retain(|statement| statement["Sid"] != sid);
        if policy.statements.len() == before {
            return Err(FunctionError::not_found(format!(
                "Statement {sid} is not found in resource policy."
            )));
        }
        policy.revision = Uuid::new_v4();
        if policy.statements.is_empty() {
            record.policies.remove(&place);
        }
        self.keep_record(&key, number, &record).await
    }

    async fn keep_record(
        &self,
        key: &Key,
        number: u64,
        record: &Record,
    ) -> Result<(), FunctionError> {
        let documents = &self.inner.documents;
        documents
            .commit(vec![Documents::put_function(key, number, record)?])
            .await
    }

    /// A policy can only be for what exists.
    fn check_qualifier(&self, key: &Key, target: &Target) -> Result<(), FunctionError> {
        let documents = &self.inner.documents;
        match other_than_latest(target) {
            None => Ok(()),
            Some(qualifier)
                if documents.version(key, qualifier)?.is_some()
                    || documents.alias(key, qualifier)?.is_some() =>
            {
                Ok(())
            }
            Some(_) => Err(no_function(target)),
        }
    }
}

/// Which of a function's policies a target has.
fn place(target: &Target) -> String {
    target.qualifier().unwrap_or(LATEST).to_owned()
}

fn text(policy: &Policy) -> String {
    let Policy { statements, .. } = policy;
    json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}).to_string()
}

/// The statement that AWS makes of a request (Lambda API reference, AddPermission).
fn statement(fields: &mut Fields, target: &Target) -> Result<Value, FunctionError> {
    let sid = fields.required_text("StatementId")?;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !(1..=100).contains(&sid.len()) || !sid.bytes().all(word) {
        let rule = "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)";
        return Err(FunctionError::constraint(&sid, "statementId", rule));
    }
    let action = fields.required_text("Action")?;
    let principal = fields.required_text("Principal")?;
    let principal = if principal == "*" {
        json!("*")
    } else if principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit()) {
        json!({"AWS": format!("arn:aws:iam::{principal}:root")})
    } else if principal.starts_with("arn:") {
        json!({"AWS": principal})
    } else {
        json!({"Service": principal})
    };
    let mut equal = Map::new();
    for (field, key) in [
        ("SourceAccount", "AWS:SourceAccount"),
        ("EventSourceToken", "lambda:EventSourceToken"),
        ("PrincipalOrgID", "aws:PrincipalOrgID"),
        ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
    ] {
        if let Some(value) = fields.text(field)? {
            equal.insert(key.to_owned(), json!(value));
        }
    }
    fields.refuse("InvokedViaFunctionUrl", "functions have no URLs here")?;
    let mut conditions = Map::new();
    if !equal.is_empty() {
        conditions.insert("StringEquals".to_owned(), Value::Object(equal));
    }
    if let Some(arn) = fields.text("SourceArn")? {
        conditions.insert("ArnLike".to_owned(), json!({"AWS:SourceArn": arn}));
    }
    let mut statement = json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": target.arn(),
    });
    if !conditions.is_empty() {
        statement["Condition"] = Value::Object(conditions);
    }
    Ok(statement)
}
