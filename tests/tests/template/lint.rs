//! What AWS's own rules say about the template: <https://github.com/aws-cloudformation/cfn-lint>.

use std::process::Command;

use blackbox::workspace;
use testbed::{aws_tool, or_skip};

/// Emulators take unknown properties and references that lead nowhere; this does not.
#[test]
fn the_template_keeps_the_rules_of_cloudformation() {
    let Some(program) = or_skip(aws_tool("cfn-lint")) else {
        return;
    };
    let lint = |file: &std::path::Path| Command::new(&program).arg(file).output().unwrap();
    let output = lint(&workspace().join("template.yaml"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // It would have said something.
    let text = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("template.yaml");
    std::fs::write(
        &wrong,
        text.replace("!GetAtt HeadsTable.Arn", "!GetAtt Headless.Arn"),
    )
    .unwrap();
    assert!(!lint(&wrong).status.success());
}
