//! Structs of options that stand as objects within a task's parameters.

use crate::value::{Object, Value};

/// Makes a struct of options that knows how it is written: `new` takes what is required, a method of the same name each of
/// the others.
///
/// A member's type in brackets means several; durations are written in seconds, sizes in gibibytes. Numbers are a
/// `Value`, so that they can be paths.
macro_rules! property {
    (
        $(#[$meta:meta])*
        pub struct $name:ident(
            $($need:ident: $need_type:tt => $need_member:literal),* $(,)?
        ) {
            $($(#[$doc:meta])* $field:ident: $type:tt => $member:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[must_use]
        pub struct $name($crate::value::Object);

        impl $name {
            /// With what is required.
            #[allow(clippy::new_without_default)]
            pub fn new($($need: $crate::tasks::property::property!(@argument $need_type)),*) -> Self {
                #[allow(unused_mut)]
                let mut members = $crate::value::Object::new();
                $(
                    let value = $crate::tasks::property::property!(@value $need_type, $need);
                    members.insert($need_member.to_owned(), value);
                )*
                Self(members)
            }

            $(
                $(#[$doc])*
                pub fn $field(mut self, $field: $crate::tasks::property::property!(@argument $type)) -> Self {
                    let value = $crate::tasks::property::property!(@value $type, $field);
                    self.0.insert($member.to_owned(), value);
                    self
                }
            )*
        }

        impl From<$name> for $crate::value::Value {
            fn from(property: $name) -> Self {
                Self::Object(property.0)
            }
        }
    };

    (@argument [$type:ty]) => { impl IntoIterator<Item = impl Into<$type>> };
    (@argument $type:ty) => { impl Into<$type> };

    (@value [$type:ty], $value:ident) => {{
        let items = $value.into_iter().map(|item| -> $type { item.into() });
        $crate::value::Value::List(items.map($crate::value::Value::from).collect())
    }};
    (@value Duration, $value:ident) => {{
        let duration: $crate::core::Duration = $value.into();
        $crate::value::Value::from(duration.to_seconds())
    }};
    (@value Size, $value:ident) => {{
        let size: $crate::core::Size = $value.into();
        $crate::value::Value::from(size.to_gibibytes())
    }};
    (@value $type:ty, $value:ident) => {{
        let value: $type = $value.into();
        $crate::value::Value::from(value)
    }};
}

/// Makes a struct of options that is written by its task: `new` takes what is required, a method of the same name each of
/// the others.
///
/// A type in brackets means several, one in braces is taken by reference.
macro_rules! options {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($($need:ident: $need_type:ty),* $(,)?) {
            $($(#[$doc:meta])* $field:ident: $type:tt),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        #[must_use]
        // The names are the CDK's.
        #[allow(clippy::struct_field_names)]
        pub struct $name {
            $(pub(super) $need: $need_type,)*
            $(pub(super) $field: Option<$crate::tasks::property::options!(@field $type)>,)*
        }

        impl $name {
            /// With what is required.
            #[allow(clippy::new_without_default)]
            pub fn new($($need: impl Into<$need_type>),*) -> Self {
                Self {
                    $($need: $need.into(),)*
                    $($field: None,)*
                }
            }

            $(
                $(#[$doc])*
                pub fn $field(mut self, $field: $crate::tasks::property::options!(@argument $type)) -> Self {
                    self.$field = Some($crate::tasks::property::options!(@value $type, $field));
                    self
                }
            )*
        }
    };

    (@field [$type:ty]) => { Vec<$type> };
    (@field {$type:ty}) => { $type };
    (@field $type:ty) => { $type };

    (@argument [$type:ty]) => { impl IntoIterator<Item = impl Into<$type>> };
    (@argument {$type:ty}) => { &$type };
    (@argument $type:ty) => { impl Into<$type> };

    (@value [$type:ty], $value:ident) => { $value.into_iter().map(Into::into).collect() };
    (@value {$type:ty}, $value:ident) => { $value.clone() };
    (@value $type:ty, $value:ident) => { $value.into() };
}

/// Makes an enum whose variants have names in a task's parameters.
macro_rules! names {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $written:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Its name in the task's parameters.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $written,)*
                }
            }
        }

        impl From<$name> for $crate::value::Value {
            fn from(value: $name) -> Self {
                value.name().into()
            }
        }
    };
}

pub(crate) use {names, options, property};

/// Members as EMR writes tags and properties: a list of objects with `Key` and `Value`.
pub(crate) fn key_values(members: Object) -> Value {
    let pairs = members.into_iter();
    let pairs = pairs.map(|(key, value)| crate::object! {"Key": key, "Value": value});
    Value::List(pairs.collect())
}
