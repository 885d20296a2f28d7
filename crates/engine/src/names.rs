//! What things are called.

use stepmill_interpreter::Identity;
use uuid::Uuid;

use crate::error::{Code, Error};

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

/// What names must not hold besides white space, control characters and noncharacters: API
/// reference, `CreateStateMachine`; each one observed on AWS.
const FORBIDDEN: &str = "?*<>{}[]:;,\\|^~$#%&`\"/";

/// Checks the characters of the name of a state machine, an activity or an execution. Its length is
/// the API model's matter.
pub fn check_name(name: &str) -> Result<(), Error> {
    let forbidden = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '\u{fffe}' | '\u{ffff}' | '\u{10ffff}')
            || FORBIDDEN.contains(character)
    };
    if name.is_empty() || name.contains(forbidden) {
        let message = format!("Invalid Name: '{name}'");
        return Err(Error::new(Code::InvalidName, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // what helps a test may fail it

    use super::{FORBIDDEN, check_name};
    use crate::error::Code;

    #[test]
    fn names_hold_no_forbidden_characters() {
        for good in ["a", "A.b-c_9", "größe", "name@host", "it's(1)!+=", "机器"] {
            check_name(good).unwrap();
        }
        let others = " \t\n\u{0}\u{1f}\u{7f}\u{80}\u{9f}\u{a0}\u{2028}\u{fffe}\u{ffff}\u{10ffff}";
        for character in FORBIDDEN.chars().chain(others.chars()) {
            let name = format!("a{character}b");
            let error = check_name(&name).unwrap_err();
            assert_eq!(error.code, Code::InvalidName);
            assert_eq!(error.message, format!("Invalid Name: '{name}'"));
        }
    }
}
