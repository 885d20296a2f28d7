//! Wait states.

use jiff::{SignedDuration, Timestamp};
use stepmill_asl::model::{Data, Dynamic, State, Transition, Wait};
use stepmill_asl::{intrinsic, timestamp};

use crate::data_flow::shown;
use crate::decide::{Deciding, Step};
use crate::failure::{Evaluation, Failure};
use crate::payload::Payload;
use crate::probe::Stage;
use crate::record::{Fact, ThreadId};
use crate::state::Leaving;
use crate::template::Scope;

/// The longest wait, 24,855 days: 2³¹ − 1 seconds (observed on AWS).
const LONGEST_SECONDS: i64 = 2_147_483_647;

impl Deciding<'_> {
    pub(crate) fn wait(&mut self, thread: ThreadId, state: &State, wait: &Wait) -> Step {
        match self.waits_until(thread, state, wait) {
            Ok(until) if until <= self.world.now => self.wait_over(thread),
            Ok(until) => {
                let previous = self.last_event(thread);
                self.note(thread, previous, Fact::WaitStarted { until });
                Ok(())
            }
            Err(failure) => self.fail(thread, failure),
        }
    }

    fn waits_until(
        &self,
        thread: ThreadId,
        state: &State,
        wait: &Wait,
    ) -> Result<Timestamp, Failure> {
        let scope = self.scope(thread);
        let input = match &state.data {
            Data::JsonPath(data) => {
                let input = scope.effective_input(data)?;
                self.show(|| Stage::AfterInputPath(input.clone()));
                input
            }
            Data::Jsonata(_) => scope.raw_input().compact(),
        };
        let scope = scope.on(&input);
        let until = match wait {
            Wait::Seconds(Dynamic::Literal(seconds)) => self.after(*seconds),
            Wait::Seconds(Dynamic::Query(path)) => self.after(seconds_at(&scope, path)?),
            Wait::Seconds(Dynamic::Expression(expression)) => {
                self.after(scope.whole_number(expression, "Seconds")?)
            }
            Wait::Timestamp(Dynamic::Literal(literal)) => whole_seconds(literal.instant),
            Wait::Timestamp(Dynamic::Query(path)) => whole_seconds(timestamp_at(&scope, path)?),
            Wait::Timestamp(Dynamic::Expression(expression)) => {
                let text = scope.text(expression, "Timestamp")?;
                let instant = timestamp::parse(&text).ok_or_else(|| {
                    Failure::Evaluation(Evaluation {
                        detail: format!(
                            "The Timestamp field cannot be parsed as an ISO-8601 extended offset \
                             date-time format string: {text}"
                        ),
                        location: Some("Timestamp".to_owned()),
                        after_entered: true,
                    })
                })?;
                whole_seconds(instant)
            }
        };
        let too_long = || Failure::Runtime("Wait state delay is too long.".to_owned());
        let until = until.ok_or_else(too_long)?;
        if until.duration_since(self.world.now).as_secs() > LONGEST_SECONDS {
            return Err(too_long());
        }
        Ok(until)
    }

    fn after(&self, seconds: u64) -> Option<Timestamp> {
        let seconds = i64::try_from(seconds).ok()?;
        self.world
            .now
            .checked_add(SignedDuration::from_secs(seconds))
            .ok()
    }

    pub(crate) fn wait_over(&mut self, thread: ThreadId) -> Step {
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let state = self.machine.state(visit.state);
        match self.waited(thread, state) {
            Ok(leaving) => self.leave(thread, leaving, state.transition.unwrap_or(Transition::End)),
            Err(failure) => self.fail(thread, failure),
        }
    }

    fn waited(&self, thread: ThreadId, state: &State) -> Result<Leaving, Failure> {
        let scope = self.scope(thread);
        let (input, output) = match &state.data {
            Data::JsonPath(data) => (scope.effective_input(data)?, None),
            Data::Jsonata(data) => (scope.raw_input().compact(), data.output.as_ref()),
        };
        let scope = scope.on(&input);
        let assigned = self.assign(&scope, state.assign.as_ref(), thread)?;
        let output = match (&state.data, output) {
            (_, Some(output)) => Payload::from(scope.template(output, "Output")?),
            (Data::JsonPath(data), None) => scope.output_path(data, input.clone())?,
            (Data::Jsonata(_), None) => input.clone(),
        };
        Ok(Leaving { output, assigned })
    }
}

/// A timestamp counts up to its seconds (Developer Guide, "Wait workflow state").
fn whole_seconds(instant: Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(instant.as_second()).ok()
}

fn seconds_at(scope: &Scope<'_>, path: &intrinsic::Expression) -> Result<u64, Failure> {
    let text = path.text();
    let value = scope.query(path).map_err(|_| {
        Failure::Runtime(format!(
            "The SecondsPath parameter does not reference an input value: {text}"
        ))
    })?;
    match value.as_i64() {
        Some(seconds) => u64::try_from(seconds).map_err(|_| {
            Failure::Runtime(format!(
                "The SecondsPath parameter references a negative value: {text} == {value}"
            ))
        }),
        None => Err(Failure::Runtime(format!(
            "The SecondsPath parameter cannot be parsed as a long value: {text} == {}",
            shown(&value)
        ))),
    }
}

fn timestamp_at(scope: &Scope<'_>, path: &intrinsic::Expression) -> Result<Timestamp, Failure> {
    let text = path.text();
    let value = scope.query(path).map_err(|_| {
        Failure::Runtime(format!(
            "The TimestampPath parameter does not reference an input value: {text}"
        ))
    })?;
    value.as_str().and_then(timestamp::parse).ok_or_else(|| {
        Failure::Runtime(format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset \
             date-time format string: {text} == {}",
            shown(&value)
        ))
    })
}
