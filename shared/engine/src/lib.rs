//! Ports, the worker loop and use cases: what every host and every function shares.
