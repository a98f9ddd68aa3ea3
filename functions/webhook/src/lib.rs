//! The webhook function.
