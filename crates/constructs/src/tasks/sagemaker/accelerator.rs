//! Accelerators that are attached to instances for inference.

use std::borrow::Cow;

use crate::resources::InstanceSize;
use crate::value::Text;

/// A generation of Elastic Inference accelerators.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AcceleratorClass {
    version: Cow<'static, str>,
}

impl AcceleratorClass {
    /// The first generation.
    pub const EIA1: Self = Self {
        version: Cow::Borrowed("eia1"),
    };
    /// The second generation.
    pub const EIA2: Self = Self {
        version: Cow::Borrowed("eia2"),
    };

    /// Another generation by its name: `eia3`.
    pub fn of(version: impl Into<String>) -> Self {
        Self {
            version: Cow::Owned(version.into()),
        }
    }

    /// Its name.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// A type of accelerators: `ml.eia2.medium`.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceleratorType(Text);

impl AcceleratorType {
    /// A type by its name, which may be a path.
    pub fn new(name: impl Into<Text>) -> Self {
        Self(name.into())
    }

    /// A size of a generation.
    pub fn of(class: &AcceleratorClass, size: &InstanceSize) -> Self {
        Self(format!("ml.{}.{}", class.version(), size.name()).into())
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{AcceleratorClass, AcceleratorType};
    use crate::resources::InstanceSize;

    #[test]
    fn a_type_is_named_by_its_class_and_size() {
        let kind = AcceleratorType::of(&AcceleratorClass::EIA2, &InstanceSize::MEDIUM);
        assert_eq!(kind.name().as_literal(), Some("ml.eia2.medium"));
    }
}
