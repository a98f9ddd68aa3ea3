//! The template as a value that tests may change, to see that they would notice.

use std::collections::BTreeMap;

use blackbox::workspace;
use serde_json::{Map, Value};

/// The functions of the machine, as the template and the folders call them.
pub const FUNCTIONS: &[&str] = &[
    "Webhook",
    "Planner",
    "Scheduler",
    "Builder",
    "Deployer",
    "Notifier",
    "Approval",
    "Dashboard",
];
/// Those that are reached by doorbells.
pub const QUEUES: &[&str] = &[
    "Planner",
    "Scheduler",
    "Builder",
    "Deployer",
    "Approval",
    "Notifier",
];
/// The projects of CodeBuild.
pub const PROJECTS: &[&str] = &[
    "Untrusted",
    "Trusted",
    "Images",
    "DeployStaging",
    "DeployProduction",
];

/// The template, or a changed copy of it.
#[derive(Clone)]
pub struct Template(pub Value);

/// What is in the tree.
pub fn template() -> Template {
    let text = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    Template(super::yaml::read(&text))
}

impl Template {
    /// Resources of one type, by their logical names.
    pub fn resources(&self, kind: &str) -> BTreeMap<&str, &Map<String, Value>> {
        let all = self.0["Resources"].as_object().unwrap();
        all.iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(name, resource)| (name.as_str(), resource.as_object().unwrap()))
            .collect()
    }

    /// Properties of the resources of one type.
    pub fn properties(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let found: BTreeMap<_, _> = self
            .resources(kind)
            .into_iter()
            .map(|(name, resource)| (name, &resource["Properties"]))
            .collect();
        assert!(!found.is_empty(), "no resource of type {kind}");
        found
    }

    /// One resource.
    pub fn resource(&self, name: &str) -> &Value {
        let found = &self.0["Resources"][name];
        assert!(found.is_object(), "no resource {name}");
        found
    }

    /// One resource, to change it.
    pub fn resource_mut(&mut self, name: &str) -> &mut Value {
        let found = &mut self.0["Resources"][name];
        assert!(found.is_object(), "no resource {name}");
        found
    }
}

/// A resource or ARN as a short text: `JournalTable`, `HeadsTable/index/due`, `StateBucket/blobs/*`.
pub fn named(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    if let Some(name) = value["Ref"].as_str() {
        return name.to_owned();
    }
    if let Some(name) = value["Fn::GetAtt"][0].as_str() {
        return name.to_owned();
    }
    let sub = &value["Fn::Sub"];
    let text = sub.as_str().or_else(|| sub[0].as_str());
    let text = text.unwrap_or_else(|| panic!("names no resource: {value}"));
    let text = text
        .replace("arn:${AWS::Partition}:", "")
        .replace("${AWS::Region}:${AWS::AccountId}:", "");
    match text.strip_prefix("${") {
        Some(rest) if rest.contains(".Arn}") => rest.replacen(".Arn}", "", 1),
        _ => text,
    }
}

/// One value or a list of them.
pub fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
