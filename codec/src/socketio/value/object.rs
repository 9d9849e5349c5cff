//! The members of an object, in order.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Value;
use crate::text::Text;

/// Names and values in the order in which they are written; no name comes twice.
///
/// ```
/// use sio_codec::socketio::{Object, Value};
///
/// let object: Object = [("b".into(), Value::from(1_i64)), ("a".into(), Value::Null), ("b".into(), Value::from("last"))]
///     .into_iter()
///     .collect();
/// assert_eq!(object.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
/// assert_eq!(object.get("b"), Some(&Value::from("last")));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(Text, Value)>);

impl Object {
    /// The value with this name. Looks at one member after the other.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(member, _)| *member == *name).map(|(_, value)| value)
    }

    /// The members, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many members there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Text, Value)> for Object {
    /// Of equal names the last value stays, in the place of the first. Grows with n log n in the number of members.
    //= SIO5-PKT-21
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(members: I) -> Self {
        let members: Vec<_> = members.into_iter().collect();
        if !has_duplicates(&members) {
            return Self(members);
        }
        let mut places = BTreeMap::new();
        let mut kept: Vec<(Text, Value)> = Vec::with_capacity(members.len());
        for (name, value) in members {
            let place = *places.entry(name.clone()).or_insert(kept.len());
            match kept.get_mut(place) {
                Some(member) => member.1 = value,
                None => kept.push((name, value)),
            }
        }
        Self(kept)
    }
}

impl IntoIterator for Object {
    type Item = (Text, Value);
    type IntoIter = alloc::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Few names are compared with each other, many are sorted.
fn has_duplicates(members: &[(Text, Value)]) -> bool {
    if members.len() <= FEW {
        let earlier = |index: usize| members.get(..index).unwrap_or_default();
        return members
            .iter()
            .enumerate()
            .any(|(index, (name, _))| earlier(index).iter().any(|(other, _)| other == name));
    }
    let mut names: Vec<&Text> = members.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    !names.is_sorted_by(|one, next| one < next)
}

const FEW: usize = 12;
