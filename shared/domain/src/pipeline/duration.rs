//! Purpose: lengths of time as people write them: `90s`, `20m`, `1h30m`, `2d`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::diagnostic::{Complaint, shown};

/// Days, hours, minutes, seconds, each at most once, in this order.
pub const PATTERN: &str = "^(?=[0-9])([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$";

/// A length of time between `MIN` and `MAX` seconds, written `20m`, `24h`, `90s`, `1h30m` or `2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seconds<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Seconds<MIN, MAX> {
    /// In seconds.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<String> for Seconds<MIN, MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let seconds = parse(&text).map_err(|complaint| complaint.message)?;
        match u32::try_from(seconds) {
            Ok(seconds) if (MIN..=MAX).contains(&seconds) => Ok(Self(seconds)),
            _ => Err(out_of_range(&text, u64::from(MIN), u64::from(MAX)).message),
        }
    }
}

impl<const MIN: u32, const MAX: u32> From<Seconds<MIN, MAX>> for String {
    fn from(seconds: Seconds<MIN, MAX>) -> Self {
        seconds.to_string()
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Seconds<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&spell(u64::from(self.0)))
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Seconds<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Duration_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": PATTERN,
            "examples": ["90s", "20m", "1h30m", "2d"],
            "x-rule": "duration",
            "x-minimum-seconds": MIN,
            "x-maximum-seconds": MAX,
        })
    }
}

/// Seconds. At most 999999 of each unit, so that the sum cannot overflow.
pub fn parse(text: &str) -> Result<u64, Complaint> {
    let bad = || {
        Complaint::new(
            "bad-duration",
            format!("{} is not a length of time", shown(text)),
        )
        .help("write `90s`, `20m`, `24h`, `2d`, or joined: `1h30m`")
    };
    let mut units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)].into_iter();
    let (mut seconds, mut rest) = (0_u64, text);
    if text.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        if !(1..=6).contains(&digits) {
            return Err(bad());
        }
        let number: u64 = number.parse().map_err(|_| bad())?;
        let mut after = after.chars();
        let unit = after.next().ok_or_else(bad)?;
        let (_, factor) = units
            .by_ref()
            .find(|(name, _)| *name == unit)
            .ok_or_else(bad)?;
        seconds += number * factor;
        rest = after.as_str();
    }
    Ok(seconds)
}

/// The complaint about a length of time outside its bounds, which are in seconds.
pub fn out_of_range(text: &str, minimum: u64, maximum: u64) -> Complaint {
    let (low, high) = (spell(minimum), spell(maximum));
    Complaint::new(
        "duration-out-of-range",
        format!("{} is not between {low} and {high}", shown(text)),
    )
}

/// `5400` → `1h30m`.
pub fn spell(seconds: u64) -> String {
    let parts = [
        (seconds / 86_400, 'd'),
        (seconds / 3_600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let text: String = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n}{unit}"))
        .collect();
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
