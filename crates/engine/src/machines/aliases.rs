//! Aliases: names for one or two versions.

use jiff::Timestamp;
use stepmill_store::Change;

use crate::arn::{Arn, Qualifier, Resource};
use crate::error::{Code, Error};
use crate::machines::cache::Stale;
use crate::machines::documents::{
    self, AliasBody, Kept, MachineBody, OfMachine, alias_arn, alias_key, version_arn, within,
};
use crate::machines::registry::{Decision, Inner, Machines, not_found};
use crate::machines::routing::{Route, Routing, check_routing};
use crate::page::{NameCursor, Page, page};

/// The parameters of `CreateStateMachineAlias`.
#[derive(Debug, Clone, Default)]
pub struct CreateStateMachineAlias {
    /// `name`; the API model has the rule of its characters.
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// `routingConfiguration`
    pub routing: Vec<Route>,
}

/// The parameters of `UpdateStateMachineAlias`: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateStateMachineAlias {
    /// `stateMachineAliasArn`
    pub arn: String,
    /// `description`
    pub description: Option<String>,
    /// `routingConfiguration`
    pub routing: Option<Vec<Route>>,
}

/// An alias: the answer of `DescribeStateMachineAlias`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasDescription {
    /// `stateMachineAliasArn`
    pub arn: String,
    /// `name`
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// `routingConfiguration`
    pub routing: Vec<Route>,
    /// `creationDate`
    pub creation: Timestamp,
    /// `updateDate`
    pub update: Timestamp,
}

/// An alias, in lists and as the answer of `CreateStateMachineAlias`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasItem {
    /// `stateMachineAliasArn`
    pub arn: String,
    /// `creationDate`
    pub creation: Timestamp,
}

impl Machines {
    /// `CreateStateMachineAlias`. Creating the same one again is no error.
    pub async fn create_alias(&self, request: CreateStateMachineAlias) -> Result<AliasItem, Error> {
        self.change(move |inner, _| inner.create_alias(&request))
            .await
    }

    /// `DescribeStateMachineAlias`
    pub fn describe_alias(&self, arn: &str) -> Result<AliasDescription, Error> {
        let found = self.inner().alias_named(arn)?;
        let (machine, alias) = found.ok_or_else(|| not_found(arn))?;
        let routes = alias.body.routes.iter().map(|route| Route {
            version_arn: version_arn(&machine.key, route.version),
            weight: route.weight,
        });
        Ok(AliasDescription {
            arn: alias_arn(&machine.key, &alias.body.name),
            routing: routes.collect(),
            name: alias.body.name,
            description: alias.body.description,
            creation: alias.body.created,
            update: alias.body.updated,
        })
    }

    /// `UpdateStateMachineAlias`: answers the time of the last change.
    pub async fn update_alias(&self, request: UpdateStateMachineAlias) -> Result<Timestamp, Error> {
        if request.description.is_none() && request.routing.is_none() {
            let message = "Either the description or the routing configuration must be specified";
            let error = Error::validation(message).with("reason", "MISSING_REQUIRED_PARAMETER");
            return Err(error);
        }
        self.change(move |inner, _| inner.update_alias(request))
            .await
    }

    /// `DeleteStateMachineAlias`; one that does not exist is no error.
    pub async fn delete_alias(&self, arn: &str) -> Result<(), Error> {
        let arn = arn.to_owned();
        self.change(move |inner, _| {
            let Some((mut machine, alias)) = inner.alias_named(&arn)? else {
                return Ok(Decision::unchanged(()));
            };
            machine.body.aliases = machine.body.aliases.saturating_sub(1);
            let changes = vec![
                Change::Delete {
                    number: alias.number,
                },
                machine.put(documents::MACHINE)?,
            ];
            Ok(Decision::of(changes, ()).making_stale(Stale::Arn(arn)))
        })
        .await
    }

    /// `ListStateMachineAliases`, by name (so observed; the API reference says otherwise). With the
    /// ARN of a version, those that lead to it.
    pub fn list_aliases(
        &self,
        arn: &str,
        after: Option<&NameCursor>,
        limit: usize,
    ) -> Result<Page<AliasItem, NameCursor>, Error> {
        let inner = self.inner();
        let (machine, qualifier) = inner.qualified(arn)?;
        let version = match qualifier {
            None => None,
            Some(Qualifier::Version(version)) => {
                let kept = inner.find_version(machine.number, version)?;
                Some(kept.ok_or_else(|| not_found(arn))?.body.version)
            }
            Some(Qualifier::Alias(_)) => return Err(Error::no_state_machine(arn)),
        };
        let mut found = Vec::new();
        for alias in inner.aliases(machine.number)? {
            let body = alias.body;
            let leads = |version| body.routes.iter().any(|route| route.version == version);
            if after.is_none_or(|cursor| body.name > cursor.after) && version.is_none_or(leads) {
                found.push(body);
            }
        }
        let Page { items, next } = page(found, limit, |last| NameCursor {
            after: last.name.clone(),
        });
        let items = items.iter().map(|body| item(&machine, body));
        Ok(Page {
            items: items.collect(),
            next,
        })
    }
}

impl Inner {
    fn create_alias(
        &self,
        request: &CreateStateMachineAlias,
    ) -> Result<Decision<AliasItem>, Error> {
        let routing = check_routing(&request.routing)?;
        let machine = self.find_machine(&routing.arn, routing.name)?;
        let first = || {
            request
                .routing
                .first()
                .map_or("", |route| &*route.version_arn)
        };
        let mut machine = machine.ok_or_else(|| not_found(first()))?;
        machine.check_active()?;
        self.check_versions(&machine, &routing)?;
        if let Some(alias) = self.find_alias(machine.number, &request.name)? {
            let body = alias.body;
            if body.description == request.description && body.routes == routing.routes {
                return Ok(Decision::unchanged(item(&machine, &body)));
            }
            // Observed on AWS, for another description too.
            let message = "Failed to create alias because an alias with the same name and a \
                           different routing configuration already exists.";
            return Err(Error::new(Code::ConflictException, message));
        }
        let most = self.quotas.aliases;
        if machine.body.aliases >= most {
            return Err(Error::new(
                Code::ServiceQuotaExceededException,
                format!("The maximum number of aliases has been reached: {most}"),
            ));
        }
        machine.body.aliases += 1;
        let created = self.clock.now();
        let alias = Kept {
            number: self.keeper.number(),
            key: alias_key(machine.number, &request.name),
            body: AliasBody {
                name: request.name.clone(),
                description: request.description.clone(),
                routes: routing.routes,
                created,
                updated: created,
            },
        };
        let changes = vec![
            alias.put(documents::ALIAS)?,
            machine.put(documents::MACHINE)?,
        ];
        Ok(Decision::of(changes, item(&machine, &alias.body)))
    }

    fn update_alias(&self, request: UpdateStateMachineAlias) -> Result<Decision<Timestamp>, Error> {
        let missing = || not_found(&request.arn);
        let (machine, mut alias) = self.alias_named(&request.arn)?.ok_or_else(missing)?;
        machine.check_active()?;
        let before = alias.body.clone();
        if let Some(routing) = &request.routing {
            let routing = check_routing(routing)?;
            let other = self.find_machine(&routing.arn, routing.name)?;
            if other.is_none_or(|other| other.number != machine.number) {
                return Err(missing());
            }
            self.check_versions(&machine, &routing)?;
            alias.body.routes = routing.routes;
        }
        if let Some(description) = request.description {
            alias.body.description = Some(description);
        }
        if alias.body == before {
            return Ok(Decision::unchanged(before.updated));
        }
        alias.body.updated = self.clock.now();
        let changes = vec![alias.put(documents::ALIAS)?];
        let decision = Decision::of(changes, alias.body.updated);
        Ok(decision.making_stale(Stale::Arn(request.arn)))
    }

    fn check_versions(
        &self,
        machine: &Kept<MachineBody>,
        routing: &Routing<'_>,
    ) -> Result<(), Error> {
        for route in &routing.routes {
            if self.find_version(machine.number, route.version)?.is_none() {
                return Err(not_found(&version_arn(&machine.key, route.version)));
            }
        }
        Ok(())
    }

    /// The alias that an ARN names, with its state machine.
    fn alias_named(&self, text: &str) -> Result<Option<OfMachine<AliasBody>>, Error> {
        let arn = Arn::parse(text)?;
        let Resource::StateMachine {
            name,
            qualifier: Some(Qualifier::Alias(alias)),
        } = arn.resource
        else {
            return Err(arn.unsuited());
        };
        let Some(machine) = self.find_machine(&arn, name)? else {
            return Ok(None);
        };
        let alias = self.find_alias(machine.number, alias)?;
        Ok(alias.map(|alias| (machine, alias)))
    }

    /// All aliases of a state machine, by name: there are few.
    pub(crate) fn aliases(&self, machine: u64) -> Result<Vec<Kept<AliasBody>>, Error> {
        let mut aliases = Vec::new();
        self.each(documents::ALIAS, &within(machine), |document| {
            aliases.push(Kept::read(document)?);
            Ok(())
        })?;
        Ok(aliases)
    }

    /// The names of the aliases that lead to a version.
    pub(crate) fn aliases_of(&self, machine: u64, version: u32) -> Result<Vec<String>, Error> {
        let aliases = self.aliases(machine)?.into_iter().map(|alias| alias.body);
        Ok(aliases
            .filter(|body| body.routes.iter().any(|route| route.version == version))
            .map(|body| body.name)
            .collect())
    }
}

fn item(machine: &Kept<MachineBody>, body: &AliasBody) -> AliasItem {
    AliasItem {
        arn: alias_arn(&machine.key, &body.name),
        creation: body.created,
    }
}
