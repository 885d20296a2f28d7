//! What is looked up in an account before synthesis, as the CDK's command line does it.

use std::cell::RefCell;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::{Map, Value as Json, json};

use super::app::App;
use super::error::{ConstructError, ConstructErrors, Problem};
use super::features::Feature;
use super::scope::Scope;

/// Facts about accounts that an app was given, and those that it lacked.
#[derive(Debug, Default)]
pub(super) struct Context {
    known: RefCell<Map<String, Json>>,
    missing: RefCell<Vec<MissingContext>>,
}

/// A fact about an account that an app lacked: a member of `missing` in a cloud assembly's manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingContext {
    /// The name under which it is to be given: `vpc-provider:account=…`.
    pub key: String,
    /// What kind of thing it is: `vpc-provider`.
    pub provider: String,
    /// What is asked for: `account`, `region` and what the provider needs.
    pub props: Json,
}

/// The fact that says how the bootstrap stack is called.
const QUALIFIER: &str = "@aws-cdk/core:bootstrapQualifier";
/// Where the command line writes context that is too long for a variable.
const OVERFLOW: &str = "CONTEXT_OVERFLOW_LOCATION";

impl App {
    /// An app with what the CDK's command line says to the programs that it runs: the facts of earlier look-ups, and the
    /// features and the bootstrap stack's qualifier that `cdk.json` names.
    pub fn from_cdk() -> Result<Self, ConstructErrors> {
        let app = Self::new();
        if let Some(path) = env::var_os(OVERFLOW).filter(|path| !path.is_empty()) {
            let path = PathBuf::from(path);
            let text = fs::read_to_string(&path);
            let text = text.map_err(|error| failed(Problem::file(&path, &error)))?;
            app.read_context(OVERFLOW, &text)?;
        }
        if let Ok(text) = env::var("CDK_CONTEXT_JSON") {
            app.read_context("CDK_CONTEXT_JSON", &text)?;
        }
        Ok(app)
    }

    /// Takes facts as JSON of one object.
    fn read_context(&self, source: &str, text: &str) -> Result<(), ConstructErrors> {
        let facts: Map<String, Json> = serde_json::from_str(text).map_err(|error| {
            let message = format!("{source} is not what the command line writes: {error}");
            failed(Problem::property("context", message))
        })?;
        for (key, value) in facts {
            let feature = value.as_bool().and_then(|on| Feature::from_flag(&key, on));
            match (feature, &value) {
                (Some(feature), _) => drop(self.clone().feature(feature)),
                (None, Json::String(qualifier)) if key == QUALIFIER => {
                    drop(self.clone().bootstrap_qualifier(qualifier));
                }
                _ => drop(self.clone().context(&key, value)),
            }
        }
        Ok(())
    }

    /// The app with a fact about an account, as `cdk.context.json` has it. Give facts before making stacks.
    #[must_use]
    pub fn context(self, key: &str, value: impl Into<Json>) -> Self {
        let known = &self.inner.context.known;
        known.borrow_mut().insert(key.to_owned(), value.into());
        self
    }

    /// The facts that were asked for and not given; constructs used dummy values in their place.
    pub fn missing_context(&self) -> Vec<MissingContext> {
        self.inner.context.missing.borrow().clone()
    }
}

fn failed(problem: Problem) -> ConstructErrors {
    ConstructErrors(vec![ConstructError {
        path: "App".to_owned(),
        problem,
    }])
}

impl Scope {
    /// A fact about the stack's account and region; none if it was not given.
    pub(crate) fn look_up(&self, provider: &str, asked: Map<String, Json>) -> Option<Json> {
        let environment = &self.stack.environment;
        let (Some(account), Some(region)) = (&environment.account, &environment.region) else {
            self.report(Problem::Tree(format!(
                "Cannot retrieve value from context provider {provider} since account/region are not specified \
                 at the stack level. Configure \"env\" with an account and region when you define your stack."
            )));
            return None;
        };
        let mut props = Map::new();
        props.insert("account".to_owned(), json!(account));
        props.insert("region".to_owned(), json!(region));
        props.extend(asked);
        let mut parts = Vec::new();
        key_parts("", &props, &mut parts);
        parts.sort();
        let key = format!("{provider}:{}", parts.join(":"));
        let context = &self.app.context;
        let known = context.known.borrow().get(&key).cloned();
        let problem = known.as_ref().and_then(|known| known.get("$providerError"));
        if let Some(problem) = problem.and_then(Json::as_str) {
            self.report(Problem::Tree(problem.to_owned()));
        }
        if known.is_none() || problem.is_some() {
            let missing = MissingContext {
                key,
                provider: provider.to_owned(),
                props: Json::Object(props),
            };
            let mut all = context.missing.borrow_mut();
            if !all.contains(&missing) {
                all.push(missing);
            }
            return None;
        }
        known
    }
}

/// The properties as they stand in a key: `filter.isDefault=true`.
fn key_parts(prefix: &str, props: &Map<String, Json>, parts: &mut Vec<String>) {
    for (name, value) in props {
        match value {
            Json::Object(members) => key_parts(&format!("{prefix}{name}."), members, parts),
            Json::String(text) => {
                let quoted = text.replacen('$', "$$", 1).replacen(':', "$:", 1);
                parts.push(format!("{prefix}{name}={quoted}"));
            }
            other => parts.push(format!("{prefix}{name}={other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_context_is_facts_features_and_a_qualifier() {
        let app = App::new();
        let text = r#"{
            "@aws-cdk/aws-iam:minimizePolicies": true,
            "@aws-cdk/core:newStyleStackSynthesis": false,
            "@aws-cdk/aws-stepfunctions-tasks:evaluateExpressionDedicatedFunction": false,
            "@aws-cdk/core:bootstrapQualifier": "orders",
            "vpc-provider:account=1": {"vpcId": "vpc-1"}
        }"#;
        app.read_context("CDK_CONTEXT_JSON", text).unwrap();
        assert!(app.inner.features().has(Feature::MinimizePolicies));
        assert!(!app.inner.features().has(Feature::NewStyleStackSynthesis));
        assert!(
            app.inner
                .features()
                .has(Feature::EvaluateExpressionSharedFunction)
        );
        let known = app.inner.context.known.borrow();
        assert_eq!(known["vpc-provider:account=1"]["vpcId"], "vpc-1");
        assert_eq!(app.inner.qualifier.borrow().as_deref(), Some("orders"));
        let wrong = app.read_context("CDK_CONTEXT_JSON", "[]").unwrap_err();
        assert!(
            wrong
                .to_string()
                .starts_with("App: CDK_CONTEXT_JSON is not what"),
            "{wrong}"
        );
    }
}
