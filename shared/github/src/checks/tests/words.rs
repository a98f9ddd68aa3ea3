//! Purpose: what people have said about a pull request, in its checks and in its comment.

use super::super::{Said, Words};
use super::*;

fn by(by: &str, why: Option<&str>) -> Said {
    Said {
        by: by.to_owned(),
        why: why.map(str::to_owned),
    }
}

fn held(why: Option<&str>) -> Words {
    Words {
        hold: Some(by("ana", why)),
        ..Words::default()
    }
}

fn whole(run: &Run, words: &Words) -> Check {
    let waits = Waits {
        words: words.clone(),
        ..Waits::default()
    };
    let mut view = super::super::view(run, "https://ci.example.org", &waits);
    view.checks.remove(0)
}

fn passed() -> Run {
    let over = finished(Outcome::Succeeded, "2 jobs passed");
    go(two_jobs(), &[over])
}

#[test]
fn what_is_held_is_not_passed_and_says_how_it_ends() {
    let check = whole(&passed(), &held(Some("the <b>database</b> moves")));
    let needed = Status::Completed(Conclusion::ActionRequired);
    assert_eq!(check.status, needed);
    assert_eq!(check.title, "Held by ana: the <b>database</b> moves");
    let said = "**Held by ana**: the \\<b\\>database\\</b\\> moves\n\nNothing is merged that requires this check before \
                somebody ends the hold with `/unhold`.\n\n2 jobs passed";
    assert!(check.summary.starts_with(said), "{}", check.summary);
    assert_eq!(whole(&passed(), &held(None)).title, "Held by ana");
    // Without a hold it is what the run said.
    let check = whole(&passed(), &Words::default());
    assert_eq!(check.status, Status::Completed(Conclusion::Success));
    assert_eq!(check.title, "2 jobs passed");
}

#[test]
fn a_hold_makes_nothing_of_a_run_better_or_less_known() {
    let running = two_jobs();
    let failed = go(two_jobs(), &[finished(Outcome::Failed, "lint failed")]);
    for run in [running, failed] {
        let (with, without) = (whole(&run, &held(None)), whole(&run, &Words::default()));
        assert_eq!((with.status, &with.title), (without.status, &without.title));
        assert!(with.summary.contains("**Held by ana**"), "{}", with.summary);
    }
}

#[test]
fn the_comment_says_that_it_is_held() {
    let around = Around {
        base_url: "https://ci.example.org",
        before: None,
        words: held(Some("wait")),
    };
    let said = comment(&passed(), &around).unwrap();
    assert!(said.contains("\n\n**Held by ana**: wait\n\n"), "{said}");
}

fn overridden(jobs: &[&str]) -> Words {
    let said = |job: &&str| ((*job).into(), by("bob", Some("the mirror is down")));
    Words {
        overrides: jobs.iter().map(said).collect(),
        ..Words::default()
    }
}

/// `lint` has failed, and `unit`, which needs it, was skipped.
fn failed() -> Run {
    let run = go(two_jobs(), &started("job/lint", 5));
    let why = "it exited with 1".to_owned();
    let end = ended("job/lint", Verdict::Failed { why }, None, vec![]);
    let skipped = Event::JobSkipped {
        task: TaskId::Job("unit".into()),
        why: "it needs lint, which did not succeed".to_owned(),
    };
    let over = finished(Outcome::Failed, "lint failed");
    go(run, &[end, skipped, over])
}

fn checks(run: &Run, words: Words) -> Vec<Check> {
    let waits = Waits {
        words,
        ..Waits::default()
    };
    super::super::view(run, "https://ci.example.org", &waits).checks
}

#[test]
fn a_check_that_is_overridden_is_neutral_and_says_who_and_why() {
    let checks = checks(&failed(), overridden(&["lint"]));
    let lint = &checks[1];
    assert_eq!(lint.status, Status::Completed(Conclusion::Neutral));
    assert_eq!(lint.title, "Overridden by bob: the mirror is down");
    let said = "**Overridden** by bob: the mirror is down\n\n";
    assert!(lint.summary.starts_with(said), "{}", lint.summary);
    assert!(lint.summary.contains("exited with 1"), "{}", lint.summary);
    // What did not run because of it has not passed, and neither has the whole.
    assert_eq!(checks[2].status, Status::Completed(Conclusion::Skipped));
    assert_eq!(checks[0].status, Status::Completed(Conclusion::Failure));
    let said = "**Overridden at this commit**\n\n- lint, by bob: the mirror is down";
    assert!(checks[0].summary.starts_with(said), "{}", checks[0].summary);
}

#[test]
fn the_whole_counts_as_passed_when_all_that_did_not_pass_is_overridden() {
    let whole = &checks(&failed(), overridden(&["lint", "unit"]))[0];
    assert_eq!(whole.status, Status::Completed(Conclusion::Success));
    assert_eq!(whole.title, "Counts as passed: lint, unit overridden");
    // A hold is stronger.
    let mut words = overridden(&["lint", "unit"]);
    words.hold = Some(by("ana", None));
    let whole = &checks(&failed(), words)[0];
    let needed = Status::Completed(Conclusion::ActionRequired);
    assert_eq!(whole.status, needed);
    // What passed is shown as that, whatever was said before.
    let running = checks(&two_jobs(), overridden(&["lint"]));
    assert_eq!(running[1].status, Status::Queued);
}

#[test]
fn a_run_that_was_cancelled_or_had_jobs_skipped_is_not_overridden() {
    let cancelled = Event::JobCancelled {
        task: TaskId::Job("lint".into()),
    };
    let over = finished(Outcome::Cancelled, "skipped by /skip: lint");
    let run = go(two_jobs(), &[cancelled, over]);
    let checks = checks(&run, overridden(&["lint", "unit"]));
    for check in &checks[..2] {
        let status = Status::Completed(Conclusion::Cancelled);
        assert_eq!(check.status, status, "{}", check.name);
    }
}

#[test]
fn whoever_has_looked_is_named() {
    let words = Words {
        looks: vec!["ana".to_owned(), "b<o>b".to_owned()],
        ..Words::default()
    };
    let around = Around {
        base_url: "https://ci.example.org",
        before: None,
        words: words.clone(),
    };
    let said = "Looks good at this commit to ana, b\\<o\\>b";
    let whole = whole(&passed(), &words);
    assert!(whole.summary.contains(said), "{}", whole.summary);
    assert_eq!(whole.status, Status::Completed(Conclusion::Success));
    assert!(comment(&passed(), &around).unwrap().contains(said));
}
