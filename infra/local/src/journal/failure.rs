//! Purpose: what SQLite reports, told as a person can act on it.

use std::path::Path;

use engine::Fault;
use rusqlite::ErrorCode;

/// Either SQLite's own error or one that is already in our words.
#[derive(Debug)]
pub(super) enum Failure {
    Sql(rusqlite::Error),
    Fault(Fault),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Failure {
    /// Tells it of the journal at this path. The codes: <https://sqlite.org/rescode.html>.
    pub(super) fn into_fault(self, path: &Path) -> Fault {
        let error = match self {
            Self::Fault(fault) => return fault,
            Self::Sql(error) => error,
        };
        let path = path.display();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Fault::Unavailable(format!(
                "the journal {path} cannot grow: the disk is full. Free some space; nothing that was recorded is lost, and work \
                 goes on by itself"
            )),
            // A full disk, too, where it is noticed by another call than a plain write.
            Some(ErrorCode::SystemIoFailure) => Fault::Unavailable(format!(
                "the journal {path} cannot be read or written: {error}. Check the disk and its free space; nothing that was \
                 recorded is lost, and work goes on by itself"
            )),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Fault::Unavailable(format!(
                "the journal {path} cannot be written: {error}. Give the user that runs Slipway the right to write the file and \
                 its folder"
            )),
            Some(ErrorCode::CannotOpen) => Fault::Unavailable(format!(
                "the journal {path} cannot be opened: {error}. Check that its folder exists and may be used by this user"
            )),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Fault::Unavailable(format!(
                    "the journal {path} is held by another process for too long: {error}. Look for a second Slipway or a backup \
                     that works on the same folder"
                ))
            }
            Some(ErrorCode::NotADatabase) => Fault::Malformed(format!(
                "{path} is no journal, or its beginning is damaged: {error}. Nothing was changed; keep a copy of it and restore \
                 a backup"
            )),
            Some(ErrorCode::DatabaseCorrupt) => Fault::Malformed(format!(
                "the journal {path} is damaged: {error}. Stop Slipway, keep a copy of the file and of {path}-wal, and restore a \
                 backup"
            )),
            _ => Fault::Unavailable(format!("the journal {path} did not work: {error}")),
        }
    }
}
