//! `template.yaml` and what holds it true: what a function may do is what its code calls, and nothing that the design asks
//! for is missing. Emulators enforce none of it, so it is read off the template itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod builds;
mod calls;
mod environment;
mod events;
mod http;
mod least;
mod lint;
mod policies;
mod shape;
mod sites;
mod source;
mod state;
mod syntax;
mod template;
mod yaml;

/// Fails with the whole list, so that nobody has to find them one by one.
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
