//! Faults of a server are found, and shown by the smallest values.

use std::time::Duration;

use serde_json::Value;

use super::faulty::{self, Fault};
use crate::replay::Verdict;
use crate::trace::Trace;
use crate::values::{Bounds, Family, Minimal, Plan, Way, minimal};

/// Bounds that do not depend on the speed of the machine.
const BOUNDS: Bounds = Bounds { plays: 100, time: Duration::MAX };

/// The lines of a reduced case after its opening.
fn shrunk(family: Family, fault: Fault) -> String {
    let minimal = shrink(family, 1, fault);
    let text = minimal.trace.to_string();
    assert_eq!(faulty::play(&minimal.trace, fault).verdict, minimal.outcome.verdict, "it can be had again");
    let saved = Trace::parse("saved", &text).unwrap();
    assert_eq!(saved, minimal.trace, "it can be saved");
    text.rsplit("\n\n").next().unwrap().to_owned()
}

fn shrink(family: Family, seed: u64, fault: Fault) -> Minimal {
    let plan = Plan::generate(seed, family, Way::Websocket);
    assert_eq!(faulty::play(&plan.trace(), |_, _| {}).verdict, Verdict::Passed, "without a fault it passes");
    let outcome = faulty::play(&plan.trace(), fault);
    assert!(outcome.verdict.level().is_some(), "the fault is noticed");
    let future = minimal(&plan, &outcome, BOUNDS, async |trace| faulty::play(trace, fault));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let minimal = runtime.block_on(future).expect("it becomes smaller");
    assert!(minimal.plays <= BOUNDS.plays);
    minimal
}

fn change_texts(value: &mut Value, change: fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| change_texts(item, change)),
        Value::Object(members) => members.values_mut().for_each(|value| change_texts(value, change)),
        _ => {}
    }
}

fn drops_null_members(value: &mut Value, _: &mut Vec<Vec<u8>>) {
    fn drop_members(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|_, value| !value.is_null());
                members.values_mut().for_each(drop_members);
            }
            Value::Array(items) => items.iter_mut().for_each(drop_members),
            _ => {}
        }
    }
    drop_members(value);
}

fn mangles_astral_characters(value: &mut Value, _: &mut Vec<Vec<u8>>) {
    const fn basic(c: char) -> char {
        if c > '\u{ffff}' { '\u{fffd}' } else { c }
    }
    change_texts(value, |text| text.chars().map(basic).collect());
}

fn swaps_attachments(_: &mut Value, attachments: &mut Vec<Vec<u8>>) {
    if let [first, second, ..] = attachments.as_mut_slice() {
        std::mem::swap(first, second);
    }
}

fn keeps_32_bits(value: &mut Value, _: &mut Vec<Vec<u8>>) {
    match value {
        Value::Number(number) => {
            if let Some(integer) = number.as_i64().filter(|integer| i32::try_from(*integer).is_err()) {
                *value = (integer & 0xffff_ffff).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| keeps_32_bits(item, &mut Vec::new())),
        Value::Object(members) => members.values_mut().for_each(|value| keeps_32_bits(value, &mut Vec::new())),
        _ => {}
    }
}

fn cuts_long_texts(value: &mut Value, _: &mut Vec<Vec<u8>>) {
    change_texts(value, |text| text.chars().take(65_535).collect());
}

fn cuts_long_attachments(_: &mut Value, attachments: &mut Vec<Vec<u8>>) {
    for bytes in attachments {
        bytes.truncate(65_535);
    }
}

fn cuts_attachments_at_zero(_: &mut Value, attachments: &mut Vec<Vec<u8>>) {
    for bytes in attachments {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        bytes.truncate(end);
    }
}

fn is_flat_below_20(value: &mut Value, _: &mut Vec<Vec<u8>>) {
    fn flatten(value: &mut Value, depth: usize) {
        match value {
            Value::Array(_) | Value::Object(_) if depth == 20 => *value = Value::Null,
            Value::Array(items) => items.iter_mut().for_each(|item| flatten(item, depth + 1)),
            Value::Object(members) => members.values_mut().for_each(|value| flatten(value, depth + 1)),
            _ => {}
        }
    }
    flatten(value, 0);
}

#[test]
fn a_member_that_is_dropped_is_all_that_is_left() {
    insta::assert_snapshot!(shrunk(Family::Events, drops_null_members), @r#"
    ws C text    42["message",0,0,{"a":null}]
    ws S text    42["message-back",0,0,{"a":null}]
    "#);
}

#[test]
fn a_character_that_is_mangled_is_all_that_is_left() {
    insta::assert_snapshot!(shrunk(Family::Events, mangles_astral_characters), @r#"
    ws C text    42["message",0,0,"􏿿"]
    ws S text    42["message-back",0,0,"􏿿"]
    "#);
    insta::assert_snapshot!(shrunk(Family::Arguments, mangles_astral_characters), @r#"
    ws C text    420["message-with-ack","🏽"]
    ws S text    430["🏽"]
    "#);
}

#[test]
fn attachments_that_are_swapped_are_all_that_is_left() {
    insta::assert_snapshot!(shrunk(Family::Binary, swaps_attachments), @r#"
    ws C text    452-["message",0,0,[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]]
    ws C binary  00
    ws C binary  78
    ws S text    452-["message-back",0,0,[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]]
    ws S binary  00
    ws S binary  78
    "#);
    insta::assert_snapshot!(shrunk(Family::BinaryAcks, swaps_attachments), @r#"
    ws C text    452-0["message-with-ack",0,0,[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]]
    ws C binary  78
    ws C binary  00
    ws S text    462-0[0,0,[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]]
    ws S binary  78
    ws S binary  00
    "#);
}

#[test]
fn an_attachment_that_is_cut_is_all_that_is_left() {
    insta::assert_snapshot!(shrunk(Family::LongBinary, cuts_long_attachments), @r#"
    ws C text    451-0["message-with-ack",{"_placeholder":true,"num":0},0,0]
    ws C binary  fill 65536
    ws S text    461-0[{"_placeholder":true,"num":0},0,0]
    ws S binary  fill 65536
    "#);
    insta::assert_snapshot!(shrunk(Family::Binary, cuts_attachments_at_zero), @r#"
    ws C text    451-["message",{"_placeholder":true,"num":0},0,0]
    ws C binary  00
    ws S text    451-["message-back",{"_placeholder":true,"num":0},0,0]
    ws S binary  00
    "#);
}

#[test]
fn a_number_that_is_cut_is_all_that_is_left() {
    insta::assert_snapshot!(shrunk(Family::Acks, keeps_32_bits), @r#"
    ws C text    420["message-with-ack",0,0,-2147483649]
    ws S text    430[0,0,-2147483649]
    "#);
}

#[test]
fn depth_is_only_what_it_takes() {
    insta::assert_snapshot!(shrunk(Family::Events, is_flat_below_20), @r#"
    ws C text    42["message",{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}}}}}}}}}}}},0,0]
    ws S text    42["message-back",{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}}}}}}}}}}}},0,0]
    "#);
}

#[test]
fn a_text_is_only_as_long_as_it_takes() {
    let minimal = shrink(Family::LongTexts, 1, cuts_long_texts);
    let longest = minimal.trace.steps().map(|step| step.to_string().len()).max().unwrap();
    assert!((65_536..65_600).contains(&longest), "{longest}");
    assert_eq!(minimal.trace.steps().count(), 7);
}

/// Every fault is found and reduced, with any seed.
#[test]
fn faults_are_found_with_any_seed() {
    let faults: [(Family, Fault); 4] = [
        (Family::Events, drops_null_members),
        (Family::Events, mangles_astral_characters),
        (Family::Binary, swaps_attachments),
        (Family::Acks, keeps_32_bits),
    ];
    for seed in 2..7 {
        for (family, fault) in faults {
            let minimal = shrink(family, seed, fault);
            let longest = minimal.trace.steps().skip(5).map(|step| step.to_string().len()).max().unwrap();
            assert!(longest < 120, "{family:?} with seed {seed} after {} plays: {}", minimal.plays, minimal.trace);
        }
    }
}
