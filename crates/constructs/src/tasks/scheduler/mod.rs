//! EventBridge Scheduler: makes schedules.

mod create_schedule;
mod schedule;
mod target;

pub use create_schedule::{ActionAfterCompletion, EventBridgeSchedulerCreateScheduleTask};
pub use schedule::{CronOptions, Schedule};
pub use target::{EventBridgeSchedulerTarget, RetryPolicy};
