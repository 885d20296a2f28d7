//! Executions, as the API's actions see them.

mod delete;
mod describe;
mod express;
mod history;
mod list;
mod redrive;
mod start;
mod stop;
mod tasks;

pub use describe::{DescribedExecution, Ending};
pub use express::{Billing, SyncExecution};
pub use history::{HistoryCursor, HistoryQuery};
pub use list::{ExecutionCursor, ExecutionsQuery, ListedExecution};
pub use start::{StartExecution, StartedExecution};
