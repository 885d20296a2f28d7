//! Aliases of state machines.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stepmill_engine::{
    Caller, CreateStateMachineAlias, NameCursor, Route, UpdateStateMachineAlias,
};

use super::encode::Seconds;
use super::{Operations, nothing, paging, write};
use crate::model::Operation;
use crate::pages::List;
use crate::protocol::Failure;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoutingItem {
    state_machine_version_arn: String,
    weight: u32,
}

impl From<RoutingItem> for Route {
    fn from(item: RoutingItem) -> Self {
        Self {
            version_arn: item.state_machine_version_arn,
            weight: item.weight,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateAliasInput {
    name: String,
    description: Option<String>,
    routing_configuration: Vec<RoutingItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateAliasInput {
    state_machine_alias_arn: String,
    description: Option<String>,
    routing_configuration: Option<Vec<RoutingItem>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AliasInput {
    state_machine_alias_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListAliasesInput {
    state_machine_arn: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AliasItem<'a> {
    state_machine_alias_arn: &'a str,
    creation_date: Seconds,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Aliases<'a> {
    state_machine_aliases: Vec<AliasItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alias<'a> {
    state_machine_alias_arn: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    routing_configuration: Vec<RoutingItem>,
    creation_date: Seconds,
    update_date: Seconds,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Updated {
    update_date: Seconds,
}

impl Operations {
    pub(super) async fn create_alias(&self, request: CreateAliasInput) -> Result<Bytes, Failure> {
        let create = CreateStateMachineAlias {
            name: request.name,
            description: request.description,
            routing: routes(request.routing_configuration),
        };
        let alias = self.engine.machines().create_alias(create).await?;
        write(&AliasItem {
            state_machine_alias_arn: &alias.arn,
            creation_date: Seconds(alias.creation),
        })
    }

    pub(super) fn describe_alias(&self, request: &AliasInput) -> Result<Bytes, Failure> {
        let machines = self.engine.machines();
        let alias = machines.describe_alias(&request.state_machine_alias_arn)?;
        let routing = alias.routing.into_iter().map(|route| RoutingItem {
            state_machine_version_arn: route.version_arn,
            weight: route.weight,
        });
        write(&Alias {
            state_machine_alias_arn: &alias.arn,
            name: &alias.name,
            description: alias.description.as_deref(),
            routing_configuration: routing.collect(),
            creation_date: Seconds(alias.creation),
            update_date: Seconds(alias.update),
        })
    }

    pub(super) async fn update_alias(&self, request: UpdateAliasInput) -> Result<Bytes, Failure> {
        let update = UpdateStateMachineAlias {
            arn: request.state_machine_alias_arn,
            description: request.description,
            routing: request.routing_configuration.map(routes),
        };
        let updated: Timestamp = self.engine.machines().update_alias(update).await?;
        write(&Updated {
            update_date: Seconds(updated),
        })
    }

    pub(super) async fn delete_alias(&self, request: AliasInput) -> Result<Bytes, Failure> {
        let machines = self.engine.machines();
        machines
            .delete_alias(&request.state_machine_alias_arn)
            .await?;
        Ok(nothing())
    }

    pub(super) fn list_aliases(
        &self,
        caller: &Caller,
        request: &ListAliasesInput,
    ) -> Result<Bytes, Failure> {
        let list = List {
            caller,
            operation: Operation::ListStateMachineAliases,
            arguments: &[Some(&request.state_machine_arn)],
        };
        let after: Option<NameCursor> = self.cursor(list, request.next_token.as_deref())?;
        let size = paging::size(request.max_results);
        let machines = self.engine.machines();
        let page = machines.list_aliases(&request.state_machine_arn, after.as_ref(), size)?;
        let aliases = page.items.iter().map(|alias| AliasItem {
            state_machine_alias_arn: &alias.arn,
            creation_date: Seconds(alias.creation),
        });
        write(&Aliases {
            state_machine_aliases: aliases.collect(),
            next_token: self.token(list, page.next.as_ref())?,
        })
    }
}

fn routes(items: Vec<RoutingItem>) -> Vec<Route> {
    items.into_iter().map(Into::into).collect()
}
