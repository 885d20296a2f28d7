//! What executions are called.

use stepmill_interpreter::Identity;
use uuid::Uuid;

/// The account of everything, unless told otherwise: the one that emulators use.
pub const ACCOUNT: &str = "000000000000";

/// The region of everything, unless told otherwise.
pub const REGION: &str = "us-east-1";

/// The identity of a new execution of the state machine `machine`.
pub fn identity(machine: &str, express: bool, account: &str, region: &str) -> Identity {
    let name = Uuid::new_v4().to_string();
    let execution_arn = if express {
        let run = Uuid::new_v4();
        format!("arn:aws:states:{region}:{account}:express:{machine}:{name}:{run}")
    } else {
        format!("arn:aws:states:{region}:{account}:execution:{machine}:{name}")
    };
    Identity {
        number: 0,
        execution_arn,
        name,
        role_arn: format!("arn:aws:iam::{account}:role/stepmill"),
        state_machine_arn: format!("arn:aws:states:{region}:{account}:stateMachine:{machine}"),
        version_arn: None,
        alias_arn: None,
        state_machine_name: machine.to_owned(),
        express,
    }
}
