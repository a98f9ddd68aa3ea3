//! Samples of deliveries and pull requests.

use std::collections::BTreeMap;

use domain::ids::{PersonId, RepositoryId};
use domain::wish::Wish;
use domain::{delivery, pull};

use crate::plan::{at, commit, digest};
use crate::{Golden, golden};

pub fn delivery() -> Golden<delivery::Event> {
    let text = str::to_owned;
    let reply = |comment, body: Option<&str>| delivery::Reply {
        repository: RepositoryId(7),
        thread: 12,
        comment,
        reaction: match body {
            Some(_) => delivery::Reaction::Confused,
            None => delivery::Reaction::ThumbsUp,
        },
        body: body.map(text),
    };
    let failed = |refused, unsure| delivery::Event::ReplyFailed {
        number: 2,
        why: text("GitHub did not answer"),
        until: at(),
        refused,
        unsure,
    };
    let samples = vec![
        delivery::Event::DeliveryPlanned {
            repository: RepositoryId(7),
            run: "0123456789ab".into(),
        },
        delivery::Event::DeliveryAnswered {
            text: text("the run is cancelled"),
        },
        delivery::Event::DeliveryIgnored {
            reason: text("a branch was deleted"),
        },
        delivery::Event::ReplyWanted {
            reply: reply(Some(77), Some("Nothing runs.")),
            at: at(),
        },
        delivery::Event::ReplyWanted {
            reply: reply(None, None),
            at: at(),
        },
        delivery::Event::ReplyIntended {
            number: 1,
            call: text("call/delivery/guid"),
            at: at(),
        },
        delivery::Event::ReplyGiven { number: 1 },
        failed(false, true),
        failed(true, true),
        delivery::Event::ReplyGivenUp {
            why: text("GitHub could not be told in a day"),
        },
        delivery::Event::DeliveryPassedOn {
            passed: delivery::Passed {
                said: BTreeMap::from([
                    (1, delivery::Said::done()),
                    (3, delivery::Said::no(text("Nothing runs."))),
                ]),
                decisions: BTreeMap::from([(2, "0123456789ab".into())]),
            },
        },
    ];
    golden!(
        delivery,
        samples,
        DeliveryPlanned,
        DeliveryAnswered,
        DeliveryIgnored,
        DeliveryPassedOn,
        ReplyWanted,
        ReplyIntended,
        ReplyGiven,
        ReplyFailed,
        ReplyGivenUp,
    )
}

pub fn pull() -> Golden<pull::Event> {
    let text = str::to_owned;
    let said = |why| pull::Event::RunSaid {
        run: "0123456789ab".into(),
        why,
    };
    let shown = |ended| pull::Event::CommentShown {
        number: 1,
        view: digest('v'),
        comment: 4_001,
        ended,
    };
    let spoken = |word| pull::Event::Spoken {
        opening: pull::Opening {
            repository: RepositoryId(7),
            number: 12,
        },
        word,
        wish: Wish {
            id: text("guid/1"),
            said: at(),
            number: 0,
        },
        at: at(),
    };
    let samples = vec![
        pull::Event::RunPlanned {
            opening: pull::Opening {
                repository: RepositoryId(7),
                number: 12,
            },
            run: pull::Planned {
                run: "0123456789ab".into(),
                commit: commit(),
            },
        },
        pull::Event::CommentIntended {
            number: 1,
            view: digest('v'),
            call: text("call/pull/7/12"),
            at: at(),
        },
        pull::Event::CommentFailed {
            number: 1,
            why: text("GitHub did not answer"),
            until: at(),
            refused: false,
            unsure: true,
        },
        shown(None),
        shown(Some("0123456789ab".into())),
        said(None),
        said(Some(text(
            "the App lacks the permission `pull_requests: write`",
        ))),
        spoken(pull::Word::Hold {
            by: PersonId(3),
            reason: Some(text("the database moves")),
        }),
        spoken(pull::Word::Hold {
            by: PersonId(3),
            reason: None,
        }),
        pull::Event::RunTold {
            run: "0123456789ab".into(),
            words: 2,
        },
        spoken(pull::Word::Unhold { by: PersonId(4) }),
        spoken(pull::Word::LooksGood {
            by: PersonId(4),
            commit: commit(),
        }),
        spoken(pull::Word::Override {
            by: PersonId(4),
            job: "unit".into(),
            commit: commit(),
            reason: text("it is flaky"),
        }),
        spoken(pull::Word::TakenBack { by: PersonId(4) }),
    ];
    golden!(
        pull,
        samples,
        RunPlanned,
        CommentIntended,
        CommentShown,
        CommentFailed,
        RunSaid,
        Spoken,
        RunTold,
    )
}
