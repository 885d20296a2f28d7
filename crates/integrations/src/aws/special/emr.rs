//! Amazon EMR: one cluster, one step, one name where the API has lists and ids.
//!
//! Source: Developer Guide, "Create and manage Amazon EMR clusters with Step Functions".

use serde_json::{Map, Value, json};

use crate::aws::request::Request;
use crate::call::Outcome;

type Fields = Map<String, Value>;

/// How a list is searched for what has a name: the operation, its list, the id, and where it ends.
struct ByName {
    operation: &'static str,
    list: &'static str,
    named: &'static str,
}

const FLEETS: ByName = ByName {
    operation: "ListInstanceFleets",
    list: "InstanceFleets",
    named: "InstanceFleetName",
};
const GROUPS: ByName = ByName {
    operation: "ListInstanceGroups",
    list: "InstanceGroups",
    named: "InstanceGroupName",
};

pub(super) async fn run(
    request: &Request<'_>,
    action: &str,
    given: Fields,
) -> Result<Value, Outcome> {
    let parameters = match action {
        "modifyInstanceFleetByName" => {
            let mut fleet = nested(&given, "InstanceFleet");
            let id = FLEETS.find(request, &given).await?;
            fleet.insert("InstanceFleetId".to_owned(), id);
            checked(request, given, "InstanceFleetName", |given| {
                given.insert("InstanceFleet".to_owned(), Value::Object(fleet));
            })?
        }
        "modifyInstanceGroupByName" => {
            let mut group = nested(&given, "InstanceGroup");
            let id = GROUPS.find(request, &given).await?;
            group.insert("InstanceGroupId".to_owned(), id);
            checked(request, given, "InstanceGroupName", |given| {
                given.shift_remove("InstanceGroup");
                given.insert("InstanceGroups".to_owned(), json!([group]));
            })?
        }
        "createCluster" => given,
        _ => of_one(request, action, given)?,
    };
    let response = request.send(parameters.clone()).await?;
    let result = request.result(response, &parameters);
    Ok(shown(action, result))
}

/// The parameters of actions on one cluster or one step.
fn of_one(request: &Request<'_>, action: &str, mut given: Fields) -> Result<Fields, Outcome> {
    let renames: &[(&str, &str, bool)] = match action {
        "terminateCluster" | "setClusterTerminationProtection" => {
            &[("ClusterId", "JobFlowIds", true)]
        }
        "addStep" => &[("ClusterId", "JobFlowId", false), ("Step", "Steps", true)],
        "cancelStep" => &[("StepId", "StepIds", true)],
        _ => &[],
    };
    for (name, api_name, is_list) in renames {
        if given.contains_key(*api_name) {
            let reason = format!("The field \"{api_name}\" is not supported by Step Functions");
            return Err(request.call.unusable(&reason));
        }
        if let Some(value) = given.shift_remove(*name) {
            let value = if *is_list { json!([value]) } else { value };
            given.insert((*api_name).to_owned(), value);
        }
    }
    Ok(given)
}

/// The parameters without the name, which only the search needs.
fn checked(
    request: &Request<'_>,
    mut given: Fields,
    name: &str,
    change: impl FnOnce(&mut Fields),
) -> Result<Fields, Outcome> {
    if given.shift_remove(name).is_none() {
        let reason = format!("The field \"{name}\" is required but was missing");
        return Err(request.call.unusable(&reason));
    }
    change(&mut given);
    Ok(given)
}

fn nested(given: &Fields, name: &str) -> Fields {
    let value = given.get(name).and_then(Value::as_object);
    value.cloned().unwrap_or_default()
}

impl ByName {
    /// The id of what the parameters name.
    async fn find(&self, request: &Request<'_>, given: &Fields) -> Result<Value, Outcome> {
        let mut marker = None;
        let cluster = given.get("ClusterId").cloned().unwrap_or_default();
        loop {
            let mut parameters = Fields::from_iter([("ClusterId".to_owned(), cluster.clone())]);
            parameters.extend(marker.map(|marker| ("Marker".to_owned(), marker)));
            let found = request.send_to(self.operation, parameters).await?.json;
            let items = found.get(self.list).and_then(Value::as_array);
            let same = |item: &&Value| item.get("Name") == given.get(self.named);
            if let Some(item) = items.into_iter().flatten().find(same) {
                return Ok(item.get("Id").cloned().unwrap_or_default());
            }
            marker = found
                .get("Marker")
                .filter(|marker| !marker.is_null())
                .cloned();
            if marker.is_none() {
                let name = given.get(self.named).cloned().unwrap_or_default();
                let cause = format!("Cluster {cluster} has none of {} named {name}", self.list);
                let prefix = request.action.integration.prefix();
                return Err(Outcome::failed(
                    format!("{prefix}.InvalidRequestException"),
                    cause,
                ));
            }
        }
    }
}

/// The result: what the API has in lists, as one.
fn shown(action: &str, result: Value) -> Value {
    let Value::Object(mut result) = result else {
        return result;
    };
    let (from, to, is_list) = match action {
        "createCluster" => ("JobFlowId", "ClusterId", false),
        "addStep" => ("StepIds", "StepId", true),
        "cancelStep" => ("CancelStepsInfoList", "CancelStepsInfo", true),
        _ => return Value::Object(result),
    };
    if let Some(value) = result.shift_remove(from) {
        let value = match value {
            Value::Array(items) if is_list => items.into_iter().next().unwrap_or_default(),
            value => value,
        };
        result.insert(to.to_owned(), value);
    }
    Value::Object(result)
}
