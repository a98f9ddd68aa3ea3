//! Purpose: content-addressed bytes in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::ids::Digest;
use engine::Fault;
use engine::ports::Blobs;

use crate::faults::{Faults, NoFaults, call};

/// Blobs in memory. A clone is the same store.
#[derive(Clone)]
pub struct MemoryBlobs {
    bytes: Arc<Mutex<BTreeMap<Digest, Vec<u8>>>>,
    faults: Arc<dyn Faults>,
}

impl MemoryBlobs {
    /// An empty store whose calls (`blobs.put`, `blobs.get`) fail as `faults` says.
    pub fn new(faults: Arc<dyn Faults>) -> Self {
        Self {
            bytes: Arc::default(),
            faults,
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<Digest, Vec<u8>>) -> T) -> T {
        act(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for MemoryBlobs {
    fn default() -> Self {
        Self::new(Arc::new(NoFaults))
    }
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        call(&self.faults, "blobs.put", || {
            let digest = Digest::of(bytes);
            self.with(|all| all.insert(digest.clone(), bytes.to_vec()));
            Ok(digest)
        })
        .await
    }

    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        call(&self.faults, "blobs.get", || {
            if !digest.is_valid() {
                return Err(Fault::Malformed(format!("\"{digest}\" is no digest")));
            }
            Ok(self.with(|all| all.get(digest).cloned()))
        })
        .await
    }
}
