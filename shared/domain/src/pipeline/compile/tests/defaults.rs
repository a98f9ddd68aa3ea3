//! Purpose: what protects an environment is decided on the default branch.

use expect_test::expect;

use super::*;

const PROTECTED: &str = "version: 1
jobs: { unit: { run: make test } }
environments:
  staging: { branches: [main, \"release-*\"], deploy: { run: ship staging } }
  production: { after: staging, deploy: { run: ship production }, approval: { people: [bob] } }
";
const OPENED: &str = "version: 1
jobs: { unit: { run: make test } }
environments:
  production: { branches: [\"*\"], deploy: { run: curl evil } }
";

fn branch(file: DefaultFile) -> DefaultBranch {
    DefaultBranch {
        name: Some("main".to_owned()),
        commit: Some(CommitSha::new("a".repeat(40))),
        file,
    }
}

fn planned(text: &str, pushed: &str, default: DefaultBranch) -> Plan {
    let facts = Facts {
        environments: Environments::Default(default),
        ..push(pushed)
    };
    match compile(text, &facts) {
        Ok(Compiled::Run(plan)) => plan,
        other => panic!("{other:?}"),
    }
}

fn told(plan: &Plan) -> String {
    let mut out = String::new();
    for stage in &plan.stages {
        let approval = stage
            .approval
            .as_ref()
            .map(|policy| policy.people.join(" "));
        let run = stage.deploy.run.join("; ");
        writeln!(out, "{}: {run}, approval {approval:?}", stage.environment).unwrap();
    }
    let source = plan.environments.as_ref().map(|source| source.sentence());
    out + &source.unwrap_or_else(|| "of its own file".to_owned()) + "\n"
}

#[test]
fn sec_04_a_branch_cannot_describe_its_own_way_into_production() {
    let text = |text: &str| DefaultFile::Text(text.to_owned());
    let plan = planned(OPENED, "release-1", branch(text(PROTECTED)));
    expect![[r#"
        staging: ship staging, approval None
        production: ship production, approval Some("bob")
        Environments and approvals are those of the default branch main, at aaaaaaa.
    "#]]
    .assert_eq(&told(&plan));
    // The release is bound to both files.
    let own = planned(PROTECTED, "release-1", branch(text(PROTECTED)));
    assert_eq!(own.environments, None);
    assert_eq!(own.rules(), own.pipeline);
    assert_ne!(plan.rules(), plan.pipeline);
    let other = planned(OPENED, "release-1", branch(text("version: 1\njobs: {}\n")));
    assert_ne!(plan.rules(), other.rules());
    // Its branch is not one that `main` deploys.
    let elsewhere = planned(OPENED, "mine", branch(text(PROTECTED)));
    assert_eq!(elsewhere.stages, []);
    // Tags are no other road.
    let facts = Facts {
        environments: Environments::Default(branch(text(PROTECTED))),
        ..tag("v1")
    };
    let tagged = OPENED.replace("branches: [\"*\"]", "tags: [\"*\"]");
    let tagged = format!("on: {{ tag: [\"*\"] }}\n{tagged}");
    assert!(matches!(compile(&tagged, &facts), Ok(Compiled::Run(plan)) if plan.stages.is_empty()));
}

#[test]
fn sec_02_where_the_default_branch_says_nothing_nothing_is_deployed() {
    let missing = |name: Option<&str>, commit: Option<&str>| DefaultBranch {
        name: name.map(str::to_owned),
        commit: commit.map(CommitSha::new),
        file: DefaultFile::Missing,
    };
    let unreadable = DefaultFile::Unreadable(".slipway.yaml is a symbolic link".to_owned());
    let mut out = String::new();
    for default in [
        missing(None, None),
        missing(Some("main"), None),
        missing(Some("main"), Some("c0ffee")),
        branch(unreadable),
        branch(DefaultFile::Text("version: 1\njbos: {}\n".to_owned())),
    ] {
        let plan = planned(OPENED, "main", default);
        assert_eq!((plan.jobs.len(), plan.rules()), (1, plan.pipeline.clone()));
        out.push_str(&told(&plan));
    }
    // Nobody misses what neither of the two files speaks of.
    let silent = "version: 1\njobs: { unit: { run: make test } }\n";
    let plan = planned(silent, "mine", missing(Some("main"), Some("c0ffee")));
    assert_eq!(plan.environments, None);
    expect![[r#"
        Nothing is deployed: environments are read on the default branch, and it is not known which that is.
        Nothing is deployed: environments are read on the default branch main, which does not exist.
        Nothing is deployed: environments are read on the default branch main, which has no .slipway.yaml.
        Nothing is deployed: environments are read on the default branch main, where .slipway.yaml is a symbolic link.
        Nothing is deployed: environments are read on the default branch main, where .slipway.yaml cannot be used: line 2: `jbos` is not a key of the pipeline file.
    "#]].assert_eq(&out);
}
