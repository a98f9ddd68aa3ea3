//! Purpose: the rules of a tool, to which a result may leave its level and its message.

use std::collections::BTreeMap;

use serde_sarif::sarif::{ReportingDescriptor, Result as Outcome, ResultLevel};

use super::{Tool, not_sarif};
use crate::{Unreadable, text};

/// What a result may leave to its rule.
#[derive(Debug, Default)]
pub(super) struct Rule {
    pub id: String,
    pub level: Option<ResultLevel>,
    pub messages: BTreeMap<String, String>,
}

/// The rules of one run: the driver's first, then those of each extension.
pub(super) struct Rules {
    components: Vec<Vec<Rule>>,
    /// Where a rule of this name is.
    by_id: BTreeMap<String, (usize, usize)>,
}

impl Rules {
    /// Parses the rules of all parts of a tool.
    pub fn of(tool: &Tool<'_>) -> Result<Self, Unreadable> {
        let mut rules = Self {
            components: Vec::new(),
            by_id: BTreeMap::new(),
        };
        for component in std::iter::once(&tool.driver).chain(tool.extensions.iter().flatten()) {
            let mut of_component = Vec::new();
            for raw in component.rules.iter().flatten() {
                let rule: ReportingDescriptor = serde_json::from_str(raw.get())
                    .map_err(|error| not_sarif("a rule in it", &error))?;
                let place = (rules.components.len(), of_component.len());
                rules.by_id.entry(rule.id.clone()).or_insert(place);
                of_component.push(Rule::of(rule));
            }
            rules.components.push(of_component);
        }
        Ok(rules)
    }

    fn at(&self, component: usize, rule: i64) -> Option<&Rule> {
        self.components
            .get(component)?
            .get(usize::try_from(rule).ok()?)
    }

    /// The rule of a result (§3.27.5–7), by index or by name; `CA1000/1` belongs to the rule `CA1000` (§3.52.4).
    pub fn of_result(&self, result: &Outcome) -> Option<&Rule> {
        let reference = result.rule.as_ref();
        let component = reference
            .and_then(|rule| rule.tool_component.as_ref())
            .and_then(|component| component.index);
        // Without a component the index is one of the driver, which stands before the extensions.
        let component =
            component.map_or(Some(0), |index| usize::try_from(index).ok()?.checked_add(1));
        let index = reference.and_then(|rule| rule.index).or(result.rule_index);
        let by_index = index
            .zip(component)
            .and_then(|(rule, component)| self.at(component, rule));
        by_index.or_else(|| {
            let id = named(result)?;
            let place = self
                .by_id
                .get(id)
                .or_else(|| self.by_id.get(id.rsplit_once('/')?.0))?;
            self.components.get(place.0)?.get(place.1)
        })
    }
}

impl Rule {
    fn of(rule: ReportingDescriptor) -> Self {
        let level = rule
            .default_configuration
            .and_then(|configuration| configuration.level);
        Self {
            // A million results may point at one rule: its texts are cut here, once.
            id: text::cap(&rule.id, text::MAX_NAME),
            level: level.and_then(|level| serde_json::from_value(level).ok()),
            messages: rule
                .message_strings
                .into_iter()
                .flatten()
                .map(|(id, message)| (id, text::cap(&message.text, text::MAX_MESSAGE)))
                .collect(),
        }
    }
}

/// The rule's name as the result itself has it.
pub(super) fn named(result: &Outcome) -> Option<&str> {
    result
        .rule_id
        .as_deref()
        .or_else(|| result.rule.as_ref()?.id.as_deref())
}
