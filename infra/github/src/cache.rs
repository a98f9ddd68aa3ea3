//! Purpose: answers with their ETags, in memory and bounded, so that an unchanged re-read costs no quota.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::RepositoryId;
use http::{HeaderValue, header};
use lru::LruCache;

use crate::client::Answer;

/// Largest body that is kept, bytes.
const MAX_ENTRY_BYTES: usize = 1 << 20;
/// What all bodies have together, bytes.
const MAX_BYTES: usize = 16 << 20;

/// An answer that was good.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub etag: HeaderValue,
    pub content_type: String,
    /// Where the list goes on.
    pub link: Option<String>,
    pub body: Arc<Vec<u8>>,
}

/// The latest answers, the least recently used ones dropped first.
pub(crate) struct Cache(Mutex<Held>);

struct Held {
    entries: LruCache<String, Kept>,
    bytes: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self(Mutex::new(Held {
            // Bounded by bytes, see `keep`.
            entries: LruCache::unbounded(),
            bytes: 0,
        }))
    }
}

impl Cache {
    pub fn get(&self, key: &str) -> Option<Kept> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.entries.get(key).cloned()
    }

    /// Keeps a good answer if it has an ETag and is not too large, and hands it back in any case.
    pub fn keep(&self, key: String, answer: Answer) -> Kept {
        let etag = answer.headers.get(header::ETAG).cloned();
        let kept = Kept {
            content_type: answer.header("content-type").unwrap_or_default().to_owned(),
            link: answer.header("link").map(str::to_owned),
            etag: etag.clone().unwrap_or(HeaderValue::from_static("")),
            body: Arc::new(answer.body),
        };
        if etag.is_some() && kept.body.len() <= MAX_ENTRY_BYTES {
            self.insert(key, kept.clone());
        }
        kept
    }

    fn insert(&self, key: String, kept: Kept) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes += weight(&key, &kept);
        if let Some((key, old)) = held.entries.push(key, kept) {
            held.bytes -= weight(&key, &old);
        }
        while held.bytes > MAX_BYTES
            && let Some((key, old)) = held.entries.pop_lru()
        {
            held.bytes -= weight(&key, &old);
        }
    }
}

/// What an entry takes; small ones are not free either.
fn weight(key: &str, kept: &Kept) -> usize {
    /// About what the maps need for one entry, bytes.
    const OVERHEAD: usize = 512;
    key.len() + kept.body.len() + OVERHEAD
}

/// Repositories whose node ids are kept at a time.
const MAX_NODES: NonZeroUsize = match NonZeroUsize::new(1_024) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};

/// GraphQL's names for repositories.
pub(crate) struct Nodes(Mutex<LruCache<RepositoryId, String>>);

impl Default for Nodes {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MAX_NODES)))
    }
}

impl Nodes {
    pub fn get(&self, repository: RepositoryId) -> Option<String> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&repository).cloned()
    }

    pub fn keep(&self, repository: RepositoryId, node: String) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.put(repository, node);
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
