//! Types of instances.

use std::borrow::Cow;

use crate::value::{JsonPath, Text};

/// A type of instances: `t3.micro`, from a class and a size, or from the workflow's data.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceType(Text);

impl InstanceType {
    /// A type by its name, which may be a path: `t3.micro`.
    pub fn new(name: impl Into<Text>) -> Self {
        Self(name.into())
    }

    /// A size of a class.
    pub fn of(class: &InstanceClass, size: &InstanceSize) -> Self {
        Self(format!("{}.{}", class.name(), size.name()).into())
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.0
    }
}

impl From<&str> for InstanceType {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<JsonPath> for InstanceType {
    fn from(path: JsonPath) -> Self {
        Self::new(path)
    }
}

/// A class of instances and its generation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceClass(Cow<'static, str>);

/// A size of instances.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceSize(Cow<'static, str>);

macro_rules! names {
    ($type:ident: $($constant:ident $name:literal,)*) => {
        impl $type {
            $(
                #[doc = concat!("`", $name, "`.")]
                pub const $constant: Self = Self(Cow::Borrowed($name));
            )*

            /// One that has no constant here, by its name.
            pub fn named(name: impl Into<String>) -> Self {
                Self(Cow::Owned(name.into()))
            }

            /// Its name.
            pub fn name(&self) -> &str {
                &self.0
            }
        }
    };
}

names! {
    InstanceClass:
    A1 "a1",
    C3 "c3",
    C4 "c4",
    C5 "c5",
    C5A "c5a",
    C5AD "c5ad",
    C5D "c5d",
    C5N "c5n",
    C6A "c6a",
    C6G "c6g",
    C6GD "c6gd",
    C6GN "c6gn",
    C6I "c6i",
    D2 "d2",
    D3 "d3",
    D3EN "d3en",
    F1 "f1",
    G3 "g3",
    G4AD "g4ad",
    G4DN "g4dn",
    G5 "g5",
    G5G "g5g",
    H1 "h1",
    HPC6A "hpc6a",
    I3 "i3",
    I3EN "i3en",
    I4I "i4i",
    IM4GN "im4gn",
    INF1 "inf1",
    IS4GEN "is4gen",
    M3 "m3",
    M4 "m4",
    M5 "m5",
    M5A "m5a",
    M5AD "m5ad",
    M5D "m5d",
    M5DN "m5dn",
    M5N "m5n",
    M5ZN "m5zn",
    M6A "m6a",
    M6G "m6g",
    M6GD "m6gd",
    M6I "m6i",
    MAC1 "mac1",
    P2 "p2",
    P3 "p3",
    P4D "p4d",
    R3 "r3",
    R4 "r4",
    R5 "r5",
    R5A "r5a",
    R5AD "r5ad",
    R5B "r5b",
    R5D "r5d",
    R5DN "r5dn",
    R5N "r5n",
    R6G "r6g",
    R6GD "r6gd",
    R6I "r6i",
    T2 "t2",
    T3 "t3",
    T3A "t3a",
    T4G "t4g",
    VT1 "vt1",
    X1 "x1",
    X1E "x1e",
    X2G "x2g",
    X2GD "x2gd",
    X2IDN "x2idn",
    X2IEDN "x2iedn",
    X2IEZN "x2iezn",
    Z1D "z1d",
}

names! {
    InstanceSize:
    NANO "nano",
    MICRO "micro",
    SMALL "small",
    MEDIUM "medium",
    LARGE "large",
    XLARGE "xlarge",
    XLARGE2 "2xlarge",
    XLARGE3 "3xlarge",
    XLARGE4 "4xlarge",
    XLARGE6 "6xlarge",
    XLARGE8 "8xlarge",
    XLARGE9 "9xlarge",
    XLARGE10 "10xlarge",
    XLARGE12 "12xlarge",
    XLARGE16 "16xlarge",
    XLARGE18 "18xlarge",
    XLARGE24 "24xlarge",
    XLARGE32 "32xlarge",
    XLARGE48 "48xlarge",
    XLARGE56 "56xlarge",
    XLARGE112 "112xlarge",
    METAL "metal",
}
