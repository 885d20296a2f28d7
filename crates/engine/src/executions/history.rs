//! `GetExecutionHistory`.

use serde::{Deserialize, Serialize};
use stepmill_interpreter::{EventId, HistoryEvent, Record, history_event};

use crate::core::Found;
use crate::engine::Engine;
use crate::error::Error;
use crate::page::Page;

/// Which events to show.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// The execution's ARN.
    pub execution_arn: String,
    /// Latest first.
    pub reverse: bool,
    /// Where the page begins.
    pub after: Option<HistoryCursor>,
    /// How many at most.
    pub limit: usize,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryCursor {
    /// The turn to read from.
    pub turn: u32,
    /// The last event of the page before.
    pub event: EventId,
}

impl Engine {
    /// A page of a Standard execution's history.
    pub fn history(
        &self,
        query: &HistoryQuery,
    ) -> Result<Page<HistoryEvent, HistoryCursor>, Error> {
        let found = self.core.find_by_arn(&query.execution_arn)?;
        let mut shown = if query.reverse {
            self.read_backwards(&found, query)?
        } else {
            self.read_forwards(&found, query)?
        };
        let more = shown.len() > query.limit;
        shown.truncate(query.limit);
        let next = shown
            .last()
            .filter(|_| more)
            .map(|(turn, event)| HistoryCursor {
                turn: *turn,
                event: event.id,
            });
        Ok(Page {
            items: shown.into_iter().map(|(_, event)| event).collect(),
            next,
        })
    }

    /// One event more than asked for, with the turns that they belong to.
    fn read_forwards(
        &self,
        found: &Found,
        query: &HistoryQuery,
    ) -> Result<Vec<(u32, HistoryEvent)>, Error> {
        let (from, after) = query
            .after
            .map_or((0, 0), |after| (after.turn, after.event));
        let mut events = Vec::new();
        let show = Show::new(found);
        self.core
            .each_entry(found.row.number, from, |turn, records| {
                let shown = records.iter().filter_map(|record| show.event(record));
                events.extend(
                    shown
                        .filter(|event| event.id > after)
                        .map(|event| (turn, event)),
                );
                events.len() <= query.limit
            })?;
        Ok(events)
    }

    fn read_backwards(
        &self,
        found: &Found,
        query: &HistoryQuery,
    ) -> Result<Vec<(u32, HistoryEvent)>, Error> {
        let before = query.after.map_or(EventId::MAX, |after| after.event);
        let mut events = Vec::new();
        let show = Show::new(found);
        self.core.each_entry(found.row.number, 0, |turn, records| {
            let shown = records.iter().filter_map(|record| show.event(record));
            events.extend(
                shown
                    .filter(|event| event.id < before)
                    .map(|event| (turn, event)),
            );
            true
        })?;
        events.reverse();
        Ok(events)
    }
}

/// How the records of one execution are shown.
struct Show<'a> {
    found: &'a Found,
    identity: stepmill_interpreter::Identity,
}

impl<'a> Show<'a> {
    fn new(found: &'a Found) -> Self {
        Self {
            found,
            identity: found.identity(),
        }
    }

    fn event(&self, record: &Record) -> Option<HistoryEvent> {
        let revision = &self.found.revision;
        history_event(
            &revision.definition,
            &self.identity,
            &revision.region,
            record,
        )
    }
}
