//! Purpose: the endpoints, one file a family.

pub(crate) mod activity;
pub(crate) mod apps;
pub(crate) mod branches;
pub(crate) mod checks;
pub(crate) mod compare;
pub(crate) mod contents;
pub(crate) mod deliveries;
pub(crate) mod deployments;
pub(crate) mod manifest;
pub(crate) mod objects;
pub(crate) mod repository;
