//! How JSON stands for what models have.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::Value;

/// How parameters and results are written as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// The names of members.
    pub names: Names,
    /// Bytes.
    pub blobs: Blobs,
    /// Points in time, in results. Parameters may have any of the forms.
    pub timestamps: Timestamps,
}

/// How members of structures are called. Keys of maps are data, and stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// As in the model: `DBInstanceIdentifier`, `taskArn`.
    #[default]
    Model,
    /// With a capital first letter: `DBInstanceIdentifier`, `TaskArn`.
    Pascal,
    /// As the AWS SDK for Java 2 calls them, with a capital first letter: `DbInstanceIdentifier`,
    /// `TaskArn`, `EqualsValue`.
    ///
    /// Source: its `DefaultNamingStrategy`, which makes the capitals that a name begins with small,
    /// but for one before a small letter, and appends `Value` to Java's own words.
    Java,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blobs {
    /// In base64.
    #[default]
    Base64,
    /// As a text in UTF-8. A parameter that is no text is taken as its JSON, and bytes of a result
    /// that are no UTF-8 are written in base64.
    Text,
}

/// How points in time are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timestamps {
    /// `2026-11-23T00:00:00Z`, with as many groups of three digits behind the second as there are.
    #[default]
    Iso,
    /// The number of seconds since 1970.
    Seconds,
    /// The number of milliseconds since 1970.
    Milliseconds,
}

/// Words that no method of a Java class can be called, or that every class has.
const JAVA_WORDS: [&str; 60] = [
    "abstract",
    "assert",
    "boolean",
    "break",
    "build",
    "builder",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "equals",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "getClass",
    "goto",
    "hashCode",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "notify",
    "notifyAll",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "toString",
    "true",
    "try",
    "void",
    "wait",
    "while",
];

impl Names {
    /// What a member of the model is called.
    pub(crate) fn of(self, member: &str) -> Cow<'_, str> {
        match self {
            Self::Model => Cow::Borrowed(member),
            Self::Pascal => capitalized(Cow::Borrowed(member)),
            Self::Java => capitalized(java(member)),
        }
    }
}

fn capitalized(name: Cow<'_, str>) -> Cow<'_, str> {
    match name.chars().next() {
        Some(first) if first.is_ascii_lowercase() => {
            let mut name = name.into_owned();
            name[..1].make_ascii_uppercase();
            Cow::Owned(name)
        }
        _ => name,
    }
}

fn java(member: &str) -> Cow<'_, str> {
    let bytes = member.as_bytes();
    let is = |at: usize, class: fn(&u8) -> bool| bytes.get(at).is_some_and(class);
    let mut small = usize::from(!bytes.is_empty());
    while is(small, u8::is_ascii_uppercase) && !is(small + 1, u8::is_ascii_lowercase) {
        small += 1;
    }
    let mut name = Cow::Borrowed(member);
    if bytes.iter().take(small).any(u8::is_ascii_uppercase) {
        name.to_mut()[..small].make_ascii_lowercase();
    }
    if JAVA_WORDS.contains(&&*name) {
        name.to_mut().push_str("Value");
    }
    name
}

impl Blobs {
    pub(crate) fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => BASE64_STANDARD.decode(text).ok(),
            Self::Text => Some(text.as_bytes().to_vec()),
        }
    }

    pub(crate) fn show(self, bytes: Vec<u8>) -> String {
        match self {
            Self::Base64 => BASE64_STANDARD.encode(bytes),
            Self::Text => String::from_utf8(bytes)
                .unwrap_or_else(|error| BASE64_STANDARD.encode(error.as_bytes())),
        }
    }
}

impl Timestamps {
    pub(crate) fn show(self, time: Timestamp) -> Value {
        match self {
            Self::Iso => Value::from(instant(time)),
            Self::Seconds => crate::time::seconds(time).into(),
            Self::Milliseconds => time.as_millisecond().into(),
        }
    }
}

/// As Java's `Instant` is written.
fn instant(time: Timestamp) -> String {
    let digits = match time.subsec_nanosecond() {
        0 => 0,
        nanos if nanos % 1_000_000 == 0 => 3,
        nanos if nanos % 1_000 == 0 => 6,
        _ => 9,
    };
    format!("{time:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_called_as_asked() {
        for (member, pascal, java) in [
            ("taskArn", "TaskArn", "TaskArn"),
            (
                "DBInstanceIdentifier",
                "DBInstanceIdentifier",
                "DbInstanceIdentifier",
            ),
            ("MD5OfBody", "MD5OfBody", "Md5OfBody"),
            ("SSEKMSKeyId", "SSEKMSKeyId", "SsekmsKeyId"),
            ("ETag", "ETag", "ETag"),
            ("ACL", "ACL", "Acl"),
            ("S", "S", "S"),
            ("equals", "Equals", "EqualsValue"),
            ("Default", "Default", "DefaultValue"),
            ("", "", ""),
        ] {
            assert_eq!(Names::Model.of(member), member);
            assert_eq!(Names::Pascal.of(member), pascal);
            assert_eq!(Names::Java.of(member), java);
        }
    }

    #[test]
    fn times_are_written_as_java_does() {
        for (time, written) in [
            ("2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"),
            ("2026-11-23T00:00:00.5Z", "2026-11-23T00:00:00.500Z"),
            ("2026-11-23T00:00:00.00025Z", "2026-11-23T00:00:00.000250Z"),
        ] {
            assert_eq!(Timestamps::Iso.show(time.parse().unwrap()), written);
        }
        let time = "2026-11-23T00:00:00.5Z".parse().unwrap();
        assert_eq!(Timestamps::Seconds.show(time), 1_795_392_000.5);
        assert_eq!(Timestamps::Milliseconds.show(time), 1_795_392_000_500_i64);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_in_base64() {
        assert_eq!(Blobs::Text.show(b"a".to_vec()), "a");
        assert_eq!(Blobs::Text.show(vec![0xff]), "/w==");
        assert_eq!(Blobs::Base64.show(b"a".to_vec()), "YQ==");
        assert_eq!(Blobs::Base64.read("a"), None);
    }
}
