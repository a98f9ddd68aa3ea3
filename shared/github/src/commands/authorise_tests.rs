use domain::ids::PersonId;

use super::*;
use crate::commands::{TABLE, parse};

const ANA: PersonId = PersonId(12);
const BOB: PersonId = PersonId(123);

fn user(id: PersonId) -> Account {
    Account {
        id,
        kind: AccountKind::User,
    }
}

/// Ana, who wrote the pull request that Bob comments on.
fn facts(standing: Standing) -> Facts<'static> {
    Facts {
        action: "created",
        sender: user(BOB),
        author: user(BOB),
        place: Place::PullRequest,
        pull_author: Some(ANA),
        standing,
        approves: &[],
    }
}

fn command(line: &str) -> Command {
    parse(line).remove(0).read.unwrap()
}

fn refused(line: &str, facts: &Facts<'_>) -> String {
    authorised(&command(line), facts)
        .map_or_else(|refusal| refusal.to_string(), |()| "may".to_owned())
}

/// One command of each permission and place.
fn all() -> Vec<Command> {
    let commit = "3f1a0c9d5b7e2468ace013579bdf02468ace1357";
    let lines = TABLE.iter().map(|row| {
        let arguments = row
            .arguments
            .replace("[job]", "unit")
            .replace("[reason]", "")
            .replace("[cancel]", "")
            .replace("<commit>", commit);
        let arguments = arguments
            .replace("<environment>", "production")
            .replace("<release>", &commit[..12]);
        let arguments = arguments.replace(['<', '>'], "");
        command(&format!("/{} {arguments}", row.name))
    });
    lines.collect()
}

#[test]
fn sec_28_bots_are_ignored() {
    for kind in [
        AccountKind::Bot,
        AccountKind::Organization,
        AccountKind::Other,
    ] {
        for command in all() {
            let mut facts = facts(Standing::Writer);
            facts.sender.kind = kind;
            let refusal = authorised(&command, &facts).unwrap_err();
            assert_eq!(refusal, Refusal::Bot);
            assert!(!refusal.is_answered());
            facts.sender.kind = AccountKind::User;
            facts.author.kind = kind;
            assert_eq!(authorised(&command, &facts), Err(Refusal::Bot));
        }
    }
}

#[test]
fn sec_27_only_new_comments_of_their_author_count() {
    for command in all() {
        for action in ["edited", "deleted", "Created", ""] {
            let facts = Facts {
                action,
                ..facts(Standing::Writer)
            };
            assert_eq!(authorised(&command, &facts), Err(Refusal::NotCreated));
        }
        let facts = Facts {
            author: user(ANA),
            ..facts(Standing::Writer)
        };
        assert_eq!(authorised(&command, &facts), Err(Refusal::NotItsAuthor));
    }
}

/// The oracle is written from the table's words, not from the code.
#[test]
fn sec_26_who_may_is_what_the_table_says() {
    let production = [EnvironmentName::new("production")];
    let staging = [
        EnvironmentName::new("staging"),
        EnvironmentName::new("Production"),
    ];
    let mut cells = 0;
    for command in all() {
        let row = command.row().unwrap();
        for standing in [
            Standing::Unknown,
            Standing::Outsider,
            Standing::Member,
            Standing::Writer,
        ] {
            for (place, pull_author) in [
                (Place::Anywhere, None),
                // The account that opened it is gone.
                (Place::PullRequest, None),
                (Place::PullRequest, Some(ANA)),
                (Place::PullRequest, Some(BOB)),
            ] {
                for approves in [&[][..], &production, &staging] {
                    let facts = Facts {
                        place,
                        pull_author,
                        approves,
                        ..facts(standing)
                    };
                    let who = row.who.who();
                    let is_author = pull_author == Some(BOB);
                    let is_member = matches!(standing, Standing::Member | Standing::Writer);
                    let may = match who {
                        "anybody" => true,
                        "the author of the pull request or a member" => is_member || is_author,
                        "a member with write permission" => standing == Standing::Writer,
                        "an approver of the environment" => approves == production,
                        other => panic!("{other}"),
                    };
                    let here = place == Place::PullRequest || row.place.which().contains("issues");
                    let own = ["lgtm", "override"].contains(&row.name) && is_author;
                    assert_eq!(
                        authorised(&command, &facts).is_ok(),
                        may && here && !own,
                        "{command:?} {facts:?}"
                    );
                    cells += 1;
                }
            }
        }
    }
    assert_eq!(cells, 19 * 4 * 4 * 3);
}

#[test]
fn a_refusal_says_why_and_who_can() {
    let outsider = facts(Standing::Outsider);
    assert_eq!(refused("/why", &outsider), "may");
    assert_eq!(
        refused("/freeze", &outsider),
        "You may not use `/freeze` here; a member with write permission can."
    );
    assert_eq!(
        refused("/approve production 0a1b2c3d4e5f", &facts(Standing::Writer)),
        "You may not use `/approve` here; an approver of the environment can."
    );
    let own = Facts {
        pull_author: Some(BOB),
        ..facts(Standing::Writer)
    };
    assert_eq!(
        refused("/lgtm", &own),
        "Nobody says `/lgtm` to a change of their own; another member with write permission can."
    );
    let issue = Facts {
        place: Place::Anywhere,
        pull_author: None,
        ..facts(Standing::Writer)
    };
    assert_eq!(
        refused("/test", &issue),
        "`/test` works on pull requests only; the author of the pull request or a member can use it there."
    );
}

#[test]
fn sec_02_what_is_unknown_means_no() {
    let unknown = facts(Standing::Unknown);
    assert_eq!(
        refused("/retest", &unknown),
        "GitHub did not say what you may do here, so `/retest` was not followed. Try again in a minute; the author of the pull \
         request or a member can."
    );
}
