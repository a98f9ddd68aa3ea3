//! Purpose: the port `Archives` over GitHub: the API answers where an archive is, and it is fetched without a credential.

use async_trait::async_trait;
use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::Archives;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

use crate::github::{GitHub, JSON};
use crate::route::Route;

/// Largest archive that is fetched, bytes: it is held in memory on its way.
pub const MAX_ARCHIVE_BYTES: usize = 100 << 20;
/// Largest body of a redirect, bytes.
const MAX_REDIRECT_BYTES: usize = 64 << 10;

#[async_trait]
impl Archives for GitHub {
    /// <https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-zip>
    async fn archive(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<Vec<u8>, Fault> {
        let route = Route::zipball(repository, commit)?;
        let absent = || {
            Fault::Malformed(format!(
                "commit {commit} is not in repository {repository} on GitHub"
            ))
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        let answer = self
            .call(repository, &route, headers, MAX_REDIRECT_BYTES)
            .await?;
        if answer.status != StatusCode::FOUND {
            self.judge(repository, &route, &answer)
                .await?
                .ok_or_else(absent)?;
            return Err(Fault::Malformed(format!(
                "GitHub answered {} to {route} and not where the archive is",
                answer.status
            )));
        }
        let url: Option<Uri> = answer
            .header("location")
            .and_then(|location| location.parse().ok());
        let url = url
            .filter(|url| self.client.base().allows(url))
            .ok_or_else(|| {
                Fault::Malformed(format!(
                    "GitHub's redirect of {route} leads to no https address"
                ))
            })?;
        let what = format!("the download of {route}");
        let archive = self
            .client
            .download(&url, &what, self.limits.archive_bytes, self.limits.download)
            .await?;
        match archive.status {
            StatusCode::OK => Ok(archive.body),
            StatusCode::NOT_FOUND => Err(absent()),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Err(
                Fault::Unavailable(format!("GitHub answered {status} to {what}")),
            ),
            status => Err(Fault::Malformed(format!(
                "GitHub answered {status} to {what}"
            ))),
        }
    }
}
