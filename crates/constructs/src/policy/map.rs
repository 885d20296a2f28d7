//! What distributed Map states need.

use super::{KnownArns, Template, statements};
use crate::core::{Arn, ArnFormat, Scope};
use crate::iam::Statement;
use crate::object;
use crate::value::{Text, Value};

/// The statements for a resource of a distributed Map state, `s3:getObject`, with its parameters.
pub(crate) fn map_resource(
    scope: &Scope,
    name: &str,
    parameters: &Value,
    known: KnownArns<'_>,
) -> Vec<Statement> {
    let resources = &stepmill_catalog::catalog().map_resources;
    let rows = resources.item_reader.get(name);
    let rows = rows.or_else(|| resources.result_writer.get(name));
    let template = Template {
        scope,
        parameters,
        known,
    };
    statements(rows.map(Vec::as_slice).unwrap_or_default(), &template)
}

/// The statements for the map runs of a machine whose distributed Map states have these labels.
pub(crate) fn map_runs(scope: &Scope, machine_arn: &Text, labels: &[Text]) -> Vec<Statement> {
    let name = Arn::split(machine_arn).resource_name(ArnFormat::Colon);
    let parameters = object! {
        "StateMachineArn": machine_arn,
        "Name": name,
        "Labels": labels.to_vec(),
    };
    let template = Template {
        scope,
        parameters: &parameters,
        known: &[],
    };
    statements(&stepmill_catalog::catalog().map_resources.runs, &template)
}
