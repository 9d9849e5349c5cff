//! Values that are a little smaller than a given one, the smallest first.

use super::value::Value;

/// In longer texts, arrays and attachments, only parts at either end are removed.
const SHORT: usize = 16;

/// The byte that `fill` produces, so that a trace need not contain it.
const FILLER: u8 = b'x';

/// In texts this short, each character is simplified.
const READABLE: usize = 8;

/// Simpler values that may show the same failure. Attachments keep at least one byte, since an empty one is a different
/// kind of case.
pub(super) fn values(value: &Value) -> Vec<Value> {
    let nothing = Value::from(0);
    if *value == nothing {
        return Vec::new();
    }
    let mut smaller = vec![nothing];
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => smaller.extend(numbers(number)),
        Value::Text(text) => smaller.extend(texts(text).into_iter().map(Value::Text)),
        Value::Bytes(all) => smaller.extend(bytes(all).into_iter().map(Value::Bytes)),
        Value::List(items) => {
            smaller.extend(within(value));
            smaller.extend(without(items).into_iter().map(Value::List));
            smaller.extend(plainer(value));
            smaller.extend(each(items, values).map(Value::List));
        }
        Value::Object(members) => {
            smaller.extend(within(value));
            smaller.extend(without(members).into_iter().map(Value::Object));
            smaller.extend(plainer(value));
            let renamed = |(key, value): &(String, Value)| -> Vec<_> {
                keys(key, members).into_iter().map(|key| (key, value.clone())).collect()
            };
            smaller.extend(each(members, renamed).map(Value::Object));
            let simpler = |(key, value): &(String, Value)| -> Vec<_> {
                values(value).into_iter().map(|value| (key.clone(), value)).collect()
            };
            smaller.extend(each(members, simpler).map(Value::Object));
        }
    }
    smaller
}

/// Simpler texts that may show the same failure.
pub(super) fn texts(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut smaller: Vec<String> = without(&characters).into_iter().map(String::from_iter).collect();
    // For failures that depend only on the length.
    let plain = [text.len(), characters.len()].map(|length| "x".repeat(length));
    smaller.extend(plain.into_iter().filter(|plain| plain != text));
    if characters.len() <= READABLE {
        smaller.extend(each(&characters, |c| (*c != 'x').then_some('x')).map(String::from_iter));
    }
    smaller
}

/// Simpler bytes that may show the same failure, at least one.
pub(super) fn bytes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut smaller = without(bytes);
    smaller.retain(|bytes| !bytes.is_empty());
    if bytes.iter().any(|byte| *byte != FILLER) {
        smaller.push(vec![FILLER; bytes.len()]);
    }
    if bytes.len() <= READABLE {
        smaller.extend(each(bytes, |byte| (*byte != 0).then_some(0)));
    }
    smaller
}

/// The list without a part of it: without a half, without a quarter, and so on down to one item.
pub(crate) fn without<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let mut smaller = Vec::new();
    if items.len() > 1 {
        smaller.push(Vec::new());
    }
    let mut size = items.len().div_ceil(2);
    while size > 0 {
        let last = items.len().saturating_sub(size);
        let starts: Vec<usize> =
            if items.len() <= SHORT { (0..items.len()).step_by(size).collect() } else { vec![0, last] };
        smaller.extend(starts.into_iter().map(|start| {
            let (before, rest) = items.split_at(start);
            [before, rest.get(size..).unwrap_or_default()].concat()
        }));
        size /= 2;
    }
    smaller
}

/// The list with one item replaced by each of its `smaller` values, item by item.
pub(crate) fn each<T: Clone, I: IntoIterator<Item = T>>(
    items: &[T],
    smaller: impl Fn(&T) -> I,
) -> impl Iterator<Item = Vec<T>> {
    items.iter().enumerate().flat_map(move |(index, item)| {
        smaller(item).into_iter().map(move |item| {
            let mut items = items.to_vec();
            if let Some(place) = items.get_mut(index) {
                *place = item;
            }
            items
        })
    })
}

/// Values from the inside: first one that is half as deep, then the direct members.
fn within(value: &Value) -> impl Iterator<Item = Value> {
    let half = value.depth() / 2;
    let halfway = (0..half).try_fold(value, |value, _| value.children().max_by_key(|child| child.depth()));
    halfway.filter(|_| half > 1).into_iter().chain(value.children()).cloned()
}

/// The same shape with empty content, and with plain keys.
fn plainer(value: &Value) -> Vec<Value> {
    fn plain(value: &Value, leaf: fn(&Value) -> Value) -> Value {
        match value {
            Value::List(items) => Value::List(items.iter().map(|item| plain(item, leaf)).collect()),
            Value::Object(members) => {
                let values = members.iter().map(|(_, value)| plain(value, leaf));
                Value::Object(plain_keys().zip(values).collect())
            }
            value => leaf(value),
        }
    }
    let empty = plain(value, |leaf| if matches!(leaf, Value::Bytes(_)) { leaf.clone() } else { 0.into() });
    let same = plain(value, Clone::clone);
    [empty, same].into_iter().filter(|plain| plain != value).collect()
}

/// `a`, `b` and so on, and then longer ones.
fn plain_keys() -> impl Iterator<Item = String> {
    (1..).flat_map(|length| ('a'..='z').map(move |letter| String::from(letter).repeat(length)))
}

fn numbers(number: &serde_json::Number) -> Vec<Value> {
    match (number.as_i64(), number.as_f64()) {
        (Some(1), _) => Vec::new(),
        (Some(integer), _) => vec![1.into(), (integer / 2).into()],
        (None, Some(fraction)) if fraction.abs() < 9e15 => {
            #[expect(clippy::cast_possible_truncation, reason = "the integer part is what is wanted, and it fits")]
            let integer = fraction.trunc() as i64;
            vec![1.into(), integer.into()]
        }
        _ => vec![1.into()],
    }
}

/// Replacements of a key: a plain key, then shorter ones.
fn keys(key: &str, members: &[(String, Value)]) -> Vec<String> {
    let is_free = |key: &String| members.iter().all(|(other, _)| other != key);
    let plain = plain_keys().find(is_free);
    let is_plain = key.len() == 1 && key.starts_with(|c: char| c.is_ascii_lowercase());
    let shorter = texts(key).into_iter().filter(is_free);
    plain.filter(|_| !is_plain).into_iter().chain(shorter.filter(|_| !is_plain)).collect()
}
