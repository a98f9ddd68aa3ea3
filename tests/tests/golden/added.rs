//! Samples of what came after the first release: their rows are at the end.

use domain::checks;
use domain::plan::{EnvironmentsSource, OnNew, Trigger};
use domain::run::{Event, Proposal};

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
