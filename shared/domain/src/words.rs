//! Purpose: times and lengths of time in words, the same on every page, in every mail and in the terminal.

use jiff::Timestamp;
use jiff::tz::TimeZone;

#[cfg(test)]
mod tests;

/// `2026-03-01 12:34:56 UTC`.
pub fn exact(at: Timestamp) -> String {
    let utc = at.to_zoned(TimeZone::UTC);
    utc.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `12:34 UTC` on the day of `now`, else `2026-03-01 12:34 UTC`: for sentences.
pub fn clock_time(at: Timestamp, now: Timestamp) -> String {
    let (utc, today) = (at.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC));
    let pattern = if utc.date() == today.date() {
        "%H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M UTC"
    };
    utc.strftime(pattern).to_string()
}

/// `3 minutes ago`, `in 2 hours`, `just now` (less than five seconds away).
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second());
    let length = seconds.unsigned_abs();
    if length < 5 {
        return "just now".to_owned();
    }
    let (number, unit) = match length {
        0..60 => (length, "second"),
        60..3_600 => (length / 60, "minute"),
        3_600..86_400 => (length / 3_600, "hour"),
        _ => (length / 86_400, "day"),
    };
    let many = counted(number, unit);
    if seconds > 0 {
        format!("{many} ago")
    } else {
        format!("in {many}")
    }
}

/// `1 minute`, `2 minutes`: for words whose plural ends in `s`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `1st`, `2nd`, `3rd`, `11th`.
pub fn ordinal(number: usize) -> String {
    let suffix = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

/// The two largest units of a length in milliseconds: `3 min 12 s`, `2 h 5 min`, `1.4 s`, `230 ms`.
pub fn duration(millis: u64) -> String {
    let seconds = millis / 1_000;
    let two = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
        if small == 0 {
            format!("{large} {large_unit}")
        } else {
            format!("{large} {large_unit} {small} {small_unit}")
        }
    };
    match seconds {
        0 => format!("{millis} ms"),
        1..10 => format!("{seconds}.{} s", millis % 1_000 / 100),
        10..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// Bytes as people read them: `312 B`, `4.2 KiB`, `1.0 MiB`.
pub fn bytes(len: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if len < 1024 {
        return format!("{len} B");
    }
    let mut tenths = u128::from(len) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}
