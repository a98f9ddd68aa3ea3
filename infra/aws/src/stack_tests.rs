//! What is read of a stack's outputs.

use engine::ports::Function;

use super::{OUTPUTS, Stack};

fn whole() -> Vec<(String, String)> {
    let output = |name: &&str| {
        let value = match *name {
            "GitHubAppId" => "7".to_owned(),
            name => format!("the {name}"),
        };
        ((*name).to_owned(), value)
    };
    OUTPUTS.iter().map(output).collect()
}

#[test]
fn the_outputs_say_where_everything_is() {
    let stack = Stack::new("ci", whole());
    assert_eq!(stack.name(), "ci");
    assert_eq!(stack.bucket().unwrap(), "the StateBucket");
    assert_eq!(stack.tables().unwrap().journal, "the JournalTable");
    assert_eq!(stack.tables().unwrap().heads, "the HeadsTable");
    let queues = stack.queues().unwrap();
    assert_eq!(queues.len(), Function::ALL.len());
    assert_eq!(queues[&Function::Builder], "the BuilderQueue");
    assert_eq!(
        stack.projects().unwrap().deploy_prefix,
        "the DeployProjectPrefix"
    );
    assert!(!stack.is_dashboard_public().unwrap());
    let app = stack.app().unwrap();
    assert_eq!((app.id, app.key.as_str()), (Some(7), "the AppKey"));
    let url = [(
        "BaseUrl".to_owned(),
        "https://ci.example.org/ci/".to_owned(),
    )];
    let stack = Stack::new("ci", url);
    assert_eq!(stack.base_url().unwrap(), "https://ci.example.org/ci");
}

/// Each output that is named is read, and its absence is said with its name.
#[test]
fn an_output_that_is_missing_is_named() {
    for gone in OUTPUTS {
        let rest = whole().into_iter().filter(|(name, _)| name != gone);
        let stack = Stack::new("ci", rest);
        let all = [
            stack.base_url().map(drop),
            stack.is_dashboard_public().map(drop),
            stack.bucket().map(drop),
            stack.tables().map(drop),
            stack.queues().map(drop),
            stack.projects().map(drop),
            stack.app().map(drop),
        ];
        let said: Vec<String> = all
            .into_iter()
            .filter_map(|answer| Some(answer.err()?.to_string()))
            .collect();
        assert_eq!(said.len(), 1, "{gone}: {said:?}");
        assert!(
            said[0].contains(&format!("no output {gone}:")),
            "{gone}: {said:?}"
        );
    }
}
