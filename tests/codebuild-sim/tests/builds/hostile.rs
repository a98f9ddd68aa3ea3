//! Purpose: text of strangers in every place where it can stand.

use std::collections::BTreeMap;

use domain::plan::{ArtifactSpec, CacheSpec, Gate, ReportKind, ReportSpec};

use crate::world::{SUCCESS, World, output};

/// Texts that do something in a shell, in JSON, in YAML or on a terminal when anybody forgets to quote them.
const HOSTILE: &[&str] = &[
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "a\ntouch pwned\n",
    "${IFS}touch${IFS}pwned",
    "$((1+1)) && touch pwned || touch pwned",
    "\\'; touch pwned #",
    "-e --version -n",
    "*",
    "~ ~root {a,b} [a-z] !x !! ",
    "\u{1b}]0;x\u{7} \u{202e} \t end ",
    "'\\''\"'\"'",
    "{\"a\": [1, &x *y <<: !!binary]}",
    "%s%n %d \\n \\0 \\x41",
    "é 漢字 🚢",
    "",
];

#[tokio::test(flavor = "multi_thread")]
async fn sec_14_text_of_strangers_stays_text() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut request = world.job(&[
        "i=0; while [ $i -lt $COUNT ]; do eval \"printf %s \\\"\\$FACT_$i\\\" | base64 -w0; echo\"; \
         eval \"printf %s \\\"\\$STEP_$i\\\" | base64 -w0; echo\"; i=$((i+1)); done",
        "printf '%s\\n' \"$UID_\" \"$IFS_\"; env | grep -c '^UID=own$'; ls -A",
    ]);
    request.step.env = BTreeMap::from([
        ("COUNT".to_owned(), HOSTILE.len().to_string()),
        ("UID".to_owned(), "own".to_owned()),
        ("PPID".to_owned(), "own".to_owned()),
        ("PS4".to_owned(), "$(touch pwned)".to_owned()),
        ("UID_".to_owned(), "a".to_owned()),
        ("IFS_".to_owned(), "b".to_owned()),
    ]);
    for (number, text) in HOSTILE.iter().enumerate() {
        request
            .facts
            .insert(format!("FACT_{number}"), (*text).to_owned());
        request
            .step
            .env
            .insert(format!("STEP_{number}"), (*text).to_owned());
    }
    request.intent = "1/3f2a9c0d1e4b/job/unit (x=$(touch pwned)\"'`touch pwned`\\)~1".to_owned();
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    use base64::Engine as _;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut expected: Vec<String> = HOSTILE
        .iter()
        .flat_map(|text| [encoded(text), encoded(text)])
        .collect();
    expected.extend(["a", "b", "1", "README"].map(str::to_owned));
    assert_eq!(output(&log), expected);
    assert_eq!(
        world.claims.seen.lock().unwrap()[0]["intent"],
        request.intent
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_14_file_names_and_patterns_stay_text() {
    let Some(world) = World::new().await else {
        return;
    };
    let names = [
        "$(touch pwned)",
        "'; touch pwned; '",
        "-rf",
        "a b  c ",
        "\\n",
        "*",
        "é",
    ];
    let quoted: Vec<String> = names
        .iter()
        .map(|name| domain::buildspec::quote(&format!("dist/{name}")))
        .collect();
    let make = format!(
        "mkdir dist; for f in {}; do printf x > \"$f\"; done",
        quoted.join(" ")
    );
    let mut request = world.job(&[&make, "printf y > 'dist/two\nlines'"]);
    let spec = |name: &str, path: &str| ArtifactSpec {
        name: name.to_owned(),
        paths: vec![path.to_owned()],
    };
    request.artifacts = vec![
        spec("all", "dist/*"),
        spec("$(touch pwned)", "dist/'; touch pwned; '"),
        spec("'", "dist/$(touch pwned)"),
    ];
    request.reports = vec![ReportSpec {
        kind: ReportKind::Junit,
        path: "`touch pwned`/$(touch pwned).xml".to_owned(),
        gate: Gate::default(),
    }];
    request.cache = vec![CacheSpec {
        key: "$(touch pwned)'${hash:`touch pwned`}".to_owned(),
        paths: vec!["$(touch pwned)".to_owned(), "dist/".to_owned()],
    }];
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    let paths = |number: usize| -> Vec<&str> {
        end.artifacts[number]
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect()
    };
    let mut all: Vec<String> = names.iter().map(|name| format!("dist/{name}")).collect();
    all.sort();
    assert_eq!(paths(0), all);
    assert_eq!(paths(1), ["dist/'; touch pwned; '"]);
    assert_eq!(paths(2), ["dist/$(touch pwned)"]);
    assert_eq!(end.missing_reports, [0]);
    // And as inputs of the next build.
    let mut next = world.job(&[
        "ls -A; ls -A \"$SLIPWAY_ARTIFACTS/all/dist\" | wc -l; ls -A \"$SLIPWAY_ARTIFACTS\"",
    ]);
    next.inputs = end.artifacts.clone();
    let (end, log) = world.run(&next).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    assert_eq!(output(&log), ["README", "7", "$(touch pwned)", "'", "all"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_forges_its_list_of_files_gets_nothing_kept() {
    let Some(world) = World::new().await else {
        return;
    };
    // The commands run as the same user as the program around them, so they can write wherever it does.
    let forge = "cd ..; echo 'echo forged' > slipway-work/x; mkdir -p slipway-out; \
                 (sleep 0.1; :) ; ln -s /dev/null slipway-out/index; mkdir checkout/dist; echo x > checkout/dist/x";
    let mut request = world.job(&[forge]);
    request.artifacts = vec![ArtifactSpec {
        name: "a".to_owned(),
        paths: vec!["dist/*".to_owned()],
    }];
    let (end, _) = world.run(&request).await;
    assert_eq!(end.ending, engine::ports::Ending::Exited { code: 125 });
    assert!(end.artifacts.is_empty());
}
