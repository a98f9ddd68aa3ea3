//! The simulator, in-memory ports and conformance suites.
