//! What all states have in common.

use crate::model::{
    Data, JsonPathData, JsonataData, QueryLanguage, ResultPath, Selection, State, StateId,
    StateKind, Transition,
};
use crate::template::Template;

use super::checker::Checker;
use super::fields::Object;
use super::machine::Inside;
use super::query::{Env, Reads};
use super::types::{TYPES, Type};

/// A state while it is read.
pub(crate) struct Reading<'r, 's> {
    pub(crate) object: &'r Object<'r>,
    pub(crate) id: StateId,
    pub(crate) language: QueryLanguage,
    pub(crate) inside: &'r Inside<'s>,
}

impl Checker<'_> {
    /// One state.
    pub(crate) fn state(
        &mut self,
        object: &Object<'_>,
        name: &str,
        id: StateId,
        inside: &Inside<'_>,
    ) -> Option<State> {
        let comment = self.comment(object);
        let declared = self.query_language(object, self.language);
        let downgraded =
            self.language == QueryLanguage::Jsonata && declared == QueryLanguage::JsonPath;
        if downgraded {
            let message =
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
            let help = "remove QueryLanguage here, or set it to JSONata state by state instead of for the machine";
            let bytes = object
                .member("QueryLanguage")
                .map_or(&object.head, |m| &m.key_bytes);
            self.schema(&object.place, bytes, message, help);
        }
        let kind = self.state_type(object)?;
        // After a refused downgrade AWS does not judge by language.
        let judged = (!downgraded).then_some(declared);
        self.known_fields(object, kind.owner(), kind.fields(), judged);
        let reading = Reading {
            object,
            id,
            language: declared,
            inside,
        };
        let results = matches!(kind, Type::Task | Type::Parallel | Type::Map);
        let env = Env {
            language: declared,
            reads: Reads {
                result: results,
                error_output: false,
            },
        };
        let has = |field| kind.has(field);
        let transition = if has("Next") {
            self.transition(&reading)
        } else {
            None
        };
        let data = self.data(&reading, kind, env);
        let assign = has("Assign")
            .then(|| self.assign(object, env, inside.scope))
            .flatten();
        let kind = match kind {
            Type::Task => self
                .task(&reading)
                .map(|task| StateKind::Task(Box::new(task))),
            Type::Wait => self.wait(&reading).map(StateKind::Wait),
            Type::Pass => Some(self.pass(&reading)),
            Type::Succeed => Some(StateKind::Succeed),
            Type::Fail => Some(StateKind::Fail(self.fail(&reading))),
            Type::Choice => self.choice(&reading).map(StateKind::Choice),
            Type::Parallel => self.parallel(&reading).map(StateKind::Parallel),
            Type::Map => self.map(&reading).map(|map| StateKind::Map(Box::new(map))),
        };
        Some(State {
            name: name.into(),
            workflow: inside.workflow,
            comment,
            data: data?,
            assign,
            transition,
            kind: kind?,
        })
    }

    fn state_type(&mut self, object: &Object<'_>) -> Option<Type> {
        if !self.required(object, &["Type"]) {
            return None;
        }
        let text = self.text(object, "Type")?;
        let known = TYPES.iter().find(|(name, _)| *name == text);
        if let Some((_, kind)) = known {
            return Some(*kind);
        }
        let names: Vec<_> = TYPES.iter().map(|(name, _)| *name).collect();
        let list = names.join(", ");
        let message = format!("The field 'Type' should have one of these values: [{list}]");
        let help = match self.nearest(text, names) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "write one of them".to_owned(),
        };
        self.bad_value(object, "Type", message, help);
        None
    }

    fn transition(&mut self, reading: &Reading<'_, '_>) -> Option<Transition> {
        let object = reading.object;
        let end = self.boolean(object, "End");
        match (object.has("Next"), end) {
            // `"End": false` beside Next says nothing and is not counted.
            (true, None | Some(false)) => {}
            (false, Some(true)) => return Some(Transition::End),
            // That End is no boolean has been told of.
            (false, None) if object.has("End") => return None,
            (false, Some(false)) => {
                let message =
                    "This object should have only one of the following fields: [Next, End]";
                let help = "set End to true, or add Next";
                self.schema(&object.place, &object.head, message, help);
                return None;
            }
            _ => {
                self.one_of(object, &["Next", "End"], true);
                return None;
            }
        }
        let target = self.target(object, "Next", reading.inside.targets)?;
        Some(Transition::Next(target))
    }

    /// The fields that move data; those that the type does not have are absent.
    fn data(&mut self, reading: &Reading<'_, '_>, kind: Type, env: Env) -> Option<Data> {
        let object = reading.object;
        let has = |field| kind.has(field);
        if env.language == QueryLanguage::Jsonata {
            let output = has("Output")
                .then(|| self.template(object, "Output", env))
                .flatten();
            let arguments = has("Arguments")
                .then(|| self.template(object, "Arguments", Env::plain(env.language)))
                .flatten();
            let data = JsonataData { arguments, output };
            return Some(Data::Jsonata(Box::new(data)));
        }
        // Each field is looked at before one that is broken ends the reading.
        let input_path = self.selection_if(has("InputPath"), object, "InputPath");
        // A Map state's Parameters are an older name of its ItemSelector.
        let parameters = (has("Parameters") && kind != Type::Map)
            .then(|| self.template(object, "Parameters", env))
            .flatten();
        let result_selector = has("ResultSelector")
            .then(|| self.template(object, "ResultSelector", env))
            .flatten();
        let result_path = if has("ResultPath") {
            self.result_path(object)
        } else {
            Some(ResultPath::default())
        };
        let output_path = self.selection_if(has("OutputPath"), object, "OutputPath");
        let data = JsonPathData {
            input_path: input_path?,
            parameters,
            result_selector,
            result_path: result_path?,
            output_path: output_path?,
        };
        Some(Data::JsonPath(Box::new(data)))
    }

    fn selection_if(&mut self, has: bool, object: &Object<'_>, name: &str) -> Option<Selection> {
        if has {
            self.selection(object, name)
        } else {
            Some(Selection::default())
        }
    }

    /// `Output` of a Choice rule or catcher: in JSONata only.
    pub(crate) fn inner_output(&mut self, object: &Object<'_>, env: Env) -> Option<Template> {
        match env.language {
            QueryLanguage::JsonPath => None,
            QueryLanguage::Jsonata => self.template(object, "Output", env),
        }
    }
}
