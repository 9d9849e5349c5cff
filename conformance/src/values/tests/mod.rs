//! Generated cases follow their rules, and failing ones are reduced.

mod faulty;
mod generated;
mod shrinking;
