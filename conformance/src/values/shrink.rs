//! Cases that are a little smaller than a given one.

use super::exchange::Exchange;
use super::family::Arity;
use super::plan::Plan;
use super::smaller::{self, each, without};
use super::value::Value;
use crate::replay::Difference;

/// Smaller cases that may show the same failure, the smallest first: the exchange that failed alone, then fewer
/// exchanges, then smaller ones.
pub fn shrink<'a>(plan: &'a Plan, difference: Option<&Difference>) -> impl Iterator<Item = Plan> + use<'a> {
    let exchanges = plan.exchanges.as_slice();
    let suspect = difference.and_then(|difference| plan.exchange_at(difference.line));
    let suspected =
        suspect.into_iter().flat_map(|suspect| [exchanges.get(suspect..=suspect), exchanges.get(..=suspect)]);
    let suspected = suspected.flatten().map(<[_]>::to_vec);
    let simpler = each(exchanges, |exchange| smaller_exchanges(exchange, plan.family.arity()));
    let smaller = suspected.chain(without(exchanges)).chain(simpler);
    smaller.filter(|exchanges| !exchanges.is_empty()).map(|exchanges| plan.with(exchanges))
}

fn smaller_exchanges(exchange: &Exchange, arity: Arity) -> Vec<Exchange> {
    match exchange {
        Exchange::Event(all) => arguments(all, arity).into_iter().map(Exchange::Event).collect(),
        Exchange::Acknowledged(all) => arguments(all, arity).into_iter().map(Exchange::Acknowledged).collect(),
        // An empty text is a different kind of case.
        Exchange::Text(text) => {
            smaller::texts(text).into_iter().filter(|text| !text.is_empty()).map(Exchange::Text).collect()
        }
        Exchange::Binary(bytes) => smaller::bytes(bytes).into_iter().map(Exchange::Binary).collect(),
    }
}

fn arguments(arguments: &[Value], arity: Arity) -> Vec<Vec<Value>> {
    let mut smaller = match arity {
        Arity::Free => without(arguments),
        Arity::Fixed => Vec::new(),
    };
    let alone = (0..arguments.len()).map(|kept| {
        let alone = arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| if index == kept { argument.clone() } else { 0.into() });
        alone.collect::<Vec<_>>()
    });
    smaller.extend(alone.filter(|alone| alone != arguments));
    smaller.extend(each(arguments, smaller::values));
    smaller
}
