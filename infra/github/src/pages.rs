//! Purpose: how long a page of a list of GitHub is, and where the list goes on.

use http::Uri;
use percent_encoding::percent_decode_str;

/// Entries on one page, the most that GitHub gives.
/// <https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api>
pub(crate) const PAGE: usize = 100;

/// The cursor of the next page, by the name that it has in the query; only that is taken from the link, never its host.
/// <https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers>
pub(crate) fn next_cursor(link: Option<&str>, name: &str) -> Option<String> {
    let mut next = link?
        .split(',')
        .filter(|link| link.contains("rel=\"next\""));
    let url = next.next()?.split('>').next()?.trim().strip_prefix('<')?;
    let url: Uri = url.parse().ok()?;
    let mut query = url.query()?.split('&');
    let cursor = query.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let cursor = percent_decode_str(cursor).decode_utf8().ok()?;
    Some(cursor.into_owned())
}
