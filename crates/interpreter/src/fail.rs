//! Fail states.

use serde_json::Value;
use stepmill_asl::intrinsic;
use stepmill_asl::jsonpath::Selected;
use stepmill_asl::model::{Data, Dynamic, Fail, State};

use crate::decide::{Deciding, Step};
use crate::failure::{Failure, Origin, Raised};
use crate::record::{Reason, ThreadId};

impl Deciding<'_> {
    pub(crate) fn fail_state(&mut self, thread: ThreadId, state: &State, fail: &Fail) -> Step {
        match self.reason_of(thread, state, fail) {
            Ok(reason) => {
                let previous = self.last_event(thread);
                self.raise(
                    thread,
                    previous,
                    Raised {
                        reason,
                        origin: Origin::Other,
                    },
                )
            }
            Err(failure) => self.fail(thread, failure),
        }
    }

    fn reason_of(&self, thread: ThreadId, state: &State, fail: &Fail) -> Result<Reason, Failure> {
        let scope = self.scope(thread);
        let input = match &state.data {
            Data::JsonPath(data) => scope.effective_input(data)?,
            Data::Jsonata(_) => scope.raw_input().compact(),
        };
        let scope = scope.on(&input);
        let text = |field: &Option<Dynamic<String>>, name: &str| {
            let text = match field {
                None => return Ok(None),
                Some(Dynamic::Literal(text)) => text.clone(),
                Some(Dynamic::Query(query)) => {
                    let name = format!("{name}Path");
                    let value = match query {
                        intrinsic::Expression::Path(path) => scope
                            .select(path)
                            .map(Selected::into_owned)
                            .map_err(|_| scope.not_found(path.text(), &name))?,
                        intrinsic::Expression::Intrinsic(_) => {
                            scope.query(query).map_err(Failure::Runtime)?
                        }
                    };
                    match value {
                        Value::String(text) => text,
                        other => {
                            return Err(Failure::Runtime(format!(
                                "The {name} field refers to value \"{other}\" which is not a \
                                 string: {}",
                                query.text()
                            )));
                        }
                    }
                }
                Some(Dynamic::Expression(expression)) => scope.text(expression, name)?,
            };
            Ok(Some(text.into()))
        };
        Ok(Reason {
            error: text(&fail.error, "Error")?,
            cause: text(&fail.cause, "Cause")?,
        })
    }
}
