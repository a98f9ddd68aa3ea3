//! Purpose: what the functions ask of the world, in the engine's own words. One small trait a file; adapters implement them.

mod app_signer;
mod archives;
mod builds;
mod checks;
mod conversations;
mod delivery_log;
mod journal;
mod keys;
mod mail;
mod people;
mod ref_moves;
mod sources;
mod time;

pub use app_signer::AppSigner;
pub use archives::Archives;
pub use builds::{
    Artifact, ArtifactFile, BuildEnd, BuildRequest, BuildStatus, Builds, CollectedReport, Ending,
    LogLine, LogPage, LogStream, Logs, Started, Trust, Usage,
};
pub use checks::{
    CheckUpdate, Checks, ChecksUpdate, DeploymentUpdate, DeploymentsAnswer, DeploymentsUpdate,
    NotShown,
};
pub use conversations::{CommentUpdate, Comments, Login, PullRequest, PullRequests, Written};
pub use delivery_log::{DeliveryAttempt, DeliveryLog, DeliveryPage};
pub use journal::{
    Accepted, Appended, Blobs, Delivery, Folded, Head, HeadCursor, HeadUpdate, Inbox, Journal,
    Position, Record, Snapshot, StoredEvent, due_ms,
};
pub use keys::Keys;
pub use mail::{Announcement, Announcer, Mail, Mailer};
pub use people::{People, Person, Repositories, Repository};
pub use ref_moves::{MovePage, Moves, RefMove, RefMoves};
pub use sources::{Commit, Comparison, Sources};
pub use time::{Clock, Doorbell, Doorbells, Function};
