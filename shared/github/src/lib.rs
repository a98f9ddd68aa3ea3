//! What GitHub sends and shows, as pure functions: signatures, payloads, texts.

pub mod app;
pub mod checks;
pub mod commands;
pub mod path;
pub mod payload;
pub mod signature;
pub mod text;

pub use path::is_path;
pub use payload::{Asked, Notice, PayloadError, Read, notice, read};
pub use signature::{Secrets, SignatureError};
