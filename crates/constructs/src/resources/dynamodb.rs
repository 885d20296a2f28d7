//! DynamoDB tables.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use super::kms::Key;
use crate::core::{Arn, ArnFormat, CfnResource, Feature, Problem, RemovalPolicy, Scope};
use crate::iam::{Grant, Grantable};
use crate::value::{Pseudo, Text, Value};

const READ_ACTIONS: [&str; 5] = [
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:GetItem",
    "dynamodb:Scan",
    "dynamodb:ConditionCheckItem",
];
/// Reading of streams, which version 1 puts among the others, after the first.
const STREAM_ACTIONS: [&str; 2] = ["dynamodb:GetRecords", "dynamodb:GetShardIterator"];
const WRITE_ACTIONS: [&str; 4] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
];
const DESCRIBE_ACTION: &str = "dynamodb:DescribeTable";
const KEY_READ_ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:DescribeKey"];
const KEY_WRITE_ACTIONS: [&str; 5] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
];

/// A table, made in the stack or imported.
///
/// It is a handle: clones are the same table.
#[derive(Clone, Debug)]
pub struct Table {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    arn: Text,
    name: Text,
    /// None if it was imported.
    resource: Option<CfnResource>,
    encryption_key: OnceCell<Key>,
    keys: Rc<Keys>,
}

/// What a table's items are found by, and what reading and writing is paid by.
#[derive(Debug)]
struct Keys {
    attributes: RefCell<Vec<(String, AttributeType)>>,
    sort: RefCell<Option<String>>,
    on_demand: Cell<bool>,
    read_capacity: Cell<u32>,
    write_capacity: Cell<u32>,
}

/// The type of an attribute that a table's items are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Bytes.
    Binary,
    /// A number.
    Number,
    /// A text.
    String,
}

impl AttributeType {
    fn name(self) -> &'static str {
        match self {
            Self::Binary => "B",
            Self::Number => "N",
            Self::String => "S",
        }
    }
}

/// What reading and writing is paid by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingMode {
    /// By request.
    PayPerRequest,
    /// By the capacity that is kept ready.
    Provisioned,
}

impl Table {
    /// A table whose items are found by an attribute, with a capacity of 5; it is kept when it leaves the stack.
    pub fn new(
        scope: &Scope,
        id: &str,
        partition_key: &str,
        partition_key_type: AttributeType,
    ) -> Self {
        let place = scope.child(id);
        let keys = Rc::new(Keys {
            attributes: RefCell::new(vec![(partition_key.to_owned(), partition_key_type)]),
            sort: RefCell::default(),
            on_demand: Cell::new(false),
            read_capacity: Cell::new(5),
            write_capacity: Cell::new(5),
        });
        let lazily = |value: fn(&Keys) -> Option<Value>| {
            let keys = keys.clone();
            move || value(&keys)
        };
        let resource = CfnResource::new(&place, "Resource", "AWS::DynamoDB::Table")
            .lazy_property("KeySchema", lazily(|keys| Some(keys.schema())))
            .lazy_property(
                "AttributeDefinitions",
                lazily(|keys| Some(keys.attributes())),
            )
            .lazy_property("ProvisionedThroughput", lazily(Keys::throughput));
        resource.removal_policy(RemovalPolicy::Retain);
        Self {
            inner: Rc::new(Inner {
                scope: place,
                arn: resource.attribute("Arn"),
                name: resource.reference(),
                resource: Some(resource),
                encryption_key: OnceCell::new(),
                keys,
            }),
        }
    }

    /// A table that exists already, by its name.
    pub fn from_table_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let place = scope.child(id);
        let name = name.into();
        let arn = place.arn("dynamodb", Text::from("table/").then(&name));
        Self::imported(place, arn, name)
    }

    /// A table that exists already, by its ARN.
    pub fn from_table_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        let place = scope.child(id);
        let arn = arn.into();
        let name = Arn::split(&arn).resource_name(ArnFormat::Slash);
        if name.as_literal() == Some("") {
            let message = "ARN for DynamoDB table must be in the form: ...";
            place.report(Problem::property("from_table_arn", message));
        }
        Self::imported(place, arn, name)
    }

    fn imported(scope: Scope, arn: Text, name: Text) -> Self {
        let keys = Keys {
            attributes: RefCell::default(),
            sort: RefCell::default(),
            on_demand: Cell::default(),
            read_capacity: Cell::default(),
            write_capacity: Cell::default(),
        };
        Self {
            inner: Rc::new(Inner {
                scope,
                arn,
                name,
                resource: None,
                encryption_key: OnceCell::new(),
                keys: Rc::new(keys),
            }),
        }
    }

    /// Sets a property of the resource: `("TableClass", "STANDARD_INFREQUENT_ACCESS")`; nothing for an imported table.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its name; CloudFormation makes one unless said.
    pub fn name(self, name: impl Into<Text>) -> Self {
        self.property("TableName", name.into())
    }

    /// The attribute that items of one partition are put into order by.
    pub fn sort_key(self, name: &str, kind: AttributeType) -> Self {
        let keys = &self.inner.keys;
        if keys.sort.replace(Some(name.to_owned())).is_some() {
            let message = format!("Unable to set {name} as a RANGE key, because there is one");
            self.inner
                .scope
                .report(Problem::property("sort_key", message));
        }
        keys.attributes.borrow_mut().push((name.to_owned(), kind));
        self
    }

    /// What reading and writing is paid by.
    pub fn billing_mode(self, mode: BillingMode) -> Self {
        let (name, on_demand) = match mode {
            BillingMode::PayPerRequest => ("PAY_PER_REQUEST", true),
            BillingMode::Provisioned => ("PROVISIONED", false),
        };
        self.inner.keys.on_demand.set(on_demand);
        self.property("BillingMode", name)
    }

    /// The capacity that is kept ready for reading, in units.
    pub fn read_capacity(self, units: u32) -> Self {
        self.inner.keys.read_capacity.set(units);
        self
    }

    /// The capacity that is kept ready for writing, in units.
    pub fn write_capacity(self, units: u32) -> Self {
        self.inner.keys.write_capacity.set(units);
        self
    }

    /// The key that items are encrypted with.
    pub fn encryption_key(self, key: &Key) -> Self {
        if self.inner.encryption_key.set(key.clone()).is_err() {
            let problem = Problem::property("encryption_key", "the table has a key already");
            self.inner.scope.report(problem);
        }
        let encryption = crate::object! {
            "KMSMasterKeyId": key.key_arn(),
            "SSEEnabled": true,
            "SSEType": "KMS",
        };
        self.property("SSESpecification", encryption)
    }

    /// What happens to it when it leaves the stack; it is kept unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.removal_policy(policy);
        }
        self
    }

    /// Allows actions on it.
    pub fn grant(&self, grantee: &dyn Grantable, actions: &[&str]) -> Grant {
        // The place of its indexes, of which it has none, as version 1 writes it.
        let indexes = (!self.version_2()).then(|| Pseudo::NoValue.into());
        let resources = std::iter::once(self.table_arn()).chain(indexes);
        Grant::add_to_principal(grantee, actions.iter().copied(), resources)
    }

    fn version_2(&self) -> bool {
        self.inner.scope.has(Feature::Version2)
    }

    fn read_actions(&self) -> Vec<&'static str> {
        let [first, others @ ..] = READ_ACTIONS;
        match self.version_2() {
            true => READ_ACTIONS.to_vec(),
            false => [&[first][..], &STREAM_ACTIONS, &others].concat(),
        }
    }

    /// Allows to read items.
    pub fn grant_read_data(&self, grantee: &dyn Grantable) -> Grant {
        let mut actions = self.read_actions();
        actions.push(DESCRIBE_ACTION);
        let grant = self.grant_with_key(grantee, &actions, &KEY_READ_ACTIONS);
        if self.version_2() {
            self.grant(grantee, &STREAM_ACTIONS);
        }
        grant
    }

    /// Allows to write items.
    pub fn grant_write_data(&self, grantee: &dyn Grantable) -> Grant {
        let actions = [&WRITE_ACTIONS[..], &[DESCRIBE_ACTION]].concat();
        self.grant_with_key(grantee, &actions, &KEY_WRITE_ACTIONS)
    }

    /// Allows to read and write items.
    pub fn grant_read_write_data(&self, grantee: &dyn Grantable) -> Grant {
        let mut actions = self.read_actions();
        actions.extend(WRITE_ACTIONS);
        actions.push(DESCRIBE_ACTION);
        if self.version_2() {
            self.grant(grantee, &STREAM_ACTIONS);
        }
        self.grant_with_key(grantee, &actions, &KEY_WRITE_ACTIONS)
    }

    /// Allows everything.
    pub fn grant_full_access(&self, grantee: &dyn Grantable) -> Grant {
        self.grant_with_key(grantee, &["dynamodb:*"], &KEY_WRITE_ACTIONS)
    }

    fn grant_with_key(
        &self,
        grantee: &dyn Grantable,
        actions: &[&str],
        key_actions: &[&str],
    ) -> Grant {
        let grant = self.grant(grantee, actions);
        if let Some(key) = self.inner.encryption_key.get() {
            key.grant(grantee, key_actions);
        }
        grant
    }

    /// Its ARN.
    pub fn table_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its name.
    pub fn table_name(&self) -> Text {
        self.inner.name.clone()
    }
}

impl Keys {
    fn schema(&self) -> Value {
        let key = |name: &str, kind: &str| crate::object! {"AttributeName": name, "KeyType": kind};
        let attributes = self.attributes.borrow();
        let partition = attributes.first().map(|(name, _)| key(name, "HASH"));
        let sort = self.sort.borrow();
        let sort = sort.as_deref().map(|name| key(name, "RANGE"));
        Value::List(partition.into_iter().chain(sort).collect())
    }

    fn attributes(&self) -> Value {
        let attributes = self.attributes.borrow();
        let attributes = attributes.iter().map(
            |(name, kind)| crate::object! {"AttributeName": name.as_str(), "AttributeType": kind.name()},
        );
        Value::List(attributes.collect())
    }

    fn throughput(&self) -> Option<Value> {
        (!self.on_demand.get()).then(|| {
            crate::object! {
                "ReadCapacityUnits": self.read_capacity.get(),
                "WriteCapacityUnits": self.write_capacity.get(),
            }
        })
    }
}
