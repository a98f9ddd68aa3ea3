//! Purpose: where repositories are, and where people see what runs do: folders of this computer, or a GitHub.

use std::sync::Arc;

use engine::ports::{Checks, Comments, PullRequests, Sources};

use crate::home::Home;

/// What the functions know of whoever hosts the repositories.
pub struct Hosting {
    pub sources: Arc<dyn Sources>,
    /// Folders have no pull requests, and nothing is shown beside them.
    pub pull_requests: Option<Arc<dyn PullRequests>>,
    pub checks: Option<Arc<dyn Checks>>,
    pub comments: Option<Arc<dyn Comments>>,
}

impl Hosting {
    /// Folders of this computer.
    pub fn folders(home: &Home) -> Self {
        Self {
            sources: home.sources.clone(),
            pull_requests: None,
            checks: None,
            comments: None,
        }
    }

    /// A GitHub, spoken to as its App.
    #[cfg(feature = "github")]
    pub fn github(client: github_api::GitHub) -> Self {
        let client = Arc::new(client);
        Self {
            sources: client.clone(),
            pull_requests: Some(client.clone()),
            checks: Some(client.clone()),
            comments: Some(client),
        }
    }
}
