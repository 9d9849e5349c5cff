//! Rules for generated cases, checked for many seeds.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use crate::cases::{Case, Origin, generated as cases};
use crate::requirements::catalogue;
use crate::trace::{Action, Client, Level, Line, Step, Trace};
use crate::values::exchange::{Exchange, MAX_ATTACHMENTS};
use crate::values::{DEFAULT_SEED, Family, Plan, Value, Way, samples};

/// The cases of a few seeds.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| [0, DEFAULT_SEED, u64::MAX].into_iter().flat_map(cases).collect());

fn plan(case: &Case) -> Plan {
    let Origin::Generated(generated) = &case.origin else { panic!("{} was not generated", case.id) };
    generated.plan()
}

fn arguments(plan: &Plan) -> impl Iterator<Item = &Value> {
    plan.exchanges.iter().flat_map(|exchange| match exchange {
        Exchange::Event(arguments) | Exchange::Acknowledged(arguments) => arguments.as_slice(),
        Exchange::Text(_) | Exchange::Binary(_) => &[],
    })
}

/// A value and all values inside it.
fn all(value: &Value) -> Vec<&Value> {
    std::iter::once(value).chain(value.children().flat_map(all)).collect()
}

#[test]
fn a_seed_decides_everything() {
    let traces = |seed| cases(seed).into_iter().map(|case| case.trace).collect::<Vec<_>>();
    let seven = traces(7);
    assert!(seven == traces(7));
    assert!(seven.iter().zip(traces(8)).all(|(seven, eight)| *seven != eight));
}

#[test]
fn ids_are_unique_and_in_order() {
    let cases = cases(DEFAULT_SEED);
    assert_eq!(cases.len(), 30);
    assert!(cases.is_sorted_by(|a, b| a.id < b.id));
}

/// A generated case that is saved and read again is the same case, with the line numbers of the file.
#[test]
fn what_is_printed_is_read_again() {
    for case in CASES.iter().filter(|case| !case.id.contains("/long")) {
        let read = Trace::parse(&case.id, &case.trace.to_string()).unwrap();
        assert_eq!(read.header, case.trace.header);
        let numbers = |trace: &Trace| trace.steps().map(|step| step.line).collect::<Vec<_>>();
        assert_eq!(numbers(&read), numbers(&case.trace), "{}", case.id);
        let kept = read.lines.iter().zip(&case.trace.lines).all(|(read, line)| read == line);
        assert!(kept && read.lines.len() == case.trace.lines.len(), "{}", case.id);
    }
}

#[test]
fn every_sample_occurs_whatever_the_seed() {
    for case in CASES.iter() {
        let plan = plan(case);
        let (mut texts, mut keys, mut numbers) = (HashSet::new(), HashSet::new(), HashSet::new());
        for value in arguments(&plan).flat_map(all) {
            match value {
                Value::Text(text) => drop(texts.insert(text.as_str())),
                Value::Number(number) => drop(numbers.insert(number.as_f64().unwrap().to_bits())),
                Value::Object(members) => keys.extend(members.iter().map(|(key, _)| key.trim_end_matches('+'))),
                _ => {}
            }
        }
        if matches!(plan.family, Family::Events | Family::Acks) {
            let all = [samples::TEXTS, samples::CONTROLS, samples::SEPARATORS].concat();
            assert!(all.iter().all(|text| texts.contains(text)), "{}: {all:?}", case.id);
            assert!(
                samples::KEYS.iter().chain([&samples::PROTO]).all(|key| keys.contains(key)),
                "{}: {keys:?}",
                case.id
            );
            let delicate = samples::DELICATE.iter().chain(samples::FRACTIONS);
            let all = delicate.copied().chain(samples::INTEGERS.iter().map(|integer| *integer as f64));
            assert!(all.map(f64::to_bits).all(|number| numbers.contains(&number)), "{}: {numbers:?}", case.id);
        }
        let whole: String = plan.exchanges.iter().fold(String::new(), |whole, exchange| match exchange {
            Exchange::Text(text) => whole + "\u{0}" + text,
            _ => whole,
        });
        if plan.family == Family::EngineTexts {
            assert!(
                [samples::TEXTS, samples::CONTROLS].concat().iter().all(|text| whole.contains(text)),
                "{}",
                case.id
            );
        }
    }
}

#[test]
fn values_are_such_as_the_reference_keeps() {
    for case in CASES.iter() {
        let plan = plan(case);
        for exchange in &plan.exchanges {
            let (Exchange::Event(arguments) | Exchange::Acknowledged(arguments)) = exchange else { continue };
            let mut attachments = 0;
            for argument in arguments {
                for value in all(argument) {
                    match value {
                        Value::Bytes(_) => attachments += 1,
                        Value::Object(members) => {
                            let keys: BTreeSet<_> = members.iter().map(|(key, _)| key).collect();
                            assert_eq!(keys.len(), members.len(), "{}: {value:?}", case.id);
                            assert!(!keys.iter().any(|key| *key == "_placeholder"), "{}: {value:?}", case.id);
                            let binary = |value: &Value| value.any(&|value| matches!(value, Value::Bytes(_)));
                            let carriers = members.iter().filter(|(_, value)| binary(value)).count();
                            assert!(carriers <= 1, "{}: {value:?}", case.id);
                        }
                        _ => {}
                    }
                }
                assert!(argument.depth() <= 32 + 3, "{}", case.id);
            }
            assert!(attachments <= MAX_ATTACHMENTS, "{}: {exchange:?}", case.id);
            let is_proto = |value: &Value| matches!(value, Value::Object(members) if members.iter().any(|(key, _)| key == samples::PROTO));
            let lost = attachments > 0 && arguments.iter().any(|argument| argument.any(&is_proto));
            assert!(!lost, "{}: {exchange:?}", case.id);
            match plan.family {
                Family::Binary | Family::BinaryAcks | Family::LongBinary => {
                    assert!(attachments > 0, "{}: {exchange:?}", case.id)
                }
                _ => assert_eq!(attachments, 0, "{}: {exchange:?}", case.id),
            }
            assert!(plan.family == Family::Arguments || arguments.len() == 3, "{}: {exchange:?}", case.id);
        }
    }
}

/// A server may end the session at a difference of less weight, which must not look like one of more weight.
#[test]
fn lines_of_less_weight_come_last() {
    for case in CASES.iter() {
        let rules: Vec<_> =
            case.trace.steps().filter(|step| is_answer(step)).map(|step| step.notes.rule.is_some()).collect();
        assert!(rules.is_sorted(), "{}", case.id);
        for step in case.trace.steps() {
            let Some(rule) = &step.notes.rule else { continue };
            assert_ne!(catalogue()[rule.as_str()].weight(), Level::Must, "{rule}");
            assert!(case.trace.header.covers.contains(rule), "{}: {rule}", case.id);
        }
    }
}

fn is_answer(step: &Step) -> bool {
    use crate::trace::Server;
    matches!(&step.action, Action::Server(_, Server::Text(_) | Server::Binary(_) | Server::Packet(_)))
        && step.notes.weight != crate::trace::Weight::Setup
}

#[test]
fn the_first_requirement_decides_a_musts_rule() {
    for case in cases(DEFAULT_SEED) {
        let first = catalogue()[case.trace.header.covers[0].as_str()].weight();
        match case.trace.header.level {
            Level::Must => assert_eq!(first, Level::Must, "{}", case.id),
            level => assert_eq!(level, Level::Reference, "{}", case.id),
        }
    }
}

/// In bytes: one message, and the sum over a case.
#[test]
fn sizes_are_bounded() {
    for case in CASES.iter() {
        let sizes = case.trace.lines.iter().map(|line| match line {
            Line::Step(Step { action: Action::Client(_, action), .. }) => match action {
                Client::Text(content) | Client::Packet(content) => content.render(&Default::default()).unwrap().len(),
                Client::Binary(data) => data.render(&Default::default()).unwrap().len(),
                _ => 0,
            },
            _ => 0,
        });
        let (largest, all) = sizes.fold((0, 0), |(largest, all), size| (largest.max(size), all + size));
        let long = case.id.contains("/long");
        assert!(largest < if long { 400_000 } else { 8_192 }, "{}: {largest}", case.id);
        assert!(all < if long { 1_500_000 } else { 60_000 }, "{}: {all}", case.id);
    }
}

/// The lengths at which the header of a WebSocket frame changes its form.
#[test]
fn frames_have_every_length_that_matters() {
    for case in cases(DEFAULT_SEED).iter().filter(|case| case.id.contains("/long")) {
        let plan = plan(case);
        if plan.way == Way::Polling {
            continue;
        }
        let packets = plan.exchanges.iter().enumerate().map(|(id, exchange)| exchange.packets(id));
        let packets = packets.flat_map(|packets| packets.sent.into_iter().zip(packets.returned));
        let (mut sent, mut returned) = (BTreeSet::new(), BTreeSet::new());
        for (one, other) in packets {
            sent.insert(one.len());
            returned.insert(other.len());
        }
        for length in samples::SHORT.iter().chain(samples::LONG) {
            assert!(sent.contains(length) && returned.contains(length), "{}: {length}", case.id);
        }
    }
}
