//! Samples of what came after the first release: their rows are at the end.

use domain::ids::{PersonId, RepositoryId};
use domain::plan::{EnvironmentsSource, OnNew, Trigger};
use domain::run::{Event, Proposal};
use domain::{checks, repository};

use crate::plan::{at, commit, digest, opening};

/// Fields of a run's events that came later.
pub fn run() -> Vec<Event> {
    let text = str::to_owned;
    let mut elsewhere = opening(
        Trigger::Push {
            branch: text("release-1"),
        },
        OnNew::Cancel,
    );
    elsewhere.plan.environments = Some(EnvironmentsSource {
        branch: Some(text("main")),
        commit: Some(commit()),
        file: Some(digest('e')),
        problem: None,
    });
    let mut shown = opening(
        Trigger::Push {
            branch: text("main"),
        },
        OnNew::Cancel,
    );
    shown.has_checks = true;
    let mut seen = opening(
        Trigger::Push {
            branch: text("main"),
        },
        OnNew::Cancel,
    );
    for stage in &mut seen.plan.stages {
        stage.url = Some(format!("https://{}.example.org", stage.environment));
    }
    let opened = |opening| Event::RunOpened {
        opening: Box::new(opening),
        at: at(),
    };
    let mut strange = opening(
        Trigger::PullRequest {
            number: 12,
            base: text("main"),
            head: text("fix"),
        },
        OnNew::Cancel,
    );
    strange.awaits_trust = true;
    let mut proposes = opening(
        Trigger::PullRequest {
            number: 12,
            base: text("main"),
            head: text("fix"),
        },
        OnNew::Cancel,
    );
    proposes.proposal = Some(Proposal {
        rules: commit(),
        mistakes: vec![text("line 2: `steps` is not a word here")],
        diff: text("@@ -1 +1 @@\n-version: 1\n+version: 2\n"),
    });
    let queued = opening(
        Trigger::MergeGroup {
            base: text("main"),
            head: text("gh-readonly-queue/main/pr-12-cccc"),
        },
        OnNew::Queue,
    );
    let trusted = Event::RunTrusted {
        by: domain::ids::PersonId(5),
        at: at(),
    };
    vec![
        opened(elsewhere),
        opened(shown),
        opened(seen),
        opened(strange),
        trusted,
        opened(proposes),
        opened(queued),
        Event::SkipRequested {
            by: domain::ids::PersonId(5),
            wish: text("guid/1"),
            at: at(),
        },
        Event::JobCancelled {
            task: domain::run::TaskId::Job("unit".into()),
        },
    ]
}

/// What is said of deployments.
pub fn checks() -> Vec<checks::Event> {
    let text = str::to_owned;
    let shown = checks::Shown {
        id: text("2001"),
        digest: digest('d'),
    };
    vec![
        checks::Event::DeploymentsShown {
            deployments: [(text("0123456789ab/staging"), shown)].into(),
        },
        checks::Event::DeploymentsFailed {
            why: text("GitHub did not answer"),
            until: at(),
            unsure: true,
        },
        checks::Event::DeploymentsGivenUp {
            why: text("the App lacks the permission `deployments: write`"),
        },
        checks::Event::ChecksReopened { words: 3, at: at() },
    ]
}

/// Who waits for the end of a freeze, and what GitHub tells of the repository.
pub fn repository() -> Vec<repository::Event> {
    let text = str::to_owned;
    let id = RepositoryId(7);
    vec![
        repository::Event::DeployHeld {
            repository: id,
            run: "0123456789ab".into(),
        },
        repository::Event::DeploysUnfrozen {
            by: Some(PersonId(12)),
            at: at(),
            wish: repository::Wish {
                id: text("77777777-7777-8888-9999-000000000000/1"),
                said: at(),
                number: 77,
            },
            held: vec!["0123456789ab".into()],
        },
        repository::Event::RepositoryRenamed {
            repository: id,
            name: text("acme/store"),
        },
        repository::Event::RepositoryTransferred {
            repository: id,
            notice: text("88888888-7777-8888-9999-000000000000"),
            to: text("eve/store"),
            at: at(),
        },
        repository::Event::RepositoryAdmitted {
            by: Some(PersonId(12)),
            at: at(),
        },
        repository::Event::RepositoryAdmitted { by: None, at: at() },
        repository::Event::AppRemoved {
            repository: id,
            at: at(),
        },
        repository::Event::AppInstalled { at: at() },
    ]
}
