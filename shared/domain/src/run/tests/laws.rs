//! Purpose: laws that hold for every sequence of commands, sensible or not.

use proptest::prelude::*;

use super::story::Story;
use crate::kernel::Machine;
use crate::run::Run;

const WORDS: [&str; 36] = [
    "turn",
    "slots",
    "pass job/build",
    "start job/build b1",
    "claim job/build b1",
    "claim job/build b2",
    "end job/build ok",
    "end job/build fail",
    "end job/build lost",
    "lane staging",
    "lane production",
    "pass deploy/staging",
    "start deploy/staging",
    "claim deploy/staging",
    "claim deploy/staging b9",
    "end deploy/staging ok",
    "end deploy/staging fail",
    "end deploy/staging unclaimed x",
    "settle staging",
    "settle production",
    "return staging",
    "return production",
    "approvers production 1 2 3",
    "approve production 2",
    "approve production 1",
    "reject production 3 no",
    "authorise production 2",
    "pass deploy/production",
    "claim deploy/production",
    "end deploy/production lost",
    "cancel enough",
    "skip guid/1",
    "skip guid/2",
    "supersede r2",
    "returns",
    "wait 7h",
];

fn tell(words: &[usize]) -> Story {
    let mut story = Story::open("road");
    for word in words {
        story.tell(WORDS[*word]);
    }
    story
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn whatever_is_asked_the_laws_hold(words in prop::collection::vec(0..WORDS.len(), 0..60)) {
        let story = tell(&words);
        let run = &story.run;
        // What has become true by itself was appended already.
        prop_assert_eq!(run.advance(story.now), vec![]);
        // Somebody always looks again at a run that has not ended.
        prop_assert!(run.is_over() || run.wake_at(story.now).is_some());
        // An ended run owes nothing.
        prop_assert!(!run.is_ended() || run.outstanding(story.now).is_empty());
        // Asking again what was just asked changes nothing that is visible outside.
        let again = tell(&[&words[..], &words[words.len().saturating_sub(1)..]].concat());
        prop_assert!(run.finished.is_none() || again.run.finished == run.finished);
        // A deploy was claimed once at most.
        for (id, task) in &run.tasks {
            if id.touches_target() {
                let claimed = task.past.iter().filter(|past| past.claimed).count();
                prop_assert!(claimed <= 1, "{} was claimed {} times", id, claimed);
            }
        }
    }

    #[test]
    fn a_run_is_its_events(words in prop::collection::vec(0..WORDS.len(), 0..40)) {
        let story = tell(&words);
        let text = serde_json::to_string(&story.run.summary()).unwrap();
        prop_assert!(text.len() <= 2048, "the summary has {} bytes", text.len());
        prop_assert_eq!(Run::replay(&[]), Run::default());
    }
}
