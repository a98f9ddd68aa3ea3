//! Purpose: when a schedule fires, and until when a freeze holds; on the wall clock of a time zone, across its changes.
//!
//! Where the clock goes forward, a tick inside the hour that does not exist comes at the first moment after it. Where
//! the clock goes back, a line with a fixed hour and minute comes once, at the earlier of the two moments.

use std::sync::LazyLock;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::pipeline::diagnostic::suggest;
use crate::plan::FreezeWindow;

/// At most this many freeze windows are joined; who asks again at the answer gets the rest.
pub const MAX_JOINED_WINDOWS: usize = 512;
/// For so long a freeze holds whose line or zone cannot be read: unknown means no.
pub const UNREADABLE_FREEZE: SignedDuration = SignedDuration::from_hours(1);

/// The first tick after `after`. `None` if the line or the zone cannot be read, or no tick ever comes.
pub fn next_tick(cron: &str, time_zone: &str, after: Timestamp) -> Option<Timestamp> {
    let cron = parse(cron).ok()?;
    let zone = zone(time_zone)?;
    let tick = cron
        .find_next_occurrence(&after.to_zoned(zone), false)
        .ok()?;
    Some(tick.timestamp())
}

/// The end of the freeze that holds at `at`; `None` if none holds. Windows that overlap or touch are one freeze. A
/// window lasts for its seconds on the wall clock of its zone: 62 hours from Friday 18:00 end on Monday 08:00, whatever
/// the clock does on Sunday. A window that cannot be read holds ([`UNREADABLE_FREEZE`]).
pub fn frozen_until(windows: &[FreezeWindow], at: Timestamp) -> Option<Timestamp> {
    let windows: Vec<Option<Window>> = windows.iter().map(Window::read).collect();
    let mut until = None;
    for _ in 0..MAX_JOINED_WINDOWS {
        let from = until.unwrap_or(at);
        let furthest = windows.iter().filter_map(|window| match window {
            Some(window) => window.end_at(from),
            None => at
                .checked_add(UNREADABLE_FREEZE)
                .ok()
                .filter(|end| *end > from),
        });
        match furthest.max() {
            Some(end) => until = Some(end),
            None => break,
        }
    }
    until
}

/// Whether a freeze with this line begins again before it ends, for ever.
pub(super) fn never_thaws(window: &FreezeWindow) -> bool {
    let Some(first) = next_tick(&window.cron, &window.time_zone, Timestamp::UNIX_EPOCH) else {
        return false;
    };
    let Some(read) = Window::read(window) else {
        return false;
    };
    let mut at = first;
    for _ in 0..MAX_JOINED_WINDOWS {
        match read.end_at(at) {
            Some(end) => at = end,
            None => return false,
        }
    }
    true
}

struct Window {
    cron: Cron,
    zone: TimeZone,
    length: SignedDuration,
}

impl Window {
    fn read(window: &FreezeWindow) -> Option<Self> {
        Some(Self {
            cron: parse(&window.cron).ok()?,
            zone: zone(&window.time_zone)?,
            length: SignedDuration::from_secs(i64::from(window.for_seconds)),
        })
    }

    /// The end of the window that holds at this moment. The latest start has the furthest end.
    fn end_at(&self, at: Timestamp) -> Option<Timestamp> {
        let at = at.to_zoned(self.zone.clone());
        let start = self.cron.find_previous_occurrence(&at, true).ok()?;
        let end = start.datetime().checked_add(self.length).ok()?;
        let end = end.to_zoned(self.zone.clone()).ok()?.timestamp();
        (end > at.timestamp()).then_some(end)
    }
}

/// Five fields, no seconds, no years, no `@daily`.
pub(super) fn parse(cron: &str) -> Result<Cron, String> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    if cron.contains('@') {
        return Err("names such as `@daily` are not read".to_owned());
    }
    parser
        .parse(cron)
        .map_err(|error| error.to_string().trim_end_matches('.').to_owned())
}

/// Whether the line ever ticks. The search ends with croner's last year, so it begins shortly before that: in one
/// hundred years every date has fallen on every day of the week, and a line that never ticks is found out soon.
pub(super) fn ever(cron: &Cron) -> bool {
    let Ok(year) = i16::try_from(croner::YEAR_UPPER_LIMIT - 100) else {
        return false;
    };
    let start = DateTime::new(year, 1, 1, 0, 0, 0, 0);
    start.is_ok_and(|start| cron.find_next_occurrence(&start, true).is_ok())
}

/// The zone of exactly this IANA name.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    (zone.iana_name() == Some(name)).then_some(zone)
}

static ZONE_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    names.sort_unstable();
    names
});

/// The IANA name that is nearest to a wrong one: `Berlin` and `Europe/Belin` are both `Europe/Berlin`.
pub(super) fn nearest_zone(wrong: &str) -> Option<&'static str> {
    let wrong = wrong.trim();
    let mut names = ZONE_NAMES.iter().map(String::as_str);
    let city = |name: &str| {
        name.rsplit('/')
            .next()
            .is_some_and(|c| c.eq_ignore_ascii_case(wrong))
    };
    if let Some(name) = names
        .clone()
        .find(|name| name.eq_ignore_ascii_case(wrong) || city(name))
    {
        return Some(name);
    }
    // Only names that begin alike are compared letter by letter: there are hundreds.
    let alike = |name: &&str| {
        name.len().abs_diff(wrong.len()) <= 2 && name.bytes().next() == wrong.bytes().next()
    };
    suggest(wrong, names.by_ref().filter(alike))
}

#[cfg(test)]
mod tests;
