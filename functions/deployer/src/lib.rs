//! The deployer function.
