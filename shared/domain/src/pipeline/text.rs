//! Purpose: the texts of a pipeline file that follow a rule: names, patterns, paths, cron lines, time zones.
//!
//! One table gives each its type, its JSON Schema and its check. Where a regular expression can say the whole rule or
//! a part of it, the schema says it too; the rest has a code of its own in [`NOT_IN_SCHEMA`](super::NOT_IN_SCHEMA).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::diagnostic::{Complaint, did_you_mean, listed, shown, suggest};
use super::{calendar, duration, pattern};

/// What one kind of text must satisfy.
pub struct Rule {
    /// `x-rule` in the schema.
    pub name: &'static str,
    /// What is expected, as a phrase: "a time zone such as `Europe/Berlin`".
    pub what: &'static str,
    pub check: fn(&str) -> Result<(), Complaint>,
}

macro_rules! texts {
    ($(
        $(#[$doc:meta])*
        $name:ident: $types:tt, $rule:literal, $pattern:literal, $what:literal, $check:expr;
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(try_from = "String")]
            pub struct $name(String);

            impl $name {
                /// The text, which follows the rule.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl TryFrom<String> for $name {
                type Error = String;

                fn try_from(text: String) -> Result<Self, String> {
                    let check: fn(&str) -> Result<(), Complaint> = $check;
                    check(&text).map_err(|complaint| complaint.message)?;
                    Ok(Self(text))
                }
            }

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": $types, "pattern": $pattern, "x-rule": $rule })
                }
            }
        )*

        const TEXT_RULES: &[(Rule, &str)] = &[$(
            (Rule { name: $rule, what: $what, check: $check }, $pattern),
        )*];
    };
}

texts! {
    /// The name of a job, an environment or a schedule.
    Name: "string", "name", "^[a-z0-9][a-z0-9_-]{0,62}$",
        "a name", |text| {
            let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            grammar(text, 63, first, |c| first(c) || "_-".contains(c), "a name",
                "at most 63 of a-z, 0-9, `_` and `-`, the first a letter or digit")
        };
    /// The name of a matrix axis; its value reaches the job as `MATRIX_<NAME>`.
    AxisName: "string", "axis", "^(?!(include|exclude)$)[a-z][a-z0-9_]{0,30}$",
        "an axis", |text| {
            let more = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let first = |c: char| c.is_ascii_lowercase() && !matches!(text, "include" | "exclude");
            grammar(text, 31, first, more, "an axis",
                "at most 31 of a-z, 0-9 and `_`, the first a letter; `go` becomes `MATRIX_GO`")
        };
    /// The name of an environment variable.
    VariableName: "string", "variable", "^(?!SLIPWAY_|MATRIX_)[A-Za-z_][A-Za-z0-9_]{0,126}$",
        "the name of a variable", variable;
    /// The value of an environment variable, as it is written.
    Value: ["string", "number", "boolean"], "value", r"^[^\u0000]*$",
        "a text, a number, or true or false", |text| no_nul(text);
    /// One value on a matrix axis, as it is written: `1.20` stays `1.20`.
    AxisValue: ["string", "number", "boolean"], "axis-value", "^[A-Za-z0-9._+-][A-Za-z0-9 ._:/@+-]{0,63}$",
        "a text or a number", |text| {
            let first = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
            grammar(text, 64, first, |c| first(c) || " :/@".contains(c), "a value of a matrix",
                "at most 64 letters, digits, spaces and `. _ : / @ + -`")
        };
    /// Commands for the shell.
    Command: "string", "command", r"^(?=[^\u0000]*[^ \t\r\n\u0000])[^\u0000]*$",
        "a text", |text| {
            if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
                return Err(Complaint::new("empty-command", "there is no command here"));
            }
            no_nul(text)
        };
    /// A glob over branch names, or over what to leave out (`!name`).
    BranchPattern: "string", "branch-pattern", r"^!?[^!\u0000-\u0020\u007f][^\u0000-\u0020\u007f]{0,253}$",
        "a branch or a pattern such as `release-*`", |text| reference(text, "branch");
    /// A glob over tag names, or over what to leave out (`!name`).
    TagPattern: "string", "tag-pattern", r"^!?[^!\u0000-\u0020\u007f][^\u0000-\u0020\u007f]{0,253}$",
        "a tag or a pattern such as `v*`", |text| reference(text, "tag");
    /// The name of one branch.
    BranchName: "string", "branch", r"^(?![-/])(?!.*\.\.)(?!.*//)(?!.*@\{)[^\u0000-\u0020\u007f~^:?*\[\\]{1,254}(?<![/.])$",
        "the name of a branch", branch;
    /// A glob over paths below the checkout.
    PathPattern: "string", "path", r"^(?!/)(?!(.*/)?\.\.(/|$))[^\u0000-\u001f\u007f\\]{1,1024}$",
        "a path or a pattern below the checkout", path;
    /// The key of a cache; `${hash:FILE}` stands for the hash of a file of the checkout.
    CacheKey: "string", "cache-key", r"^[^\u0000-\u001f\u007f]{1,255}$",
        "a key such as `go-${hash:go.sum}`", cache_key;
    /// The name of a place that runs share, with `${ref}`, `${branch}` and `${event}`.
    Group: "string", "group", r"^[^\u0000-\u001f\u007f]{1,255}$",
        "a text such as `${ref}`", |text| {
            one_line(text, 255, "bad-group", "the name of a group")?;
            variables(text, &["ref", "branch", "event"], "bad-group-variable")
        };
    /// Five cron fields: minute, hour, day of the month, month, day of the week.
    Cron: "string", "cron", r"^[^ \t\r\n]+([ \t]+[^ \t\r\n]+){4}$",
        "five cron fields such as `0 3 * * *`", cron;
    /// An IANA time zone (<https://www.iana.org/time-zones>).
    TimeZone: "string", "time-zone", "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$",
        "a time zone such as `Europe/Berlin`", time_zone;
    /// A container image.
    Image: "string", "image", r"^(?!-)[^\u0000-\u0020\u007f]{1,255}$",
        "an image such as `golang:1.25`", |text| {
            let letter = |c: char| !c.is_ascii_control() && c != ' ';
            grammar(text, 255, |c| letter(c) && c != '-', letter, "an image",
                "write it as `golang:1.25` or `registry/name@sha256:…`")
        };
    /// The address of a page that people open in a browser.
    WebAddress: "string", "web-address", r"^https?://[A-Za-z0-9][\u0021-\u007e]{0,246}$",
        "an address such as `https://shop.example.org`", web_address;
    /// The login of a person.
    Login: "string", "login", "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
        "a login", |text| {
            grammar(text, 63, |c| c.is_ascii_alphanumeric(),
                |c| c.is_ascii_alphanumeric() || "._-".contains(c), "a login",
                "write the login alone, without `@`")
        };
    /// The short name of a team.
    Team: "string", "team", "^[a-z0-9][a-z0-9._-]{0,99}$",
        "the short name of a team", |text| {
            let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            grammar(text, 100, first, |c| first(c) || "._-".contains(c), "the short name of a team",
                "write it as in the team's address, without the organisation: `release-approvers`")
        };
    /// The name of an artifact.
    ArtifactName: "string", "artifact", "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
        "the name of an artifact", |text| {
            let first = |c: char| c.is_ascii_alphanumeric();
            grammar(text, 63, first, |c| first(c) || "._-".contains(c), "the name of an artifact",
                "at most 63 letters, digits and `. _ -`, the first a letter or digit")
        };
}

/// The rule of this name (`x-rule`).
pub fn rule(name: &str) -> Option<&'static Rule> {
    TEXT_RULES
        .iter()
        .map(|(rule, _)| rule)
        .chain([&DURATION])
        .find(|rule| rule.name == name)
}

/// The rule that a schema states as this regular expression; keys of mappings are found by it.
pub fn rule_of_pattern(pattern: &str) -> Option<&'static Rule> {
    TEXT_RULES
        .iter()
        .find(|(_, own)| *own == pattern)
        .map(|(rule, _)| rule)
}

const DURATION: Rule = Rule {
    name: "duration",
    what: "a length of time such as `20m` or `1h30m`",
    check: |text| duration::parse(text).map(|_| ()),
};

/// A text of at most `max` characters: the first satisfies `first`, the others `more`.
fn grammar(
    text: &str,
    max: usize,
    first: impl Fn(char) -> bool,
    more: impl Fn(char) -> bool,
    what: &str,
    help: &str,
) -> Result<(), Complaint> {
    let mut chars = text.chars();
    let good = chars.next().is_some_and(first) && chars.all(more) && text.chars().count() <= max;
    if good {
        return Ok(());
    }
    Err(Complaint::new("bad-text", format!("{} is not {what}", shown(text))).help(help))
}

fn one_line(text: &str, max: usize, code: &'static str, what: &str) -> Result<(), Complaint> {
    if (1..=max).contains(&text.chars().count()) && !text.chars().any(|c| c.is_ascii_control()) {
        return Ok(());
    }
    let help = format!("one line of at most {max} characters");
    Err(Complaint::new(code, format!("{} is not {what}", shown(text))).help(help))
}

fn no_nul(text: &str) -> Result<(), Complaint> {
    if text.contains('\0') {
        return Err(Complaint::new(
            "nul",
            "a text for the shell cannot hold the character NUL",
        ));
    }
    Ok(())
}

fn variable(text: &str) -> Result<(), Complaint> {
    if text.starts_with("SLIPWAY_") || text.starts_with("MATRIX_") {
        let message = format!(
            "{} is a name that Slipway itself gives a value",
            shown(text)
        );
        let help = "names that begin with `SLIPWAY_` or `MATRIX_` are reserved";
        return Err(Complaint::new("reserved-variable", message).help(help));
    }
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let help = "letters, digits and `_`, the first no digit";
    grammar(
        text,
        127,
        first,
        |c| first(c) || c.is_ascii_digit(),
        "the name of a variable",
        help,
    )
}

fn reference(text: &str, what: &str) -> Result<(), Complaint> {
    let glob = text.strip_prefix('!').unwrap_or(text);
    let letter = |c: char| !c.is_ascii_control() && c != ' ';
    let help = "a name, a pattern such as `release-*`, or `!` and a pattern";
    grammar(
        glob,
        254,
        |c| letter(c) && c != '!',
        letter,
        &format!("a pattern for a {what}"),
        help,
    )?;
    pattern::check(glob)
}

/// <https://git-scm.com/docs/git-check-ref-format>, as far as one name can break it.
fn branch(text: &str) -> Result<(), Complaint> {
    let letter = |c: char| !c.is_ascii_control() && !" ~^:?*[\\".contains(c);
    let first = |c: char| letter(c) && c != '-' && c != '/';
    let broken = text.ends_with(['/', '.']) || ["..", "//", "@{"].iter().any(|s| text.contains(s));
    let first = |c: char| first(c) && !broken;
    grammar(
        text,
        254,
        first,
        letter,
        "the name of a branch",
        "one branch, not a pattern: `main`",
    )
}

fn path(text: &str) -> Result<(), Complaint> {
    let leaves = text.starts_with('/') || text.split('/').any(|part| part == "..");
    if leaves {
        let message = format!("{} leaves the checkout", shown(text));
        let help = "write it from the top of the repository, without `/` in front and without `..`";
        return Err(Complaint::new("path-outside", message).help(help));
    }
    one_line(text, 1024, "bad-path", "a path")?;
    if text.contains('\\') {
        let message = format!("{} is not a path", shown(text));
        return Err(Complaint::new("bad-path", message).help("folders are divided by `/`"));
    }
    pattern::check(text)
}

fn cache_key(text: &str) -> Result<(), Complaint> {
    one_line(text, 255, "bad-cache-key", "the key of a cache")?;
    for variable in pattern::variables(text) {
        let Some(file) = variable.strip_prefix("hash:") else {
            let message = format!("{} is not known in the key of a cache", shown(variable));
            let help = "what can stand between `${` and `}` is `hash:FILE`";
            return Err(Complaint::new("bad-cache-variable", message).help(help));
        };
        path(file).map_err(|complaint| Complaint {
            code: "bad-cache-variable",
            ..complaint
        })?;
    }
    Ok(())
}

fn variables(text: &str, known: &[&str], code: &'static str) -> Result<(), Complaint> {
    for variable in pattern::variables(text) {
        if !known.contains(&variable) {
            let near = suggest(variable, known.iter().copied());
            let allowed = format!("known here: {}", listed(known.iter().copied()));
            let message = format!("{} is not known here", shown(variable));
            return Err(Complaint::new(code, message).help(did_you_mean(near, allowed)));
        }
    }
    Ok(())
}

fn cron(text: &str) -> Result<(), Complaint> {
    let bad = |code, why: &str| {
        Complaint::new(code, format!("{} is not a cron line: {why}", shown(text)))
            .help("minute, hour, day of the month, month, day of the week: `0 3 * * MON-FRI`")
    };
    let blank = |c: char| c == ' ' || c == '\t';
    let fields = text.split(blank).filter(|field| !field.is_empty()).count();
    if fields != 5
        || text.starts_with(blank)
        || text.ends_with(blank)
        || text.contains(['\r', '\n'])
    {
        return Err(bad(
            "cron-fields",
            &format!("it has {fields} fields instead of five"),
        ));
    }
    let cron = calendar::parse(text).map_err(|why| bad("bad-cron", &why))?;
    if !calendar::ever(&cron) {
        return Err(bad("bad-cron", "no such day ever comes"));
    }
    Ok(())
}

fn web_address(text: &str) -> Result<(), Complaint> {
    let rest = text.strip_prefix("https://");
    let rest = rest.or_else(|| text.strip_prefix("http://"));
    let first = |c: char| c.is_ascii_alphanumeric();
    let more = |c: char| c.is_ascii_graphic();
    let good = rest.is_some_and(|rest| grammar(rest, 247, first, more, "", "").is_ok());
    if good {
        return Ok(());
    }
    let message = format!("{} is not a web address", shown(text));
    let help = "write it in full, without spaces: `https://shop.example.org`";
    Err(Complaint::new("bad-text", message).help(help))
}

fn time_zone(text: &str) -> Result<(), Complaint> {
    let code = if grammar(
        text,
        64,
        |c| c.is_ascii_alphabetic(),
        |c| c.is_ascii_alphanumeric() || "_+/-".contains(c),
        "",
        "",
    )
    .is_ok()
    {
        "unknown-time-zone"
    } else {
        "bad-text"
    };
    if code == "unknown-time-zone" && calendar::zone(text).is_some() {
        return Ok(());
    }
    let near = calendar::nearest_zone(text);
    let message = format!("{} is not a time zone", shown(text));
    let allowed = "names are those of the IANA database: `UTC`, `Asia/Shanghai`, `Europe/Berlin`";
    Err(Complaint::new(code, message).help(did_you_mean(near, allowed.to_owned())))
}

#[cfg(test)]
mod tests;
