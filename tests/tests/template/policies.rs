//! Every policy of the template: no wildcard, no stranger, one role each.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::access::{identity_policies, key_policies, resource_policies, statements};
use super::none;
use super::template::{FUNCTIONS, Template, many, named, template};

/// Statements that are too wide, of every policy that the template has.
fn too_wide(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let all = identity_policies(template)
        .into_iter()
        .chain(resource_policies(template))
        .chain(key_policies(template));
    for (name, document) in all {
        let reasons = &template.resource(&name)["Metadata"]["Wildcards"];
        for statement in statements(document)
            .into_iter()
            .filter(|statement| statement.allows())
        {
            let wide = statement
                .actions()
                .into_iter()
                .filter(|action| action.contains('*'));
            wrong.extend(wide.map(|action| format!("{name}: {action}")));
            for resource in statement
                .resources()
                .into_iter()
                .filter(|resource| is_wide(resource))
            {
                let said = |of: &str| {
                    reasons[of]
                        .as_str()
                        .is_some_and(|why| why.contains("https://"))
                };
                let each = statement.actions().into_iter().all(&said);
                if !said(&resource) && !each {
                    wrong.push(format!(
                        "{name}: {} on {resource} without a reason",
                        statement.sid()
                    ));
                }
            }
        }
    }
    wrong
}

/// Whether a resource is more than a part of something that is named: `*`, `s3:::*`, `project/*`.
fn is_wide(resource: &str) -> bool {
    let name = resource.rsplit(':').next().unwrap_or_default();
    name.split('/')
        .find(|part| part.contains('*'))
        .is_some_and(|_| {
            let before = name.split('*').next().unwrap_or_default();
            !before.contains("${") && !before.contains('/') || before.is_empty()
        })
}

#[test]
fn sec_39_no_action_is_a_wildcard_and_every_wide_resource_has_a_reason() {
    let whole = template();
    none("too wide", &too_wide(&whole));
    let mut action = whole.clone();
    action.resource_mut("PlannerPolicy")["Properties"]["PolicyDocument"]["Statement"][2]["Action"] =
        json!("dynamodb:*");
    assert_eq!(too_wide(&action), ["PlannerPolicy: dynamodb:*"]);
    let mut resource = whole.clone();
    resource.resource_mut("PlannerPolicy")["Properties"]["PolicyDocument"]["Statement"][2]["Resource"] =
        json!("*");
    assert_eq!(too_wide(&resource).len(), 1);
    let mut silent = whole;
    silent.resource_mut("ImagesBuildPolicy")["Metadata"] = Value::Null;
    assert_eq!(
        too_wide(&silent),
        ["ImagesBuildPolicy: SignInToEcr on * without a reason"]
    );
}

/// Services of AWS that are let in for anybody's sake.
fn confused(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, properties) in template.properties("AWS::Lambda::Permission") {
        if properties["SourceArn"].is_null() || properties["SourceAccount"].is_null() {
            wrong.push(name.to_owned());
        }
    }
    let trust = template.properties("AWS::IAM::Role").into_iter();
    let trust =
        trust.map(|(name, properties)| (name.to_owned(), &properties["AssumeRolePolicyDocument"]));
    for (name, document) in resource_policies(template).into_iter().chain(trust) {
        for statement in statements(document)
            .into_iter()
            .filter(|statement| statement.allows())
        {
            let service = &statement.0["Principal"]["Service"];
            // Lambda takes a role for the function that names it, and tells nobody else's account.
            let condition = statement.0["Condition"].to_string();
            let bound =
                condition.contains("aws:SourceArn") && condition.contains("aws:SourceAccount");
            if service != "lambda.amazonaws.com" && !bound {
                wrong.push(format!("{name}: {service}"));
            }
        }
    }
    wrong
}

#[test]
fn sec_40_services_are_let_in_for_resources_of_this_stack_only() {
    let whole = template();
    none("no SourceArn and SourceAccount", &confused(&whole));
    let mut changed = whole.clone();
    changed.resource_mut("WebhookPermission")["Properties"]["SourceArn"] = Value::Null;
    assert_eq!(confused(&changed), ["WebhookPermission"]);
    let mut changed = whole;
    changed.resource_mut("EventDeadLettersPolicy")["Properties"]["PolicyDocument"]["Statement"]
        [0]["Condition"] = Value::Null;
    assert_eq!(
        confused(&changed),
        ["EventDeadLettersPolicy: \"events.amazonaws.com\""]
    );
}

#[test]
fn sec_39_one_role_a_function_and_one_a_project() {
    let template = template();
    let mut roles = BTreeSet::new();
    for (name, properties) in template.properties("AWS::Serverless::Function") {
        assert_eq!(named(&properties["Role"]), name.replace("Function", "Role"));
        assert!(roles.insert(named(&properties["Role"])));
        assert!(
            properties["Policies"].is_null(),
            "{name}: policies that nobody reads here"
        );
    }
    assert_eq!(roles.len(), FUNCTIONS.len());
    for properties in template.properties("AWS::CodeBuild::Project").into_values() {
        assert!(roles.insert(named(&properties["ServiceRole"])));
    }
    for (name, policy) in template.properties("AWS::IAM::Policy") {
        // What Lambda does in the name of every function alike.
        let shared = name == "TracingPolicy";
        let of = if shared { FUNCTIONS.len() } else { 1 };
        assert_eq!(many(&policy["Roles"]).len(), of, "{name}");
    }
}
