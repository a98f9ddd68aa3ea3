//! The approval function.
