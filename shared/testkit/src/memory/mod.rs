//! Purpose: the ports in memory, for the simulator: deterministic, shared by `Arc`, and every call can fail or be cut off.

mod blobs;
mod journal;

pub use blobs::MemoryBlobs;
pub use journal::MemoryJournal;
