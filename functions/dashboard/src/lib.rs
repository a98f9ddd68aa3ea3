//! The dashboard function.
