//! Purpose: every word that the machines use has its tone, and no two tones look the same.

use domain::run::{Outcome, StagePhase};

use super::*;

const ALL: [Tone; 6] = [
    Tone::Good,
    Tone::Bad,
    Tone::Active,
    Tone::Asks,
    Tone::Waiting,
    Tone::Stopped,
];

#[test]
fn every_tone_differs_in_shape_and_class() {
    for (index, one) in ALL.iter().enumerate() {
        for other in &ALL[index + 1..] {
            assert_ne!(one.icon(), other.icon());
            assert_ne!(one.class(), other.class());
        }
    }
}

#[test]
fn the_words_of_the_machines_have_their_tone() {
    assert_eq!(Tone::of(Outcome::Succeeded.word()), Tone::Good);
    assert_eq!(Tone::of(Outcome::Failed.word()), Tone::Bad);
    assert_eq!(Tone::of(Outcome::Superseded.word()), Tone::Stopped);
    assert_eq!(Tone::of(StagePhase::Approval.word()), Tone::Asks);
    assert_eq!(Tone::of(StagePhase::Working.word()), Tone::Active);
    assert_eq!(Tone::of("a word of tomorrow"), Tone::Waiting);
}
