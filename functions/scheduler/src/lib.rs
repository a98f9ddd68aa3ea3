//! The scheduler function.
