//! Purpose: tests of what is pure: the readings of what strangers wrote. The rest is tested on the CodeBuild simulator.

use aws_sdk_codebuild::types::{BuildPhase, BuildPhaseType, PhaseContext};

use super::*;

fn projects() -> Projects {
    Projects {
        trusted: "s-trusted".to_owned(),
        untrusted: "s-untrusted".to_owned(),
        images: "s-images".to_owned(),
        deploy_prefix: "s-deploy-".to_owned(),
    }
}

#[test]
fn only_builds_of_our_projects_are_asked_for() {
    let ours = |id: &str| is_ours(&projects(), &BuildId::new(id));
    for good in ["s-trusted:1f2e-3d", "s-untrusted:a", "s-deploy-staging:b"] {
        assert!(ours(good), "{good}");
    }
    for bad in [
        "",
        "s-trusted",
        "s-trusted:",
        ":a",
        "other:a",
        "s-deploy-:a",
        "s-trusted-2:a",
        "s-trusted:a/b",
        "s-deploy-a b:c",
        "arn:aws:codebuild:x:1:build/s-trusted:a",
        "s-trusted:a\n",
    ] {
        assert!(!ours(bad), "{bad}");
    }
}

fn phase(kind: BuildPhaseType, status: StatusType, said: &str) -> BuildPhase {
    let context = PhaseContext::builder().message(said).build();
    BuildPhase::builder()
        .phase_type(kind)
        .phase_status(status)
        .contexts(context)
        .build()
}

fn ending(status: StatusType, phases: Vec<BuildPhase>, not_run: Option<&str>) -> Ending {
    let build = Build::builder()
        .build_status(status)
        .set_phases(Some(phases))
        .build();
    ending::without_results(&build, not_run.map(str::to_owned))
}

#[test]
fn an_end_without_results_is_told_by_the_phase_that_failed() {
    use BuildPhaseType as Phase;
    use StatusType as Status;
    let refused =
        "Error while executing command: sh -c \"…\" slipway claim 9. Reason: exit status 77";
    let pre = |said| vec![phase(Phase::PreBuild, Status::Failed, said)];
    assert_eq!(
        ending(
            Status::Failed,
            pre(refused),
            Some("another build has begun")
        ),
        Ending::Unclaimed {
            why: "another build has begun".to_owned()
        }
    );
    assert_eq!(
        ending(Status::Failed, pre(refused), None),
        Ending::Unclaimed {
            why: "its log says why".to_owned()
        }
    );
    // What the commands of a repository wrote cannot make an unclaimed build of one that ran.
    let ran = vec![
        phase(Phase::PreBuild, Status::Succeeded, ""),
        phase(Phase::Build, Status::Failed, "exit status 77"),
    ];
    assert!(matches!(
        ending(Status::Failed, ran, Some("forged")),
        Ending::Lost { .. }
    ));
    let unprepared = |said, not_run| ending(Status::Failed, pre(said), not_run);
    assert_eq!(
        unprepared(
            "Reason: exit status 65",
            Some("the image has no program `curl`")
        ),
        Ending::Unprepared {
            why: "the image has no program `curl`".to_owned()
        }
    );
    assert_eq!(
        unprepared("Reason: exit status 127", None),
        Ending::Unprepared {
            why: "CodeBuild's phase PRE_BUILD failed: Reason: exit status 127".to_owned()
        }
    );
    let image = vec![phase(
        Phase::Provisioning,
        Status::Failed,
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
    )];
    assert!(matches!(
        ending(Status::Failed, image, None),
        Ending::Unprepared { .. }
    ));
    assert!(matches!(
        ending(Status::Fault, Vec::new(), None),
        Ending::Unprepared { .. }
    ));
    let began = || vec![phase(Phase::Build, Status::TimedOut, "")];
    assert_eq!(ending(Status::TimedOut, began(), None), Ending::TimedOut);
    let queued = vec![phase(Phase::Queued, Status::TimedOut, "queue")];
    assert!(matches!(
        ending(Status::TimedOut, queued, None),
        Ending::Unprepared { .. }
    ));
    assert_eq!(ending(Status::Stopped, began(), None), Ending::Stopped);
}

#[test]
fn a_result_is_read_strictly() {
    let read = |text: &str| result::outcome(text).map(|o| (o.status, o.timed_out, o.cpu_ms));
    assert_eq!(
        read("status 3\ntimes 0m0.250s 1m1.5s\n"),
        Some((3, false, 61_750))
    );
    assert_eq!(read("status 124\ntimed-out\n"), Some((124, true, 0)));
    for bad in [
        "",
        "status x\n",
        "timed-out\n",
        "status 0\nmore\n",
        "status 0\nmore words\n",
    ] {
        assert_eq!(read(bad), None, "{bad:?}");
    }
}

#[test]
fn a_list_of_files_is_read_strictly() {
    let files = result::index("artifact 0 x 1 dist/a b.sh\nreport 2 - 17 out/x.xml\n").unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!(
        (files[0].spec, files[0].executable, files[0].path.as_str()),
        (0, true, "dist/a b.sh")
    );
    assert_eq!((files[1].is_artifact, files[1].number), (false, 17));
    for bad in [
        "artifact 0 x 1 ../a",
        "artifact 0 x 1 /a",
        "artifact 0 x ../1 a",
        "artifact -1 x 1 a",
        "artifact 0 y 1 a",
        "other 0 x 1 a",
        "artifact 0 x 1",
        "artifact 0 x 1 ",
        "artifact 0 x 1 .git/a",
    ] {
        assert!(result::index(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_line_of_a_log_is_shown_as_a_terminal_would_show_it_and_nothing_else() {
    for (line, shown) in [
        ("\u{1b}[31mred\u{1b}[0m\tgreen\r", "red\tgreen"),
        ("10%\r50%\r100%", "100%"),
        ("\u{1b}]0;title\u{7}text", "text"),
        ("a\u{202e}b\u{0}c", "a\u{fffd}bc"),
    ] {
        assert_eq!(log::clean(line), shown);
    }
    assert_eq!(log::clean(&"é".repeat(20_000)).len(), 16 << 10);
}
