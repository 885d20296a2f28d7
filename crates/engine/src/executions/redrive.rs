//! `RedriveExecution`.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use stepmill_interpreter::{Fact, Limits, NotRedrivable, Record, Redrivability};
use tokio::sync::oneshot;

use crate::core::{Core, Found};
use crate::engine::Engine;
use crate::error::Error;
use crate::message::Message;
use crate::status::StatusCode;

impl Engine {
    /// Redrives a Standard execution that failed, was aborted or timed out: it goes on where it
    /// stopped. Its redrive date, once that is on the disk.
    ///
    /// A second request with the same `client_token` within 15 minutes is the same request.
    pub async fn redrive_execution(
        &self,
        arn: &str,
        client_token: Option<&str>,
    ) -> Result<Timestamp, Error> {
        let found = self.core.find_by_arn(arn)?;
        let number = found.row.number;
        let now = self.core.surroundings.clock.now();
        if let Some(token) = client_token
            && let Some(redriven) = self.core.redrive_tokens.find(number, token, now)
        {
            return Ok(redriven);
        }
        let (reply, redriven) = oneshot::channel();
        self.core.open.fetch_add(1, Ordering::Relaxed);
        self.core.wake(number, Some(Message::Redrive { reply }));
        let redriven = redriven
            .await
            .map_err(|_| Error::no_execution(arn))
            .flatten();
        match redriven {
            Ok(redriven) => {
                if let Some(token) = client_token {
                    self.core.redrive_tokens.add(number, token, redriven);
                }
                Ok(redriven)
            }
            Err(error) => {
                self.core.open.fetch_sub(1, Ordering::Relaxed);
                Err(error)
            }
        }
    }
}

impl Core {
    /// How often an execution was redriven, and when last.
    pub(crate) fn redrives(&self, found: &Found) -> Result<(u32, Option<Timestamp>), Error> {
        let mut redrives = (0, None);
        if StatusCode::from_byte(found.row.update.status).is_redriven() {
            self.each_entry(found.row.number, 0, |_, records| {
                for record in records {
                    if let Fact::ExecutionRedriven { count } = record.fact {
                        redrives = (count, Some(record.time));
                    }
                }
                true
            })?;
        }
        Ok(redrives)
    }
}

/// Whether an execution with these last records can be redriven.
pub(crate) fn redrivable(
    found: &Found,
    last: &[Record],
    now: Timestamp,
) -> Result<(), NotRedrivable> {
    let about = Redrivability {
        express: false,
        succeeded: StatusCode::from_byte(found.row.update.status).name() == "SUCCEEDED",
        started: found.started(),
        ended: found.stopped(),
        events: last.iter().map(|record| record.id).max().unwrap_or(0),
    };
    about.check(now, &Limits::STANDARD)
}
