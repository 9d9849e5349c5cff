//! The exchanges of each family.

use fastrand::Rng;

use super::exchange::{Exchange, MAX_ATTACHMENTS, Packet, Packets};
use super::family::{Family, Way};
use super::grower::{Grower, number};
use super::samples;
use super::value::Value;

/// The greatest depth of arrays and objects. JSON parsers with a limit allow more.
const DEEPEST: usize = 32;

/// The greatest number of arguments.
const MOST_ARGUMENTS: usize = 20;

/// The longest attachment, in bytes.
const LONGEST: usize = 65_536;

/// The exchanges of a family for a seed.
pub(super) fn exchanges(family: Family, way: Way, rng: Rng) -> Vec<Exchange> {
    match family {
        Family::Events => three_values(rng).into_iter().map(Exchange::Event).collect(),
        Family::Acks => three_values(rng).into_iter().map(Exchange::Acknowledged).collect(),
        Family::Arguments => arguments(rng),
        Family::Binary => three_with_attachments(rng).into_iter().map(Exchange::Event).collect(),
        Family::BinaryAcks => three_with_attachments(rng).into_iter().map(Exchange::Acknowledged).collect(),
        Family::LongTexts => long_texts(way, rng),
        Family::LongBinary => long_attachments(rng),
        Family::EngineTexts => engine_texts(way, rng),
        Family::EngineBinary => engine_binary(rng),
        Family::EngineLong => engine_long(way, rng),
    }
}

fn three_values(rng: Rng) -> Vec<Vec<Value>> {
    let mut grower = Grower::new(rng);
    let mut all = Vec::new();
    all.extend((0..5).map(|_| grower.three(Grower::leaf)));
    all.extend((0..5).map(|_| grower.three(Grower::container)));
    all.push(grower.three(|grower| {
        let innermost = grower.leaf();
        grower.nest(DEEPEST, innermost)
    }));
    all.push(vec![Value::Null, Value::List(Vec::new()), Value::Object(Vec::new())]);
    let rest = grower.rest();
    all.extend(in_threes(rest));
    let delicate = samples::DELICATE.chunks(4).map(|numbers| numbers.iter().map(|sample| number(*sample)).collect());
    all.extend(in_threes(delicate.map(Value::List).collect()));
    all
}

fn arguments(rng: Rng) -> Vec<Exchange> {
    let mut grower = Grower::new(rng);
    let counts = (0..=MOST_ARGUMENTS).flat_map(|count| [(count, false), (count, true)]);
    let exchanges = counts.map(|(count, acknowledged)| {
        let arguments = std::iter::repeat_with(|| grower.leaf()).take(count).collect();
        if acknowledged { Exchange::Acknowledged(arguments) } else { Exchange::Event(arguments) }
    });
    exchanges.collect()
}

fn three_with_attachments(rng: Rng) -> Vec<Vec<Value>> {
    let mut grower = Grower::for_attachments(rng);
    let mut all = Vec::new();
    for count in [1, 1, 2, 3, 5, MAX_ATTACHMENTS] {
        let blobs = std::iter::repeat_with(|| grower.blob()).take(count).collect();
        all.push(place(&mut grower, blobs));
    }
    let twice = grower.blob();
    all.push(vec![Value::Bytes(twice.clone()), grower.leaf(), Value::Bytes(twice.clone())]);
    let between = grower.blob();
    all.push(place(&mut grower, vec![twice.clone(), between, twice]));
    let innermost = Value::Bytes(grower.blob());
    let deep = grower.nest(DEEPEST, innermost);
    all.push(vec![grower.leaf(), deep, grower.leaf()]);
    for blobs in grower.rest_of_blobs().chunks(MAX_ATTACHMENTS) {
        all.push(place(&mut grower, blobs.to_vec()));
    }
    let empty = || Value::Bytes(Vec::new());
    all.push(vec![empty(), 2.into(), 3.into()]);
    all.push(vec![Value::List(vec![empty(), empty()]), Value::Bytes(grower.blob()), empty()]);
    all
}

/// Three arguments with these attachments, at least one, in any of them.
fn place(grower: &mut Grower, mut attachments: Vec<Vec<u8>>) -> Vec<Value> {
    let mut cuts = [(); 2].map(|()| grower.rng().usize(..=attachments.len()));
    cuts.sort_unstable();
    let [first, second] = cuts;
    let third = attachments.split_off(second);
    let second = attachments.split_off(first);
    let parts = [attachments, second, third];
    parts.map(|part| if part.is_empty() { grower.value() } else { grower.around(part) }).into()
}

fn in_threes(values: Vec<Value>) -> Vec<Vec<Value>> {
    let threes = values.chunks(3).map(|three| {
        let mut three = three.to_vec();
        three.resize(3, Value::Null);
        three
    });
    threes.collect()
}

fn long_texts(way: Way, mut rng: Rng) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for length in lengths() {
        let texts = texts(length);
        exchanges.extend(texts.map(|text| random(&mut rng)(beside(Value::Text(text)))));
        if way == Way::Polling {
            continue;
        }
        // Frames of that length: either the one sent or the one that comes back, because their lengths differ.
        for frame in [|packets: Packets| packets.sent, |packets: Packets| packets.returned] {
            let make = random(&mut rng);
            let around = frame(make(beside("".into())).packets(exchanges.len())).iter().map(Packet::len).sum();
            exchanges.push(make(beside(Value::Text(plain(length.saturating_sub(around))))));
        }
    }
    exchanges
}

fn long_attachments(rng: Rng) -> Vec<Exchange> {
    let mut grower = Grower::for_attachments(rng);
    let mut exchanges = Vec::new();
    for length in lengths() {
        let bytes = grower.bytes(length);
        exchanges.push(random(grower.rng())(beside(Value::Bytes(bytes))));
    }
    let twice = grower.bytes(LONGEST);
    let arguments = place(&mut grower, vec![twice.clone(), vec![0], twice]);
    exchanges.push(random(grower.rng())(arguments));
    exchanges
}

fn engine_texts(way: Way, mut rng: Rng) -> Vec<Exchange> {
    /// How many samples form one text.
    const TOGETHER: usize = 3;
    let mut texts = samples::TEXTS.to_vec();
    rng.shuffle(&mut texts);
    let mut exchanges: Vec<_> = texts.chunks(TOGETHER).map(|texts| Exchange::Text(texts.concat())).collect();
    exchanges.extend(samples::CONTROLS.chunks(TOGETHER).map(|texts| Exchange::Text(texts.concat())));
    // A polling payload would be split there.
    if way != Way::Polling {
        exchanges.extend(samples::SEPARATORS.iter().map(|text| Exchange::Text((*text).to_owned())));
    }
    exchanges
}

fn engine_binary(rng: Rng) -> Vec<Exchange> {
    let mut grower = Grower::for_attachments(rng);
    let mut exchanges = Vec::new();
    for size in samples::SHORT {
        exchanges.push(Exchange::Binary(grower.bytes(*size)));
    }
    exchanges.extend(grower.rest_of_blobs().into_iter().map(Exchange::Binary));
    exchanges.push(Exchange::Binary(Vec::new()));
    exchanges
}

fn engine_long(way: Way, rng: Rng) -> Vec<Exchange> {
    let mut grower = Grower::for_attachments(rng);
    let mut exchanges = Vec::new();
    for length in lengths() {
        if way != Way::Polling {
            // Its frame has one byte more.
            exchanges.push(Exchange::Text(plain(length.saturating_sub(1))));
        }
        exchanges.push(Exchange::Text(plain(length)));
        exchanges.extend(texts(length).map(Exchange::Text));
        exchanges.push(Exchange::Binary(grower.bytes(length)));
    }
    exchanges
}

fn lengths() -> impl Iterator<Item = usize> {
    samples::SHORT.iter().chain(samples::LONG).copied()
}

/// Texts of this many characters, and of this many UTF-16 units.
fn texts(length: usize) -> [String; 2] {
    let astral = "😀".repeat(length / 2);
    ["é".repeat(length), if length.is_multiple_of(2) { astral } else { astral + "x" }]
}

/// A text of this many bytes.
fn plain(length: usize) -> String {
    "x".repeat(length)
}

/// Three arguments, of which only the first matters.
fn beside(value: Value) -> Vec<Value> {
    vec![value, 2.into(), "3".into()]
}

/// An event, acknowledged or not.
fn random(rng: &mut Rng) -> fn(Vec<Value>) -> Exchange {
    if rng.bool() { Exchange::Event } else { Exchange::Acknowledged }
}
