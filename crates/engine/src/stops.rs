//! Jobs that nobody waits for any more are ended, even if the process ends before they are.
//!
//! The turn that gives a task up keeps a note of its job in the same commit. The note goes when the
//! job is ended, or when its service says that it cannot be.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stepmill_asl::model::Resource;
use stepmill_integrations::Call;
use stepmill_store::{Change, Document};

use crate::core::Core;
use crate::error::Error;
use crate::keeper::Keeper;
use crate::tasks::Tasks;

/// Jobs that are to be ended, by execution and task.
const KIND: &str = "unwanted-job";
/// Notes read at once.
const PAGE: usize = 256;
/// Pauses between attempts, which double, and for how long attempts are made: hours after, a person
/// is needed.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(3_600);

/// What has to be known to end a job.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    execution_arn: String,
    state_machine: String,
    state_machine_arn: String,
    execution_role_arn: String,
    state: String,
    task: u64,
    resource: String,
    input: String,
    #[serde(default)]
    role_arn: Option<String>,
    submitted: String,
}

/// A note of a job that is to be ended, to be kept with the turn that gives its task up, and the
/// note's number.
pub(crate) fn note(keeper: &Keeper, call: Call) -> Result<(u64, Change), Error> {
    let number = keeper.number();
    let key = format!("{} {}", call.execution_arn, call.task);
    let note = Note {
        resource: call.resource.to_string(),
        execution_arn: call.execution_arn,
        state_machine: call.state_machine,
        state_machine_arn: call.state_machine_arn,
        execution_role_arn: call.execution_role_arn,
        state: call.state,
        task: call.task,
        input: call.input,
        role_arn: call.role_arn,
        submitted: call.submitted.unwrap_or_default(),
    };
    let body = serde_json::to_vec(&note).map_err(|error| Error::internal(error.to_string()))?;
    let document = Document {
        number,
        kind: KIND.to_owned(),
        key,
        body,
    };
    Ok((number, Change::Put(document)))
}

/// Ends a job, with as many attempts as it takes; and then its note goes.
pub(crate) async fn end(tasks: &dyn Tasks, call: &Call, note: Option<(u64, Keeper)>) {
    let mut pause = FIRST_PAUSE;
    let mut waited = Duration::ZERO;
    while let Err(error) = tasks.stop(call).await {
        if !error.may_pass || waited >= PATIENCE {
            tracing::warn!(
                execution = call.execution_arn,
                resource = %call.resource,
                %error,
                "a job that nobody waits for any more could not be ended"
            );
            break;
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    if let Some((number, keeper)) = note {
        // A note that stays has the job ended once more, which does no harm.
        let _ = keeper.commit(vec![Change::Delete { number }]).await;
    }
}

/// Ends the jobs that a process before this one had still to end.
pub(crate) async fn recover(core: Arc<Core>) {
    let mut after = String::new();
    loop {
        let store = core.keeper.store();
        let documents = match store.documents(KIND, "", &after, PAGE) {
            Ok(documents) => documents,
            Err(error) => {
                tracing::error!(%error, "cannot read which jobs are to be ended");
                return;
            }
        };
        for document in &documents {
            let Some(call) = read(document) else {
                tracing::error!(
                    key = document.key,
                    "the note of a job that is to be ended cannot be read"
                );
                continue;
            };
            let surroundings = core.surroundings.clone();
            let note = Some((document.number, core.keeper.clone()));
            let under_way = surroundings.stopping.enter();
            tokio::spawn(async move {
                end(&*surroundings.tasks, &call, note).await;
                drop(under_way);
            });
        }
        core.surroundings.stopping.at_most(PAGE).await;
        match documents.into_iter().last() {
            Some(last) => after = last.key,
            None => return,
        }
    }
}

fn read(document: &Document) -> Option<Call> {
    let note: Note = serde_json::from_slice(&document.body).ok()?;
    Some(Call {
        resource: Resource::parse(&note.resource)?,
        execution_arn: note.execution_arn,
        state_machine: note.state_machine,
        state_machine_arn: note.state_machine_arn,
        execution_role_arn: note.execution_role_arn,
        state: note.state,
        task: note.task,
        attempt: 0,
        input: note.input,
        role_arn: note.role_arn,
        token: None,
        submitted: Some(note.submitted),
        repeated: false,
        mocks: None,
    })
}
