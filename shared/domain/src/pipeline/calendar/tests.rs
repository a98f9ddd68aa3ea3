//! Purpose: ticks and freezes on real calendars. sec_58: time zones, and both changes of the clock.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn tick(cron: &str, zone: &str, after: &str) -> String {
    next_tick(cron, zone, at(after)).map_or("never".to_owned(), |tick| tick.to_string())
}

fn window(cron: &str, hours: u32, zone: &str) -> FreezeWindow {
    FreezeWindow {
        cron: cron.to_owned(),
        for_seconds: hours * 3_600,
        time_zone: zone.to_owned(),
    }
}

fn until(windows: &[FreezeWindow], moment: &str) -> String {
    frozen_until(windows, at(moment)).map_or("open".to_owned(), |end| end.to_string())
}

#[test]
fn a_tick_is_after_the_moment_and_in_the_zone() {
    assert_eq!(
        tick("0 3 * * *", "UTC", "2026-03-01T03:00:00Z"),
        "2026-03-02T03:00:00Z"
    );
    assert_eq!(
        tick("0 3 * * *", "UTC", "2026-03-01T02:59:59.5Z"),
        "2026-03-01T03:00:00Z"
    );
    assert_eq!(
        tick("0 3 * * *", "Asia/Shanghai", "2026-03-01T00:00:00Z"),
        "2026-03-01T19:00:00Z"
    );
    assert_eq!(
        tick("0 18 * * fri", "Asia/Shanghai", "2026-03-01T00:00:00Z"),
        "2026-03-06T10:00:00Z"
    );
    assert_eq!(
        tick("0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z"),
        "2028-02-29T00:00:00Z"
    );
}

#[test]
fn what_cannot_be_read_never_ticks() {
    assert_eq!(tick("0 25 * * *", "UTC", "2026-03-01T00:00:00Z"), "never");
    assert_eq!(tick("0 0 30 2 *", "UTC", "2026-03-01T00:00:00Z"), "never");
    assert_eq!(
        tick("0 3 * * *", "Europe/Atlantis", "2026-03-01T00:00:00Z"),
        "never"
    );
    assert_eq!(tick("@daily", "UTC", "2026-03-01T00:00:00Z"), "never");
    assert_eq!(tick("0 0 3 * * *", "UTC", "2026-03-01T00:00:00Z"), "never");
}

#[test]
fn sec_58_in_berlin_the_skipped_hour_ticks_at_its_end() {
    // On 29 March 2026 02:00 becomes 03:00.
    let daily = "30 2 * * *";
    assert_eq!(
        tick(daily, "Europe/Berlin", "2026-03-28T12:00:00Z"),
        "2026-03-29T01:00:00Z"
    );
    assert_eq!(
        tick(daily, "Europe/Berlin", "2026-03-29T01:00:00Z"),
        "2026-03-30T00:30:00Z"
    );
}

#[test]
fn sec_58_in_berlin_the_repeated_hour_ticks_once() {
    // On 25 October 2026 03:00 becomes 02:00.
    let daily = "30 2 * * *";
    assert_eq!(
        tick(daily, "Europe/Berlin", "2026-10-24T12:00:00Z"),
        "2026-10-25T00:30:00Z"
    );
    assert_eq!(
        tick(daily, "Europe/Berlin", "2026-10-25T00:30:00Z"),
        "2026-10-26T01:30:00Z"
    );
    // A line that ticks every quarter of an hour goes on through both.
    let often = "*/15 * * * *";
    assert_eq!(
        tick(often, "Europe/Berlin", "2026-10-25T00:45:00Z"),
        "2026-10-25T01:00:00Z"
    );
}

#[test]
fn sec_58_a_weekend_in_shanghai_is_frozen_from_friday_to_monday() {
    let weekend = [window("0 18 * * FRI", 62, "Asia/Shanghai")];
    assert_eq!(until(&weekend, "2026-03-06T09:59:59Z"), "open");
    assert_eq!(
        until(&weekend, "2026-03-06T10:00:00Z"),
        "2026-03-09T00:00:00Z"
    );
    assert_eq!(
        until(&weekend, "2026-03-08T23:59:59.999Z"),
        "2026-03-09T00:00:00Z"
    );
    assert_eq!(until(&weekend, "2026-03-09T00:00:00Z"), "open");
}

#[test]
fn sec_58_a_weekend_in_berlin_ends_at_eight_whatever_the_clock_does() {
    let weekend = [window("0 18 * * FRI", 62, "Europe/Berlin")];
    // An ordinary one, one hour shorter (spring), one hour longer (autumn).
    assert_eq!(
        until(&weekend, "2026-03-21T12:00:00Z"),
        "2026-03-23T07:00:00Z"
    );
    assert_eq!(
        until(&weekend, "2026-03-28T12:00:00Z"),
        "2026-03-30T06:00:00Z"
    );
    assert_eq!(
        until(&weekend, "2026-10-24T12:00:00Z"),
        "2026-10-26T07:00:00Z"
    );
    assert_eq!(
        until(&weekend, "2026-10-26T06:59:59Z"),
        "2026-10-26T07:00:00Z"
    );
}

#[test]
fn windows_that_overlap_or_touch_are_one_freeze() {
    let touching = [
        window("0 0 * * SAT", 24, "UTC"),
        window("0 0 * * SUN", 24, "UTC"),
    ];
    assert_eq!(
        until(&touching, "2026-03-07T05:00:00Z"),
        "2026-03-09T00:00:00Z"
    );
    let overlapping = [
        window("0 0 * * SAT", 30, "UTC"),
        window("0 0 * * SUN", 24, "UTC"),
    ];
    assert_eq!(
        until(&overlapping, "2026-03-07T05:00:00Z"),
        "2026-03-09T00:00:00Z"
    );
    let apart = [
        window("0 0 * * SAT", 23, "UTC"),
        window("0 0 * * SUN", 24, "UTC"),
    ];
    assert_eq!(
        until(&apart, "2026-03-07T05:00:00Z"),
        "2026-03-07T23:00:00Z"
    );
    assert_eq!(until(&[], "2026-03-07T05:00:00Z"), "open");
}

#[test]
fn a_freeze_without_end_is_bounded() {
    let always = window("0 * * * *", 2, "UTC");
    assert!(never_thaws(&always));
    let end = frozen_until(&[always], at("2026-03-07T00:00:00Z")).expect("frozen");
    assert_eq!(
        end,
        at("2026-03-07T00:00:00Z") + SignedDuration::from_hours(2 * 512)
    );
    assert!(!never_thaws(&window("0 18 * * FRI", 62, "Europe/Berlin")));
}

#[test]
fn a_window_that_cannot_be_read_holds() {
    let broken = [window("nonsense", 1, "UTC")];
    assert_eq!(
        until(&broken, "2026-03-07T05:00:00Z"),
        "2026-03-07T06:00:00Z"
    );
    let nowhere = [window("0 0 * * SAT", 1, "Europe/Atlantis")];
    assert_eq!(
        until(&nowhere, "2026-03-07T05:00:00Z"),
        "2026-03-07T06:00:00Z"
    );
}
