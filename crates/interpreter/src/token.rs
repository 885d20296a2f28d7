//! Task tokens: what a worker ends a task with.
//!
//! A token says where it belongs, so that an engine finds its task without an index of tokens, and
//! holds a code that only the owner of the key could make, so that knowing one token tells nothing
//! about another. A token is good as long as its task runs, whatever becomes of the key: a running
//! task keeps its token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use stepmill_asl::TokenKey;
use subtle::ConstantTimeEq;

use crate::execution::{Execution, Identity};
use crate::record::EventId;
use crate::thread::Doing;

/// The form of tokens, as their first byte.
const VERSION: u8 = 1;
/// Bytes of the code, of HMAC-SHA256's 32.
const CODE_BYTES: usize = 24;
/// Bytes of a token before they are written as text.
const BYTES: usize = 1 + 8 + 8 + CODE_BYTES;
/// Characters of a token.
const CHARACTERS: usize = (BYTES * 4).div_ceil(3);
/// SHA-256 takes its input in blocks of so many bytes, and an HMAC key is one block.
const BLOCK_BYTES: usize = 64;

/// Which task a token belongs to, as the token says; nothing vouches for it until
/// [`Execution::holds_token`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskToken {
    /// The execution's [`Identity::number`].
    pub execution: u64,
    /// The event that scheduled the task.
    pub task: EventId,
}

/// What a token is to an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// The token of a task that runs.
    Running,
    /// The task that it names has ended, or the whole execution has. The code in the token is not
    /// looked at any more: nothing can be done with it.
    Ended,
    /// No token of this execution.
    Unknown,
}

impl TaskToken {
    /// Reads a token; `None` if it is none. Nothing secret is compared here.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != CHARACTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (execution, rest) = rest.split_first_chunk::<8>()?;
        let (task, code) = rest.split_first_chunk::<8>()?;
        (*version == VERSION && code.len() == CODE_BYTES).then_some(Self {
            execution: u64::from_be_bytes(*execution),
            task: u64::from_be_bytes(*task),
        })
    }
}

/// The token of the task that the event `task` schedules.
pub(crate) fn issue(key: &TokenKey, identity: &Identity, task: EventId) -> String {
    let execution = identity.number.to_be_bytes();
    let task = task.to_be_bytes();
    let mut block = [0; BLOCK_BYTES];
    block[..TokenKey::BYTES].copy_from_slice(key.bytes());
    let code = Hmac::<Sha256>::new(&block.into())
        .chain_update(execution)
        .chain_update(task)
        .chain_update(identity.execution_arn.as_bytes())
        .finalize()
        .into_bytes();
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.push(VERSION);
    bytes.extend(execution);
    bytes.extend(task);
    bytes.extend(code.iter().take(CODE_BYTES));
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Execution {
    /// Whether `token` is the token of the task that the event `task` scheduled.
    ///
    /// Tokens are compared in constant time.
    pub fn holds_token(&self, task: EventId, token: &str) -> TokenState {
        let named = TaskToken {
            execution: self.identity().number,
            task,
        };
        if TaskToken::parse(token) != Some(named) || task == 0 || task > self.last_event() {
            return TokenState::Unknown;
        }
        let visit = self.task_thread(task).and_then(|id| self.visit(id));
        let Some(Doing::Task(running)) = visit.map(|visit| &visit.doing) else {
            return TokenState::Ended;
        };
        let held = running.schedule.token.as_deref().unwrap_or_default();
        if bool::from(held.as_bytes().ct_eq(token.as_bytes())) {
            TokenState::Running
        } else {
            TokenState::Unknown
        }
    }
}
