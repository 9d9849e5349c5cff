//! Random values whose leaves are well-chosen samples.

use fastrand::Rng;
use serde_json::Number;

use super::deck::Deck;
use super::samples;
use super::value::Value;

/// Usual depth of arrays and objects.
const USUAL_DEPTH: usize = 3;

/// A source of values that depends on a seed. Each leaf is dealt once before any is dealt again.
#[derive(Debug)]
pub(super) struct Grower {
    rng: Rng,
    texts: Deck<&'static str>,
    integers: Deck<i64>,
    fractions: Deck<f64>,
    keys: Deck<&'static str>,
    blobs: Deck<&'static [u8]>,
    sizes: Deck<usize>,
}

impl Grower {
    /// Values for messages without attachments.
    pub(super) fn new(rng: Rng) -> Self {
        const PROTO: &[&str] = &[samples::PROTO];
        Self::with_keys(rng, samples::KEYS.iter().chain(PROTO))
    }

    /// Values for messages with attachments.
    pub(super) fn for_attachments(rng: Rng) -> Self {
        Self::with_keys(rng, samples::KEYS)
    }

    fn with_keys(mut rng: Rng, keys: impl IntoIterator<Item = &'static &'static str>) -> Self {
        let texts = [samples::TEXTS, samples::CONTROLS, samples::SEPARATORS, &[""]];
        Self {
            texts: Deck::new(texts.into_iter().flatten(), &mut rng),
            integers: Deck::new(samples::INTEGERS, &mut rng),
            fractions: Deck::new(samples::FRACTIONS, &mut rng),
            keys: Deck::new(keys, &mut rng),
            blobs: Deck::new(samples::BYTES, &mut rng),
            sizes: Deck::new(samples::SHORT, &mut rng),
            rng,
        }
    }

    pub(super) const fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Three arguments of an event.
    pub(super) fn three(&mut self, mut grow: impl FnMut(&mut Self) -> Value) -> Vec<Value> {
        std::iter::repeat_with(|| grow(self)).take(3).collect()
    }

    /// A value without other values in it.
    pub(super) fn leaf(&mut self) -> Value {
        match self.rng.u8(..10) {
            0 => Value::Null,
            1 => Value::Bool(self.rng.bool()),
            2 | 3 => Value::from(*self.integers.deal(&mut self.rng)),
            4 => number(*self.fractions.deal(&mut self.rng)),
            _ => Value::from(*self.texts.deal(&mut self.rng)),
        }
    }

    /// Any value without attachments.
    pub(super) fn value(&mut self) -> Value {
        self.value_within(USUAL_DEPTH)
    }

    /// An array or object without attachments.
    pub(super) fn container(&mut self) -> Value {
        self.container_within(USUAL_DEPTH)
    }

    fn value_within(&mut self, depth: usize) -> Value {
        if depth == 0 || self.rng.u8(..5) < 2 { self.leaf() } else { self.container_within(depth) }
    }

    fn container_within(&mut self, depth: usize) -> Value {
        let below = depth.saturating_sub(1);
        let length = self.rng.usize(..5);
        let values: Vec<_> = std::iter::repeat_with(|| self.value_within(below)).take(length).collect();
        if self.rng.bool() { Value::List(values) } else { self.object(values) }
    }

    /// An object of these values.
    fn object(&mut self, values: Vec<Value>) -> Value {
        let mut members: Vec<(String, Value)> = Vec::with_capacity(values.len());
        for value in values {
            let mut key = self.key();
            while members.iter().any(|(other, _)| *other == key) {
                key.push('+');
            }
            members.push((key, value));
        }
        Value::Object(members)
    }

    fn key(&mut self) -> String {
        (*self.keys.deal(&mut self.rng)).to_owned()
    }

    /// A value inside this many arrays or objects.
    pub(super) fn nest(&mut self, depth: usize, innermost: Value) -> Value {
        let style = self.rng.u8(..3);
        (0..depth).fold(innermost, |inner, _| match style {
            0 => Value::List(vec![inner]),
            1 => Value::Object(vec![(self.key(), inner)]),
            _ => self.wrap(inner),
        })
    }

    /// A value inside one array or object, among others.
    fn wrap(&mut self, inner: Value) -> Value {
        let mut values = vec![inner];
        for _ in 0..self.rng.usize(..3) {
            let at = self.rng.usize(..=values.len());
            let leaf = self.leaf();
            values.insert(at, leaf);
        }
        if self.rng.bool() { Value::List(values) } else { self.object(values) }
    }

    /// Bytes, not empty, with a special content or length.
    pub(super) fn blob(&mut self) -> Vec<u8> {
        if self.rng.bool() {
            self.blobs.deal(&mut self.rng).to_vec()
        } else {
            let size = *self.sizes.deal(&mut self.rng);
            self.bytes(size)
        }
    }

    /// This many bytes: random, or all the same.
    pub(super) fn bytes(&mut self, size: usize) -> Vec<u8> {
        match self.rng.u8(..5) {
            0 => vec![0x00; size],
            1 => vec![0xff; size],
            2 => vec![0x1e; size],
            _ => {
                let mut bytes = vec![0; size];
                self.rng.fill(&mut bytes);
                bytes
            }
        }
    }

    /// A value with these attachments in it. In an object, only one member has attachments, since the order in which
    /// members are numbered is not guaranteed.
    pub(super) fn around(&mut self, mut attachments: Vec<Vec<u8>>) -> Value {
        if attachments.len() <= 1 {
            let inner = attachments.pop().map_or_else(|| self.leaf(), Value::Bytes);
            return if self.rng.bool() { inner } else { self.wrap(inner) };
        }
        let rest = attachments.split_off(self.rng.usize(1..attachments.len()));
        let both = Value::List(vec![self.around(attachments), self.leaf(), self.around(rest)]);
        if self.rng.bool() { both } else { self.wrap(both) }
    }

    /// The leaves that were not dealt yet, in as few values as the lengths of arrays and objects allow.
    pub(super) fn rest(&mut self) -> Vec<Value> {
        /// The limit keeps each message short.
        const TOGETHER: usize = 10;
        let mut values = Vec::new();
        let texts = self.texts.deal_rest();
        values.extend(
            texts.chunks(TOGETHER).map(|texts| Value::List(texts.iter().map(|text| Value::from(**text)).collect())),
        );
        let integers = self.integers.deal_rest().into_iter().map(|integer| Value::from(*integer));
        let fractions = self.fractions.deal_rest().into_iter().map(|fraction| number(*fraction));
        values.push(Value::List(integers.chain(fractions).collect()));
        let keys = self.keys.deal_rest();
        for keys in keys.chunks(TOGETHER) {
            let members = keys.iter().map(|key| ((**key).to_owned(), self.leaf()));
            values.push(Value::Object(members.collect()));
        }
        values
    }

    /// The attachments that were not dealt yet.
    pub(super) fn rest_of_blobs(&mut self) -> Vec<Vec<u8>> {
        let contents = self.blobs.deal_rest().into_iter().map(|blob| blob.to_vec());
        let mut blobs: Vec<_> = contents.collect();
        for size in self.sizes.deal_rest() {
            blobs.push(self.bytes(*size));
        }
        blobs
    }
}

/// A number that JSON can represent.
pub(super) fn number(number: f64) -> Value {
    Value::Number(Number::from_f64(number).expect("no sample is infinite"))
}
