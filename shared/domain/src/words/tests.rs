//! Purpose: the words for times, at their edges.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn a_time_is_told_exactly_and_for_sentences() {
    let noon = at(1_772_366_096);
    assert_eq!(exact(noon), "2026-03-01 11:54:56 UTC");
    assert_eq!(clock_time(noon, at(1_772_366_996)), "11:54 UTC");
    assert_eq!(clock_time(noon, at(1_772_466_096)), "2026-03-01 11:54 UTC");
}

#[test]
fn a_distance_is_told_in_its_largest_unit_in_both_directions() {
    let now = at(1_000_000);
    let told = |seconds: i64| relative(at(1_000_000 - seconds), now);
    assert_eq!(told(4), "just now");
    assert_eq!(told(-4), "just now");
    assert_eq!(told(59), "59 seconds ago");
    assert_eq!(told(60), "1 minute ago");
    assert_eq!(told(3_599), "59 minutes ago");
    assert_eq!(told(7_200), "2 hours ago");
    assert_eq!(told(86_400), "1 day ago");
    assert_eq!(told(-7_200), "in 2 hours");
    assert_eq!(
        relative(Timestamp::MIN, Timestamp::MAX)
            .split(' ')
            .next_back(),
        Some("ago")
    );
}

#[test]
fn a_length_is_told_in_two_units() {
    let told = [
        0, 999, 1_449, 12_000, 60_000, 192_000, 3_600_000, 7_500_000, 90_000_000,
    ];
    assert_eq!(
        told.map(duration),
        [
            "0 ms",
            "999 ms",
            "1.4 s",
            "12 s",
            "1 min",
            "3 min 12 s",
            "1 h",
            "2 h 5 min",
            "1 d 1 h"
        ]
    );
}

#[test]
fn places_in_a_line_are_told_as_people_count() {
    let told = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(ordinal);
    let expected = "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th";
    assert_eq!(told.join(" "), expected);
}

#[test]
fn bytes_are_told_with_one_decimal() {
    let told = [0, 1_023, 1_024, 4_300, 1_048_576, u64::MAX];
    assert_eq!(
        told.map(bytes),
        [
            "0 B",
            "1023 B",
            "1.0 KiB",
            "4.1 KiB",
            "1.0 MiB",
            "16777215.9 TiB"
        ]
    );
}
