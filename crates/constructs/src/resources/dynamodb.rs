//! DynamoDB tables.

use crate::core::{CfnResource, RemovalPolicy, Scope};
use crate::iam::{Grantable, Statement};
use crate::value::{Pseudo, Text, Value};

const READ_ACTIONS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:Query",
    "dynamodb:GetItem",
    "dynamodb:Scan",
    "dynamodb:ConditionCheckItem",
];
const WRITE_ACTIONS: &[&str] = &[
    "dynamodb:BatchWriteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
];
const DESCRIBE_ACTION: &str = "dynamodb:DescribeTable";

/// A table, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct Table {
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
}

/// An attribute of a table's keys: its name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    name: String,
    kind: AttributeType,
}

/// The type of an attribute of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Bytes.
    Binary,
    /// Numbers.
    Number,
    /// Texts.
    String,
}

/// How the use of a table is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillingMode {
    /// For each request.
    PayPerRequest,
    /// For units of capacity, however many are used.
    Provisioned {
        /// Reads per second of up to 4 KB each.
        read_capacity: u64,
        /// Writes per second of up to 1 KB each.
        write_capacity: u64,
    },
}

impl Attribute {
    /// An attribute with a name and a type.
    pub fn new(name: impl Into<String>, kind: AttributeType) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }

    fn key(&self, kind: &str) -> Value {
        crate::object! {"AttributeName": self.name.as_str(), "KeyType": kind}
    }

    fn definition(&self) -> Value {
        let kind = match self.kind {
            AttributeType::Binary => "B",
            AttributeType::Number => "N",
            AttributeType::String => "S",
        };
        crate::object! {"AttributeName": self.name.as_str(), "AttributeType": kind}
    }
}

impl Table {
    /// A table whose items are told apart by an attribute. It is kept when it is no longer in the template.
    pub fn new(scope: &Scope, id: &str, partition_key: &Attribute) -> Self {
        let resource = CfnResource::new(&scope.child(id), "Resource", "AWS::DynamoDB::Table")
            .property("KeySchema", [partition_key.key("HASH")])
            .property("AttributeDefinitions", [partition_key.definition()]);
        resource.removal_policy(RemovalPolicy::Retain);
        let table = Self {
            arn: resource.attribute("Arn"),
            name: resource.reference(),
            resource: Some(resource),
        };
        table.billing_mode(BillingMode::Provisioned {
            read_capacity: 5,
            write_capacity: 5,
        })
    }

    /// A table that exists already in the stack's account and region, by its name.
    pub fn from_table_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let name = name.into();
        let arn = scope
            .child(id)
            .arn("dynamodb", Text::from("table/").then(&name));
        Self {
            resource: None,
            arn,
            name,
        }
    }

    /// The attribute that tells items with the same partition key apart and orders them.
    #[must_use]
    pub fn sort_key(self, key: &Attribute) -> Self {
        self.add("KeySchema", key.key("RANGE"));
        self.add("AttributeDefinitions", key.definition());
        self
    }

    /// How its use is paid for; five units of each capacity unless said.
    #[must_use]
    pub fn billing_mode(self, mode: BillingMode) -> Self {
        let Some(resource) = &self.resource else {
            return self;
        };
        match mode {
            BillingMode::PayPerRequest => {
                resource.unset("ProvisionedThroughput");
                resource.set("BillingMode", "PAY_PER_REQUEST");
            }
            BillingMode::Provisioned {
                read_capacity,
                write_capacity,
            } => {
                resource.unset("BillingMode");
                let units = crate::object! {
                    "ReadCapacityUnits": read_capacity,
                    "WriteCapacityUnits": write_capacity,
                };
                resource.set("ProvisionedThroughput", units);
            }
        }
        self
    }

    /// What happens to it when it is no longer in the template; it is kept unless said.
    #[must_use]
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        if let Some(resource) = &self.resource {
            resource.removal_policy(policy);
        }
        self
    }

    /// Sets a property of the resource: `("TableName", "orders")`; nothing for an imported table.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its ARN.
    pub fn table_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn table_name(&self) -> Text {
        self.name.clone()
    }

    /// Allows actions on the table and the indexes that it has by now.
    pub fn grant<A: Into<Text>>(
        &self,
        grantee: &impl Grantable,
        actions: impl IntoIterator<Item = A>,
    ) {
        if let Some(role) = grantee.grant_role() {
            let indexed = |name| {
                let resource = self.resource.as_ref();
                resource.is_some_and(|resource| resource.get(name).is_some())
            };
            let indexes =
                match indexed("GlobalSecondaryIndexes") || indexed("LocalSecondaryIndexes") {
                    true => self.table_arn().then("/index/*"),
                    false => Pseudo::NoValue.into(),
                };
            role.add_to_policy(Statement::allow(actions, [self.table_arn(), indexes]));
        }
    }

    /// Allows reading items.
    pub fn grant_read_data(&self, grantee: &impl Grantable) {
        self.grant(
            grantee,
            READ_ACTIONS.iter().chain([&DESCRIBE_ACTION]).copied(),
        );
    }

    /// Allows changing items.
    pub fn grant_write_data(&self, grantee: &impl Grantable) {
        self.grant(
            grantee,
            WRITE_ACTIONS.iter().chain([&DESCRIBE_ACTION]).copied(),
        );
    }

    /// Allows reading and changing items.
    pub fn grant_read_write_data(&self, grantee: &impl Grantable) {
        let actions = READ_ACTIONS
            .iter()
            .chain(WRITE_ACTIONS)
            .chain([&DESCRIBE_ACTION]);
        self.grant(grantee, actions.copied());
    }

    fn add(&self, property: &str, value: Value) {
        if let Some(resource) = &self.resource {
            let mut values = match resource.get(property) {
                Some(Value::List(values)) => values,
                _ => Vec::new(),
            };
            values.push(value);
            resource.set(property, Value::List(values));
        }
    }
}
