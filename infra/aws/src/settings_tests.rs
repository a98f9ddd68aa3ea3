#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn settings(variables: &[(&str, &str)]) -> Settings {
    let owned = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::new(owned)
}

#[test]
fn a_missing_variable_is_named_with_what_to_do() {
    let missing = settings(&[("SLIPWAY_HEADS_TABLE", "")])
        .heads_table()
        .unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the environment variable SLIPWAY_HEADS_TABLE is not set: give it the name of the heads' table, as template.yaml \
         does"
    );
    let missing = settings(&[("SLIPWAY_QUEUE_PLANNER", "https://sqs/p")])
        .queues()
        .unwrap_err();
    assert!(
        missing.to_string().contains("SLIPWAY_QUEUE_SCHEDULER"),
        "{missing}"
    );
}

#[test]
fn values_are_checked_where_they_are_read() {
    let all = settings(&[
        ("SLIPWAY_BASE_URL", "https://ci.example.org/"),
        ("SLIPWAY_CLAIMS_URL", "ci.example.org/claims"),
        ("SLIPWAY_JOBS", "0"),
        ("SLIPWAY_GITHUB_APP_ID", "12"),
        ("SLIPWAY_GITHUB_APP_KEY", "alias/app"),
    ]);
    assert_eq!(all.base_url().unwrap(), "https://ci.example.org");
    assert!(
        all.claims_url()
            .unwrap_err()
            .to_string()
            .contains("has to be a URL")
    );
    assert!(
        all.jobs()
            .unwrap_err()
            .to_string()
            .contains("from 1 to 1000")
    );
    assert_eq!(
        all.github().unwrap(),
        Github {
            api: GITHUB_API.to_owned(),
            app_id: 12,
            app_key: "alias/app".to_owned()
        }
    );
}
