//! What is generated keeps to its rules, and failures become small.

mod faulty;
mod generated;
mod shrinking;
