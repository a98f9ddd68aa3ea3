//! Purpose: the ports `Sources`, `Archives`, `DeliveryLog`, `RefMoves` and `Checks` over GitHub's APIs, spoken to as a GitHub App.
//!
//! Repositories are named by number, so a rename changes nothing. Only the configured API is spoken to; the one redirect
//! that is followed is that of an archive, and it carries no credential. Nothing here sleeps or repeats: what is
//! unavailable goes back to the queue.

mod answer;
mod archives;
mod cache;
mod changes;
mod checks;
mod client;
mod deliveries;
mod github;
mod jwt;
mod moves;
mod pages;
mod pem;
mod route;
mod session;
mod shapes;
mod sources;

pub use archives::MAX_ARCHIVE_BYTES;
pub use changes::{MAX_CHANGED_PATHS, MAX_LISTED_COMMITS};
pub use github::{GitHub, Limits};
pub use pem::PemSigner;
pub use sources::MAX_FILE_BYTES;
