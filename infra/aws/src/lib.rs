//! Purpose: the ports on AWS, one module a service behind one feature each.

pub mod client;
