//! Purpose: the ports on AWS, one module a service behind one feature each.

#[cfg(feature = "blobs")]
pub mod blobs;
pub mod client;
#[cfg(feature = "codebuild")]
pub mod codebuild;
#[cfg(any(feature = "journal", feature = "queues"))]
pub mod connect;
#[cfg(feature = "journal")]
pub mod journal;
#[cfg(feature = "keys")]
pub mod keys;
#[cfg(feature = "blobs")]
pub mod machine;
#[cfg(feature = "mail")]
pub mod mail;
#[cfg(feature = "queues")]
pub mod queues;
#[cfg(feature = "secrets")]
pub mod secrets;
pub mod settings;
#[cfg(feature = "setup")]
pub mod setup;
#[cfg(feature = "stack")]
pub mod stack;
