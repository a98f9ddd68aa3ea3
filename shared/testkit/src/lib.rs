//! The simulator, in-memory ports and conformance suites.

pub mod conformance;
pub mod faults;
pub mod memory;
pub mod sim;
pub mod yielding;
