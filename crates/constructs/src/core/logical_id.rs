//! Logical ids: how a template names a construct.
//!
//! The rule is the CDK's: the construct's path below the stack without `Default`; one id alone is the name, several
//! are a readable part and a hash over them all.

use std::fmt::Write;

use md5::{Digest, Md5};

const MAX_READABLE: usize = 240;

/// The logical id of a construct at a path below its stack.
pub(crate) fn logical_id<'a>(path: impl IntoIterator<Item = &'a str>) -> String {
    let ids: Vec<&str> = path.into_iter().filter(|id| *id != "Default").collect();
    match ids.as_slice() {
        [only] => letters_and_digits(only),
        ids => {
            let mut id = readable(ids);
            for byte in &Md5::digest(ids.join("/").as_bytes())[..4] {
                let _ = write!(id, "{byte:02X}");
            }
            id
        }
    }
}

/// What a logical id ends with that follows from a resource's content.
pub(crate) fn content_hash(content: &str) -> String {
    let mut text = String::with_capacity(32);
    for byte in Md5::digest(content.as_bytes()) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn readable(ids: &[&str]) -> String {
    let mut kept: Vec<&str> = Vec::with_capacity(ids.len());
    for id in ids {
        if !kept.last().is_some_and(|last| last.ends_with(id)) {
            kept.push(id);
        }
    }
    kept.retain(|id| *id != "Resource");
    let mut text: String = kept.into_iter().map(letters_and_digits).collect();
    text.truncate(MAX_READABLE);
    text
}

fn letters_and_digits(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::logical_id;

    #[test]
    fn follows_the_cdks_rule() {
        assert_eq!(
            logical_id(["StateMachine", "Role", "DefaultPolicy", "Resource"]),
            "StateMachineRoleDefaultPolicyDF1E6607"
        );
        assert_eq!(logical_id(["my-param"]), "myparam");
    }
}
