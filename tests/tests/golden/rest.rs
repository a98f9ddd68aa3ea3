//! Samples of lanes, pools, groups, repositories and checks.

use domain::ids::{PersonId, RepositoryId};
use domain::lane::Deployed;
use domain::pipeline::ScheduleSpec;
use domain::pool::Ticket;
use domain::repository::Tick;
use domain::run::{Attempt, StageOutcome, TaskId};
use domain::{change, checks, lane, pool, repository};

use crate::plan::{at, commit, digest};
use crate::{Golden, added, golden};

pub fn lane() -> Golden<lane::Event> {
    let deployed = Deployed {
        run: "0123456789ab".into(),
        commit: commit(),
        release: digest('e'),
        at: at(),
    };
    let run = || "0123456789ab".into();
    let samples = vec![
        lane::Event::Queued {
            repository: RepositoryId(7),
            run: run(),
        },
        lane::Event::Granted {
            run: run(),
            fence: 3,
            at: at(),
        },
        lane::Event::Left { run: run() },
        lane::Event::Returned {
            run: run(),
            fence: 3,
            outcome: StageOutcome::Deployed,
            deployed: Some(deployed),
        },
        lane::Event::Returned {
            run: run(),
            fence: 4,
            outcome: StageOutcome::RolledBack {
                why: "it does not answer".to_owned(),
            },
            deployed: None,
        },
        lane::Event::Reclaimed {
            run: run(),
            fence: 4,
        },
    ];
    golden!(lane, samples, Queued, Granted, Left, Returned, Reclaimed)
}

pub fn checks() -> Golden<checks::Event> {
    let text = str::to_owned;
    let opening = |pull_request| checks::Opening {
        repository: RepositoryId(7),
        run: "0123456789ab".into(),
        commit: commit(),
        pull_request,
    };
    let shown = checks::Shown {
        id: text("CR_kwDOABCD"),
        digest: digest('d'),
    };
    let failed = |refused, unsure| checks::Event::UpdateFailed {
        number: 2,
        why: text("GitHub did not answer"),
        until: at(),
        refused,
        unsure,
    };
    let samples = vec![
        checks::Event::ChecksOpened {
            opening: opening(None),
            at: at(),
        },
        checks::Event::ChecksOpened {
            opening: opening(Some(12)),
            at: at(),
        },
        checks::Event::UpdateIntended {
            number: 1,
            view: digest('v'),
            call: text("call/checks/7/0123456789ab"),
            at: at(),
        },
        checks::Event::UpdateShown {
            number: 1,
            view: digest('v'),
            checks: [(text("0123456789ab/job/unit"), shown)].into(),
            last: false,
            at: at(),
        },
        failed(false, true),
        failed(true, true),
        checks::Event::ChecksGivenUp {
            why: text("the App lacks the permission `checks: write`"),
        },
    ];
    let samples = samples.into_iter().chain(added::checks()).collect();
    golden!(
        checks,
        samples,
        ChecksOpened,
        UpdateIntended,
        UpdateShown,
        UpdateFailed,
        ChecksGivenUp,
        DeploymentsShown,
        DeploymentsFailed,
        DeploymentsGivenUp,
        ChecksReopened,
    )
}

pub fn pool() -> Golden<pool::Event> {
    let tickets = || {
        vec![Ticket {
            repository: RepositoryId(7),
            run: "0123456789ab".into(),
            attempt: Attempt {
                task: TaskId::Job("unit (go=1.24)".into()),
                number: 2,
            },
        }]
    };
    let samples = vec![
        pool::Event::Resized { capacity: 2 },
        pool::Event::Queued { tickets: tickets() },
        pool::Event::Granted { tickets: tickets() },
        pool::Event::Returned { tickets: tickets() },
    ];
    golden!(pool, samples, Resized, Queued, Granted, Returned)
}

pub fn change() -> Golden<change::Event> {
    let run = || "0123456789ab".into();
    let samples = vec![
        change::Event::Entered {
            repository: RepositoryId(7),
            run: run(),
            commit: commit(),
        },
        change::Event::Granted { run: run() },
        change::Event::SupersedeAsked {
            run: run(),
            by: "ba9876543210".into(),
        },
        change::Event::SupersedeAnswered {
            run: run(),
            accepted: true,
        },
        change::Event::Left { run: run() },
    ];
    golden!(
        change,
        samples,
        Entered,
        Granted,
        SupersedeAsked,
        SupersedeAnswered,
        Left
    )
}

pub fn repository() -> Golden<repository::Event> {
    let tick = || Tick {
        name: "nightly".to_owned(),
        branch: "main".to_owned(),
        due: at(),
    };
    let schedule = ScheduleSpec {
        name: "nightly".to_owned(),
        cron: "30 3 * * *".to_owned(),
        branch: "main".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        catch_up: true,
    };
    let samples = vec![
        repository::Event::SchedulesSet {
            repository: RepositoryId(7),
            branch: "main".to_owned(),
            schedules: vec![schedule],
            at: at(),
        },
        repository::Event::TickFired {
            tick: tick(),
            late_seconds: 4,
            next: Some(at()),
        },
        repository::Event::TickSkipped {
            tick: tick(),
            why: "700 s late".to_owned(),
            next: None,
        },
        repository::Event::TickDelivered { tick: tick() },
        repository::Event::DeploysFrozen {
            repository: RepositoryId(7),
            freeze: repository::Freeze {
                by: Some(PersonId(12)),
                reason: Some("The database is being moved.".to_owned()),
                at: at(),
            },
            wish: repository::Wish {
                id: "11111111-2222-3333-4444-555555555555/1".to_owned(),
                said: at(),
                number: 0,
            },
        },
        repository::Event::DeploysUnfrozen {
            by: None,
            at: at(),
            wish: repository::Wish {
                id: "66666666-7777-8888-9999-000000000000".to_owned(),
                said: at(),
                number: 0,
            },
            held: Vec::new(),
        },
    ];
    let samples = samples.into_iter().chain(added::repository()).collect();
    golden!(
        repository,
        samples,
        SchedulesSet,
        TickFired,
        TickSkipped,
        TickDelivered,
        DeploysFrozen,
        DeploysUnfrozen,
        DeployHeld,
        RepositoryRenamed,
        RepositoryTransferred,
        RepositoryAdmitted,
        AppRemoved,
        AppInstalled
    )
}
