//! Purpose: whether a branch requires our check, of us: a check that only has the right name can be made by anybody who may
//! write checks or statuses.

use serde::Deserialize;

/// A check that a branch requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    pub context: String,
    /// The number of the App that has to make it; `None` = whoever does.
    pub source: Option<u64>,
}

/// How a branch stands to a check of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Required, and made by us alone.
    Ours,
    /// Required of another App.
    Of(u64),
    /// Required, and anybody may make it.
    Anybodys,
    NotRequired,
}

/// How a branch with these required checks stands to ours. All of its rules hold at once, so one that names us is enough.
pub fn standing(required: &[Required], check: &str, app: u64) -> Standing {
    let sources: Vec<Option<u64>> = required
        .iter()
        .filter(|one| one.context == check)
        .map(|one| one.source)
        .collect();
    if sources.contains(&Some(app)) {
        return Standing::Ours;
    }
    match sources.iter().flatten().next() {
        Some(other) => Standing::Of(*other),
        None if sources.is_empty() => Standing::NotRequired,
        None => Standing::Anybodys,
    }
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    #[serde(default)]
    required_status_checks: Vec<RuleCheck>,
}

#[derive(Deserialize)]
struct RuleCheck {
    context: String,
    #[serde(default)]
    integration_id: Option<u64>,
}

/// What the rules that hold for a branch require.
/// <https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>
pub fn of_rules(body: &[u8]) -> Result<Vec<Required>, serde_json::Error> {
    let rules: Vec<Rule> = serde_json::from_slice(body)?;
    let ours = rules
        .into_iter()
        .filter(|rule| rule.kind == "required_status_checks");
    let checks = ours.flat_map(|rule| rule.parameters.required_status_checks);
    let required = checks.map(|check| Required {
        context: check.context,
        source: check.integration_id,
    });
    Ok(required.collect())
}

#[derive(Deserialize)]
struct Branch {
    protected: bool,
    #[serde(default)]
    protection: Option<Protection>,
}

#[derive(Deserialize)]
struct Protection {
    #[serde(default)]
    required_status_checks: Option<ProtectionChecks>,
}

#[derive(Deserialize)]
struct ProtectionChecks {
    #[serde(default)]
    enforcement_level: Option<String>,
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<ProtectionCheck>,
}

#[derive(Deserialize)]
struct ProtectionCheck {
    context: String,
    /// GitHub writes -1 where any App may be the source.
    #[serde(default)]
    app_id: Option<i64>,
}

/// What the older branch protection requires, as far as a branch shows it without the permission to administer; `None` = the
/// branch is protected and how is not shown. <https://docs.github.com/en/rest/branches/branches#get-a-branch>
pub fn of_branch(body: &[u8]) -> Result<Option<Vec<Required>>, serde_json::Error> {
    let branch: Branch = serde_json::from_slice(body)?;
    if !branch.protected {
        return Ok(Some(Vec::new()));
    }
    let shown = branch
        .protection
        .and_then(|protection| protection.required_status_checks)
        .filter(|checks| checks.enforcement_level.as_deref() != Some("off"));
    let required = shown.map(|shown| {
        let named = |name: &String| shown.checks.iter().any(|check| check.context == *name);
        let bare = shown.contexts.iter().filter(|name| !named(name));
        let bare = bare.map(|name| Required {
            context: name.clone(),
            source: None,
        });
        let checks = shown.checks.iter().map(|check| Required {
            context: check.context.clone(),
            source: check.app_id.and_then(|id| u64::try_from(id).ok()),
        });
        checks.chain(bare).collect()
    });
    Ok(required)
}
