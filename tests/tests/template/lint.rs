//! What AWS's own rules say about the template: <https://github.com/aws-cloudformation/cfn-lint>, and
//! `sam validate --lint`, which is what somebody who deploys it would ask.

use std::path::Path;
use std::process::{Command, Output};

use blackbox::workspace;
use testbed::{aws_tool, or_skip, sam};

fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    streams.concat()
}

/// Emulators take unknown properties and references that lead nowhere; these tools do not.
fn keeps_the_rules(lint: impl Fn(&Path) -> Output) {
    let output = lint(&workspace().join("template.yaml"));
    assert!(output.status.success(), "{}", said(&output));
    // They would have said something.
    let text = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("template.yaml");
    let text = text.replace("!GetAtt HeadsTable.Arn", "!GetAtt Headless.Arn");
    std::fs::write(&wrong, text).unwrap();
    let output = lint(&wrong);
    assert!(!output.status.success());
    assert!(said(&output).contains("Headless"), "{}", said(&output));
}

#[test]
fn the_template_keeps_the_rules_of_cloudformation() {
    if let Some(program) = or_skip(aws_tool("cfn-lint")) {
        keeps_the_rules(|file| Command::new(&program).arg(file).output().unwrap());
    }
}

#[test]
fn the_template_is_valid_for_sam() {
    if let Some(program) = or_skip(sam()) {
        keeps_the_rules(|file| {
            Command::new(&program)
                .args(["validate", "--lint", "--region", "eu-west-1", "--template"])
                .arg(file)
                .env("SAM_CLI_TELEMETRY", "0")
                .output()
                .unwrap()
        });
    }
}
