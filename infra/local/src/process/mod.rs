//! Purpose: the process builder.
