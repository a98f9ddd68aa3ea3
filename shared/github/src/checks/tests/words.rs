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
