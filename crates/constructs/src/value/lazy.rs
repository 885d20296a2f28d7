//! Values that are only known when the stack is synthesized.

use std::fmt;
use std::rc::Rc;

use super::Value;

/// A value that is asked for when the stack is synthesized, after everything was said.
#[derive(Clone)]
pub struct Lazy(Rc<dyn Fn() -> Option<Value>>);

impl Lazy {
    /// A value that the function gives; a member without a value is left out.
    pub fn new(value: impl Fn() -> Option<Value> + 'static) -> Self {
        Self(Rc::new(value))
    }

    /// The value as it is now.
    pub fn value(&self) -> Option<Value> {
        (self.0)()
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lazy")
    }
}

impl PartialEq for Lazy {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
