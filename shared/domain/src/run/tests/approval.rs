use expect_test::expect;

use super::check;
use super::story::{Story, opening};
use crate::plan::{Parties, Trigger};
use crate::run::Opening;

#[test]
fn sec_11_initiator_and_author_are_refused() {
    check(
        "two approvals",
        "turn\napprovers production 1 2 3\napprove production 1\napprove production 9",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > approvers production 1 2 3
          production asks for 2 approval(s)
        > approve production 1
          refused: you may not decide about production: you started or wrote this change yourself
        > approve production 9
          refused: you may not decide about production: you are not one of its approvers"#]],
    );
}

#[test]
fn sec_11_nobody_decides_while_it_is_unknown_who_may_not() {
    let ask = |change: fn(&mut Opening)| {
        let mut opening = opening("two approvals");
        change(&mut opening);
        let mut story = Story::of(opening);
        for line in ["turn", "approvers production 2 3", "approve production 2"] {
            story.tell(line);
        }
        story.text()
    };
    let author = ask(|opening| opening.parties.author = None);
    expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > approvers production 2 3
          production not deployed: the author of commit c0ffeec may not give its approval, and nobody can tell who that is: no person of this machine has that author's address. Declare the person with `slipway people add`, then ask for the run again: `slipway retry r1`
          finished failed: production not deployed: the author of commit c0ffeec may not give its approval, and nobody can tell who that is: no person of this machine has that author's address. Declare the person with `slipway people add`, then ask for the run again: `slipway retry r1`
        > approve production 2
          refused: the run has ended (failed)"#]].assert_eq(&author);
    let initiator = ask(|opening| opening.parties.initiator = None);
    assert!(
        initiator.contains("production not deployed: whoever started this run"),
        "{initiator}"
    );
    // Nobody starts a tick, and a policy may do without.
    let asked = "production asks for 2 approval(s)";
    let schedule = ask(|opening| {
        opening.parties.initiator = None;
        opening.trigger = Trigger::Schedule {
            name: "nightly".to_owned(),
            branch: "main".to_owned(),
        };
    });
    assert!(schedule.contains(asked), "{schedule}");
    let anybody = ask(|opening| {
        opening.parties = Parties::default();
        for stage in &mut opening.plan.stages {
            if let Some(approval) = &mut stage.approval {
                approval.exclude.clear();
            }
        }
    });
    assert!(anybody.contains(asked), "{anybody}");
}

#[test]
fn n_of_m_and_one_decision_each() {
    check(
        "two approvals",
        "turn\napprovers production 2 3 4\napprove production 2\napprove production 2\nreject production 2 changed my mind\napprove production 3\napprove production 4",
        expect![[r#"
              opened
            > turn
              turn taken
              release sealed
              production reached
            > approvers production 2 3 4
              production asks for 2 approval(s)
            > approve production 2
              production approved by 2
            > approve production 2
            > reject production 2 changed my mind
              refused: you have decided about production already
            > approve production 3
              production approved by 3
              production wants its lane
            > approve production 4
              refused: nothing waits for an approval of production"#]],
    );
}

#[test]
fn one_no_is_a_no() {
    check(
        "two approvals",
        "turn\napprovers production 2 3\napprove production 2\nreject production 3 not on a Friday",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > approvers production 2 3
          production asks for 2 approval(s)
        > approve production 2
          production approved by 2
        > reject production 3 not on a Friday
          production rejected by 3
          production rejected: not on a Friday
          finished rejected: production rejected: not on a Friday"#]],
    );
}

#[test]
fn sec_10_a_decision_is_for_one_release() {
    check(
        "two approvals",
        "turn\napprovers production 2 3\napprove production 2 other-release",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > approvers production 2 3
          production asks for 2 approval(s)
        > approve production 2 other-release
          refused: that decision is for another release; this approval is for 4781955434f3"#]],
    );
}

#[test]
fn an_approval_expires_before_and_after_it_was_given() {
    check(
        "two approvals",
        "turn\napprovers production 2 3\nwait 24h\napprove production 2",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > approvers production 2 3
          production asks for 2 approval(s)
        > wait 24h
          production expired
          finished expired: nobody approved production in time, or the approval had run out
        > approve production 2
          refused: the run has ended (expired)"#]],
    );
    check(
        "two approvals",
        "turn\napprovers production 2 3\napprove production 2\napprove production 3\nlane production\nwait 25h\nauthorise production 2 3",
        expect![[r#"
              opened
            > turn
              turn taken
              release sealed
              production reached
            > approvers production 2 3
              production asks for 2 approval(s)
            > approve production 2
              production approved by 2
            > approve production 3
              production approved by 3
              production wants its lane
            > lane production
              production has its lane, fence 1
            > wait 25h
              production stopped, expired
            > authorise production 2 3"#]],
    );
    check(
        "two approvals",
        "turn\napprovers production 2 3\napprove production 2\napprove production 3\nlane production\nauthorise production 2 3\nstart deploy/production\nwait 24h\nclaim deploy/production",
        expect![[r#"
              opened
            > turn
              turn taken
              release sealed
              production reached
            > approvers production 2 3
              production asks for 2 approval(s)
            > approve production 2
              production approved by 2
            > approve production 3
              production approved by 3
              production wants its lane
            > lane production
              production has its lane, fence 1
            > authorise production 2 3
              production authorised
              deploy/production~1 requested
            > start deploy/production
              deploy/production~1 started as b-deploy/production~1
            > wait 24h
            > claim deploy/production
              refused: it may not begin: its approval has run out"#]],
    );
}

#[test]
fn sec_12_an_approver_who_was_removed_does_not_count() {
    check(
        "two approvals",
        "turn\napprovers production 2 3\napprove production 2\napprove production 3\nlane production\nauthorise production 2\nsettle production\nreturn production",
        expect![[r#"
              opened
            > turn
              turn taken
              release sealed
              production reached
            > approvers production 2 3
              production asks for 2 approval(s)
            > approve production 2
              production approved by 2
            > approve production 3
              production approved by 3
              production wants its lane
            > lane production
              production has its lane, fence 1
            > authorise production 2
              production voided: of its approvals only 1 still count(s), 2 needed: an approver was removed or a signature is wrong
              production stopped, not deployed: of its approvals only 1 still count(s), 2 needed: an approver was removed or a signature is wrong
            > settle production
              production settled
            > return production
              production lane returned
              production not deployed: of its approvals only 1 still count(s), 2 needed: an approver was removed or a signature is wrong
              finished failed: production not deployed: of its approvals only 1 still count(s), 2 needed: an approver was removed or a signature is wrong"#]],
    );
}

#[test]
fn nobody_left_to_approve_is_said_at_once() {
    check(
        "two approvals",
        "turn\napprovers production 1 2",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > approvers production 1 2
          production not deployed: it needs 2 approval(s), but only 1 of the people named may give one: check the approvers' logins and teams, and who is excluded
          finished failed: production not deployed: it needs 2 approval(s), but only 1 of the people named may give one: check the approvers' logins and teams, and who is excluded"#]],
    );
}
