//! Ports, the worker loop and use cases: what every host and every function shares.

pub mod audit;
pub mod chain;
pub mod fault;
pub mod ports;

pub use fault::Fault;
