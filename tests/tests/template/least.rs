//! Least privilege: each function is granted what its code calls, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::access::{Grants, Statement, denied, granted, key_policies, statements};
use super::calls::{Reached, all_sites, reached};
use super::none;
use super::sites::{ASKERS, OWN, SITES, operations};
use super::source::{self, Files};
use super::syntax;
use super::template::{FUNCTIONS, QUEUES, Template, many, named, template};

fn package(function: &str) -> String {
    format!("functions/{}", function.to_lowercase())
}

/// What the code of a function can come to.
fn reach(function: &str, files: &Files) -> Reached {
    reached(&source::read(files), &package(function), &operations())
}

/// What Lambda itself does in the name of a function.
fn of_the_host(function: &str) -> Grants {
    let mut grants = Grants::from([
        format!("logs:CreateLogStream {function}Log"),
        format!("logs:PutLogEvents {function}Log"),
        "xray:PutTelemetryRecords *".to_owned(),
        "xray:PutTraceSegments *".to_owned(),
    ]);
    if QUEUES.contains(&function) {
        let actions = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
        grants.extend(actions.map(|action| format!("sqs:{action} {function}Queue")));
    }
    grants
}

/// What the code of a function needs.
fn needed(function: &str, files: &Files) -> Grants {
    let reached = reach(function, files);
    let rows: BTreeMap<_, _> = SITES.iter().copied().collect();
    let unknown = reached
        .roads
        .iter()
        .filter(|(site, _)| !rows.contains_key(site.as_str()));
    let unknown: Vec<String> = unknown
        .map(|(site, road)| format!("{site}, by {road}"))
        .collect();
    none(
        &format!(
            "calls that {function} can come to, and of which sites.rs does not say what they need"
        ),
        &unknown,
    );
    let mut grants = of_the_host(function);
    let sites = reached.sites.iter().flat_map(|site| rows[site.as_str()]);
    let askers = ASKERS
        .iter()
        .filter(|(asker, _)| reached.functions.contains(*asker));
    let askers = askers.flat_map(|(_, needs)| *needs);
    for need in sites.chain(askers) {
        let (action, resource) = need.split_once(' ').unwrap();
        let own = OWN
            .iter()
            .find(|(place, of, _)| *place == resource && of.contains(&function));
        match (resource.starts_with('{'), own) {
            (false, _) => drop(grants.insert((*need).to_owned())),
            (true, Some((.., resources))) => {
                grants.extend(
                    resources
                        .iter()
                        .map(|resource| format!("{action} {resource}")),
                );
            }
            (true, None) => {
                panic!("{function} can come to {action}: say in sites.rs what {resource} is for it")
            }
        }
    }
    grants
}

/// Where the template and the code of a function differ.
fn differences(template: &Template, function: &str, needed: &Grants) -> Vec<String> {
    let granted = granted(template, &format!("{function}Role"));
    let superfluous = granted
        .difference(needed)
        .map(|one| format!("{function} may {one}, and does not"));
    let missing = needed
        .difference(&granted)
        .map(|one| format!("{function} needs {one}, and may not"));
    superfluous.chain(missing).collect()
}

#[test]
fn sec_39_a_function_may_do_what_its_code_calls_and_nothing_else() {
    let template = template();
    let wrong: Vec<String> = FUNCTIONS
        .iter()
        .flat_map(|function| {
            differences(
                &template,
                function,
                &needed(function, &source::files(function)),
            )
        })
        .collect();
    none("granted and called are not the same", &wrong);
}

#[test]
fn sec_39_one_permission_more_or_less_is_noticed() {
    let whole = template();
    for function in FUNCTIONS {
        let needed = needed(function, &source::files(function));
        let policy = format!("{function}Policy");
        let mut more = whole.clone();
        let statement = json!({ "Effect": "Allow", "Action": "dynamodb:DeleteTable", "Resource": { "Fn::GetAtt": ["HeadsTable", "Arn"] } });
        let document = &mut more.resource_mut(&policy)["Properties"]["PolicyDocument"];
        document["Statement"]
            .as_array_mut()
            .unwrap()
            .push(statement);
        assert_eq!(
            differences(&more, function, &needed),
            [format!(
                "{function} may dynamodb:DeleteTable HeadsTable, and does not"
            )]
        );
        let allowed = many(&whole.resource(&policy)["Properties"]["PolicyDocument"]["Statement"]);
        for (index, _) in allowed
            .iter()
            .enumerate()
            .filter(|(_, s)| Statement(s).allows())
        {
            let mut less = whole.clone();
            let document = &mut less.resource_mut(&policy)["Properties"]["PolicyDocument"];
            document["Statement"].as_array_mut().unwrap().remove(index);
            assert!(
                !differences(&less, function, &needed).is_empty(),
                "{function}: statement {index}"
            );
        }
    }
}

#[test]
fn sec_39_one_call_more_or_less_is_noticed() {
    let template = template();
    let file = "infra/aws/src/journal/heads.rs";
    let changed = |from: &str, to: &str| {
        let mut files = source::files("Planner");
        let text = files.get_mut(std::path::Path::new(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        *text = text.replace(from, to);
        files
    };
    // One call of another kind, in a place that sites.rs does not know.
    let more = changed(
        "found.item.as_ref()",
        "self.client.delete_item().send(); found.item.as_ref()",
    );
    let site = "journal/heads.rs DynamoJournal::one_head delete_item";
    assert!(reach("Planner", &more).sites.contains(site));
    // One call less: what it needed is granted and not called any more.
    let less = changed(".get_item()", ".nothing()");
    let files = source::files("Planner");
    let lost: Vec<_> = reach("Planner", &files)
        .sites
        .difference(&reach("Planner", &less).sites)
        .cloned()
        .collect();
    assert_eq!(lost, ["journal/heads.rs DynamoJournal::one_head get_item"]);
    none(
        "nothing was changed",
        &differences(&template, "Planner", &needed("Planner", &files)),
    );
}

#[test]
fn every_row_of_the_table_has_its_call() {
    let code = source::read(&source::files("Webhook"));
    let there = all_sites(&code, &operations());
    let stale = SITES
        .iter()
        .map(|(site, _)| (*site).to_owned())
        .filter(|site| !there.contains(site));
    none(
        "rows of sites.rs without a call",
        &stale.collect::<Vec<_>>(),
    );
    let names: BTreeSet<String> = code.functions.iter().map(source::Function::place).collect();
    let stale = ASKERS
        .iter()
        .map(|(place, _)| (*place).to_owned())
        .filter(|place| !names.contains(place));
    none(
        "rows of sites.rs without a function",
        &stale.collect::<Vec<_>>(),
    );
    // An operation that begins a chain which is sent, and that no row knows, would be looked over.
    none(
        "operations that sites.rs does not know",
        &syntax::unknown_operations(&source::files("Webhook"), &operations()),
    );
}

#[test]
fn sec_18_only_the_deployer_starts_deploys() {
    let template = template();
    for function in FUNCTIONS {
        let starts = granted(&template, &format!("{function}Role"));
        let starts: Vec<_> = starts
            .iter()
            .filter(|one| one.starts_with("codebuild:StartBuild"))
            .collect();
        let deploys = starts.iter().any(|one| one.contains("Deploy"));
        assert_eq!(deploys, *function == "Deployer", "{function}: {starts:?}");
        assert_eq!(
            starts.is_empty(),
            !["Builder", "Deployer"].contains(function),
            "{function}"
        );
    }
    let never = "codebuild:StartBuild codebuild:project/${AWS::StackName}-deploy-*";
    assert!(denied(&template, "BuilderRole").contains(never));
}

#[test]
fn sec_25_nobody_rewrites_the_journal() {
    let template = template();
    let mut appending = 0;
    for function in FUNCTIONS {
        let role = format!("{function}Role");
        let touches = granted(&template, &role)
            .iter()
            .any(|one| one.ends_with(" JournalTable"));
        appending += usize::from(touches);
        let denied = denied(&template, &role);
        let never = [
            "UpdateItem",
            "DeleteItem",
            "BatchWriteItem",
            "PartiQLUpdate",
            "PartiQLDelete",
        ];
        for action in never.into_iter().filter(|_| touches) {
            assert!(
                denied.contains(&format!("dynamodb:{action} JournalTable")),
                "{function}: {action}"
            );
        }
    }
    assert_eq!(appending, FUNCTIONS.len() - 1, "all but the webhook");
    let reads = denied(&template, "DashboardRole");
    assert!(reads.contains("dynamodb:PutItem JournalTable"));
}

#[test]
fn sec_12_decisions_are_signed_by_the_approval_function_alone() {
    let template = template();
    let key = &template.resource("DecisionKey")["Properties"]["KeyPolicy"];
    for statement in statements(key) {
        let signs = statement.actions().contains(&"kms:Sign");
        let roles = many(&statement.0["Principal"]["AWS"])
            .into_iter()
            .map(named);
        let roles: Vec<String> = roles.collect();
        assert_eq!(signs, roles == ["ApprovalRole"], "{}", statement.sid());
    }
}

/// A key lets in those roles whose policies say so, and the other way round.
#[test]
fn sec_38_keys_and_roles_agree() {
    let template = template();
    for (key, document) in key_policies(&template) {
        let mut by_key = BTreeSet::new();
        for statement in statements(document)
            .into_iter()
            .filter(|s| !["Administer", "SignForDoctor"].contains(&s.sid()))
        {
            for role in many(&statement.0["Principal"]["AWS"]) {
                by_key.extend(
                    statement
                        .actions()
                        .iter()
                        .map(|action| format!("{} {action}", named(role))),
                );
            }
        }
        let mut by_role = BTreeSet::new();
        for function in FUNCTIONS {
            let role = format!("{function}Role");
            let ending = format!(" {key}");
            let of_role = granted(&template, &role);
            let of_key = of_role.iter().filter_map(|one| one.strip_suffix(&ending));
            by_role.extend(of_key.map(|action| format!("{role} {action}")));
        }
        assert_eq!(by_key, by_role, "{key}");
    }
}

/// Apart from the functions one person signs as the App, who was named, and with the account's own consent.
#[test]
fn sec_38_nobody_signs_as_the_app_who_was_not_named() {
    let template = template();
    let key = &template.resource("AppKey")["Properties"]["KeyPolicy"];
    let all = statements(key);
    let doctor = all.iter().find(|s| s.sid() == "SignForDoctor").unwrap();
    assert_eq!(doctor.actions(), ["kms:Sign"]);
    let condition = &doctor.0["Condition"]["StringEquals"]["aws:PrincipalArn"];
    assert_eq!(named(condition), "AppDoctor");
    let default = &template.0["Parameters"]["AppDoctor"]["Default"];
    assert_eq!(default, "nobody");
    let administers = all.iter().find(|s| s.sid() == "Administer").unwrap();
    assert!(!administers.actions().contains(&"kms:Sign"));
}
