//! Purpose: tests.
