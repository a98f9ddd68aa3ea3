//! Who may do what, as the template says it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::template::{Template, many, named};

/// `dynamodb:PutItem HeadsTable`.
pub type Grants = BTreeSet<String>;

/// One statement of a policy.
#[derive(Clone, Copy)]
pub struct Statement<'t>(pub &'t Value);

impl<'t> Statement<'t> {
    pub fn sid(self) -> &'t str {
        self.0["Sid"]
            .as_str()
            .unwrap_or("a statement without a Sid")
    }

    pub fn allows(self) -> bool {
        self.0["Effect"] == "Allow"
    }

    pub fn actions(self) -> Vec<&'t str> {
        let actions = many(&self.0["Action"]);
        actions.into_iter().map(|a| a.as_str().unwrap()).collect()
    }

    pub fn resources(self) -> Vec<String> {
        many(&self.0["Resource"]).into_iter().map(named).collect()
    }

    fn pairs(self) -> Grants {
        let actions = self.actions();
        let on = |resource: String| {
            let pair = move |action: &&str| format!("{action} {resource}");
            actions.iter().map(pair).collect::<Vec<_>>()
        };
        self.resources().into_iter().flat_map(on).collect()
    }
}

/// The statements of a policy document.
pub fn statements(document: &Value) -> Vec<Statement<'_>> {
    let all = many(&document["Statement"]);
    all.into_iter().map(Statement).collect()
}

/// Every policy of an identity: its name and its document.
pub fn identity_policies(template: &Template) -> Vec<(String, &Value)> {
    let policies = template.properties("AWS::IAM::Policy");
    let mut all: Vec<_> = policies
        .into_iter()
        .map(|(name, properties)| (name.to_owned(), &properties["PolicyDocument"]))
        .collect();
    for (name, properties) in template.properties("AWS::IAM::Role") {
        for policy in many(&properties["Policies"]) {
            all.push((name.to_owned(), &policy["PolicyDocument"]));
        }
    }
    all
}

/// Every policy of a resource, but for keys: its name and its document.
pub fn resource_policies(template: &Template) -> Vec<(String, &Value)> {
    let kinds = [
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::S3::BucketPolicy",
    ];
    let of = |kind| template.properties(kind).into_iter();
    let all = kinds.into_iter().flat_map(of);
    all.map(|(name, properties)| (name.to_owned(), &properties["PolicyDocument"]))
        .collect()
}

/// Policies of keys.
pub fn key_policies(template: &Template) -> Vec<(String, &Value)> {
    let keys = template.properties("AWS::KMS::Key").into_iter();
    keys.map(|(name, properties)| (name.to_owned(), &properties["KeyPolicy"]))
        .collect()
}

/// The documents that speak of one role.
fn of_role<'t>(template: &'t Template, role: &str) -> Vec<&'t Value> {
    let attached = |properties: &Value| {
        many(&properties["Roles"])
            .into_iter()
            .any(|r| named(r) == role)
    };
    let policies = template.properties("AWS::IAM::Policy").into_values();
    policies
        .filter(|properties| attached(properties))
        .map(|properties| &properties["PolicyDocument"])
        .collect()
}

/// All that a role is allowed by its own policies.
pub fn granted(template: &Template, role: &str) -> Grants {
    collect(template, role, true)
}

/// All that a role is denied.
pub fn denied(template: &Template, role: &str) -> Grants {
    collect(template, role, false)
}

fn collect(template: &Template, role: &str, allowed: bool) -> Grants {
    let documents = of_role(template, role);
    assert!(!documents.is_empty(), "{role} has no policy");
    let all = documents.into_iter().flat_map(statements);
    all.filter(|statement| statement.allows() == allowed)
        .flat_map(Statement::pairs)
        .collect()
}
