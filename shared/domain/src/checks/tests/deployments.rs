//! Purpose: stories of deployments: they go with the updates of check runs, and take none of them down.

use super::*;

impl Story {
    /// `deployed staging production` = the check runs and these deployments were shown; `undeployed unknown staging` = of
    /// the deployments no more than these.
    pub(super) fn deployed(&mut self, words: &[&str]) {
        let number = self.checks.updates.number;
        let (failure, names) = match words {
            ["undeployed", "unknown", names @ ..] => (Some(Failure::Unknown), names),
            ["undeployed", "refused", names @ ..] => (Some(Failure::Refused), names),
            ["undeployed", "limited", names @ ..] => {
                let until = later(self.now, 900);
                (Some(Failure::Limited { until }), names)
            }
            [_, names @ ..] => (None, names),
            [] => panic!("no words"),
        };
        let shown = names.iter().map(|name| {
            let shown = Shown {
                id: "2001".to_owned(),
                digest: Digest::new("d"),
            };
            (format!("r1/{name}"), shown)
        });
        let told = Told {
            shown: shown.collect(),
            failed: failure.map(|failure| (failure, "it said no".to_owned())),
        };
        self.shown(number, false, Some(told));
    }

    fn tell_all(story: &str) -> Self {
        let mut told = Self::open();
        for line in story.lines().map(str::trim) {
            told.tell(line);
        }
        told
    }
}

/// A view with a deployment.
fn view() -> View {
    View {
        checks: Vec::new(),
        deployments: vec![Deployment {
            external_id: "r1/staging".to_owned(),
            environment: "staging".to_owned(),
            production: false,
            state: DeploymentState::InProgress,
            description: "Deploying".to_owned(),
            log_url: "https://ci.example.org/runs/7/r1".to_owned(),
            environment_url: None,
        }],
    }
}

#[test]
fn deployments_are_shown_in_the_commit_of_the_check_runs() {
    let checks = check(
        "intend a
        deployed staging
        wait 15
        intend b
        deployed staging production
        intend c
        last",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > deployed staging
              deployments_shown r1/staging
              update_shown 1
            > wait 15
            > intend b
              update_intended 2 by b
            > deployed staging production
              deployments_shown r1/production r1/staging
              update_shown 2
            > intend c
              update_intended 3 by c
            > last
              update_shown 3 last
        "#]],
    );
    let known: Vec<&String> = checks.deployments.shown.keys().collect();
    assert_eq!(known, ["r1/production", "r1/staging"]);
    assert_eq!(checks.end, Some(End::Final));
}

#[test]
fn deployments_that_fail_are_tried_again_with_growing_pauses_and_check_runs_go_on() {
    let mut story = Story::tell_all("intend a");
    story.tell("undeployed unknown staging");
    story.tell("owed");
    let (checks, now) = (&story.checks, story.now);
    // Check runs are not paused, and no doubt is cast on them.
    assert!(checks.updates.may_create() && !checks.may_create_deployments());
    assert!(checks.owes_deployments(now));
    assert_eq!(checks.of(view(), now), View::default());
    story.tell("wait 5");
    assert_eq!(story.checks.of(view(), story.now), view());
    assert!(!story.checks.owes_deployments(story.now));
    for line in [
        "intend a",
        "undeployed unknown",
        "wait 10",
        "intend a",
        "undeployed limited",
    ] {
        story.tell(line);
    }
    // What a limit says of the latest try says nothing of those before.
    assert!(!story.checks.may_create_deployments());
    for line in ["wait 900", "intend a", "deployed staging"] {
        story.tell(line);
    }
    expect![[r#"
          checks_opened
        > intend a
          update_intended 1 by a
        > undeployed unknown staging
          deployments_shown r1/staging
          deployments_failed, paused for 5 s, unsure true
          update_shown 1
        > owed
          [Compare], wakes in Some(5) s
        > wait 5
        > intend a
          update_intended 2 by a
        > undeployed unknown
          deployments_failed, paused for 10 s, unsure true
          update_shown 2
        > wait 10
        > intend a
          update_intended 3 by a
        > undeployed limited
          deployments_failed, paused for 900 s, unsure true
          update_shown 3
        > wait 900
        > intend a
          update_intended 4 by a
        > deployed staging
          deployments_shown r1/staging
          update_shown 4"#]]
    .assert_eq(&story.lines.join("\n"));
    assert!(story.checks.may_create_deployments());
    assert_eq!(story.checks.deployments.failures, 0);
}

#[test]
fn deployments_that_are_refused_are_given_up_for_the_run_and_its_check_runs_go_on() {
    let checks = check(
        "intend a
        undeployed refused
        owed
        wait 15
        intend b
        last",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > undeployed refused
              deployments_given_up it said no
              update_shown 1
            > owed
              [Compare], wakes in Some(15) s
            > wait 15
            > intend b
              update_intended 2 by b
            > last
              update_shown 2 last
        "#]],
    );
    assert_eq!(checks.of(view(), Timestamp::MAX), View::default());
    assert!(!checks.owes_deployments(Timestamp::MIN));
    assert_eq!(checks.end, Some(End::Final));
    let summary = checks.summary();
    assert_eq!(summary.given_up, None);
    assert_eq!(summary.deployments_given_up.as_deref(), Some("it said no"));
}

#[test]
fn a_call_that_died_may_have_made_a_deployment() {
    let story = Story::tell_all("intend a\nwait 180\nintend b");
    assert!(!story.checks.may_create_deployments());
    // An update that says nothing of deployments leaves the doubt.
    let mut story = story;
    story.tell("shown 2");
    assert!(story.checks.updates.may_create() && !story.checks.may_create_deployments());
}

#[test]
fn deployments_are_begun_with_early_enough_to_be_over_before_another_call() {
    let story = Story::tell_all("intend a");
    let intended = story.now;
    let latest = BEGIN_SECONDS + UPDATE_SECONDS - DEPLOYMENTS_SECONDS;
    let at = |seconds| later(intended, seconds);
    assert!(story.checks.is_gone_on_with(1, "a", at(latest - 1)));
    assert!(!story.checks.is_gone_on_with(1, "a", at(latest)));
    assert!(!story.checks.is_gone_on_with(1, "b", at(0)));
    assert!(latest + DEPLOYMENTS_SECONDS < crate::update::INTENT_SECONDS);
}
