//! Ports, the worker loop and use cases: what every host and every function shares.

pub mod approvals;
pub mod audit;
pub mod chain;
pub mod codec;
pub mod directory;
pub mod fault;
mod freeze;
mod hand_in;
pub mod invocation;
pub mod load;
pub mod owner;
mod pages;
pub mod ports;
pub mod queue;
pub mod snapshot;
mod standing;
pub mod tasks;
pub mod turn;
pub mod views;

pub use fault::Fault;
pub use freeze::freeze;
pub use hand_in::{hand_in, ring_planner};
pub use invocation::{Done, Invocation, Refused};
pub use load::{Loaded, load};
pub use pages::Pages;
pub use standing::{repository, standing};
pub use turn::{Perform, turn};
