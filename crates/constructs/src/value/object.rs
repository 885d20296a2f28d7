//! JSON objects.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use super::Value;

/// The name of a member: a text that is short as a rule, and cheap to clone.
pub type Name = ecow::EcoString;

/// Up to this many members, looking through them is faster than hashing a name.
const FEW: usize = 16;

/// The members of a JSON object, in their order. Objects are equal whatever the order.
#[derive(Clone, Default)]
pub struct Object {
    members: Vec<(Name, Value)>,
    /// Where the members stand, if they are more than a few.
    places: Option<Rc<HashMap<Name, usize>>>,
}

impl Object {
    /// An object without members.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
            places: None,
        }
    }

    /// An object without members that has room for some.
    pub(crate) fn with_capacity(members: usize) -> Self {
        Self {
            members: Vec::with_capacity(members),
            places: None,
        }
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        Some(&self.members[self.place(name)?].1)
    }

    /// Whether it has a member.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Sets a member, the last if it is new; gives the value that it had.
    pub fn insert(&mut self, name: impl Into<Name>, value: Value) -> Option<Value> {
        let name = name.into();
        if let Some(place) = self.place(&name) {
            return Some(std::mem::replace(&mut self.members[place].1, value));
        }
        if let Some(places) = &mut self.places {
            Rc::make_mut(places).insert(name.clone(), self.members.len());
        }
        self.members.push((name, value));
        if self.members.len() > FEW && self.places.is_none() {
            let names = self.members.iter().map(|(name, _)| name.clone());
            self.places = Some(Rc::new(names.zip(0..).collect()));
        }
        None
    }

    /// The members in their order.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// The names of the members.
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.members.iter().map(|(name, _)| name)
    }

    /// The values of the members.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.members.iter().map(|(_, value)| value)
    }

    fn place(&self, name: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(name).copied(),
            None => self.members.iter().position(|(known, _)| known == name),
        }
    }
}

/// The members of an object.
pub type Iter<'a> = std::iter::Map<
    std::slice::Iter<'a, (Name, Value)>,
    fn(&'a (Name, Value)) -> (&'a Name, &'a Value),
>;

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Name, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.members.iter().map(|(name, value)| (name, value))
    }
}

impl IntoIterator for Object {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<N: Into<Name>> Extend<(N, Value)> for Object {
    fn extend<T: IntoIterator<Item = (N, Value)>>(&mut self, members: T) {
        let members = members.into_iter();
        self.members.reserve(members.size_hint().0);
        for (name, value) in members {
            self.insert(name, value);
        }
    }
}

impl<N: Into<Name>> FromIterator<(N, Value)> for Object {
    fn from_iter<T: IntoIterator<Item = (N, Value)>>(members: T) -> Self {
        let mut object = Self::new();
        object.extend(members);
        object
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Object {
    fn from(members: [(&str, Value); N]) -> Self {
        members.into_iter().collect()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        let same = |(name, value): (&Name, &Value)| other.get(name) == Some(value);
        self.len() == other.len() && self.iter().all(same)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_members_are_found_and_keep_their_order() {
        for count in [3, FEW, FEW + 1, 200] {
            let members = (0..count).map(|number| (number.to_string(), Value::from(number)));
            let mut object: Object = members.clone().chain(members.rev()).collect();
            assert_eq!(object.len(), count);
            assert!(object.values().cloned().eq((0..count).map(Value::from)));
            assert_eq!(object.get("2"), Some(&2.into()));
            assert_eq!(object.get("-1"), None);
            let before = object.clone();
            assert_eq!(object.insert("1", "one".into()), Some(1.into()));
            assert_ne!(object, before);
            assert_eq!(object.keys().nth(1), Some(&"1".into()));
            assert!(!object.contains_key("new"));
            assert_eq!(object.insert("new", Value::Null), None);
            assert_eq!(object.keys().last(), Some(&"new".into()));
            assert!(!before.contains_key("new"));
        }
    }

    #[test]
    fn objects_are_equal_whatever_the_order() {
        let object = |members: [(&str, i32); 2]| {
            Object::from(members.map(|(name, value)| (name, value.into())))
        };
        let known = object([("a", 1), ("b", 2)]);
        assert_eq!(known, object([("b", 2), ("a", 1)]));
        assert_ne!(known, object([("a", 1), ("b", 1)]));
        assert_ne!(known, object([("a", 1), ("c", 2)]));
        assert_ne!(known, object([("a", 1), ("a", 1)]));
    }
}
