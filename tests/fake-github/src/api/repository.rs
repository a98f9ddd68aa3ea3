//! Purpose: a repository itself, and where its archives are.

use crate::answer::Answer;
use crate::routes::Call;
use crate::shapes;

/// <https://docs.github.com/en/rest/repos/repos#get-a-repository>
pub(crate) fn show(call: &Call) -> Answer {
    Answer::json(&shapes::repository(&call.world.api, &call.repository))
}

/// <https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-zip>
pub(crate) fn zipball(call: &Call) -> Answer {
    let word = call.world.state().link();
    let url = format!(
        "{}/{}/legacy.zip/{}?token={word}",
        call.world.codeload,
        call.repository.name,
        call.part("ref"),
    );
    Answer::found(&url)
}
