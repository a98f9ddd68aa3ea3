//! The builder function.
