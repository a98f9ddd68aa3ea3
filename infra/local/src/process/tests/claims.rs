//! Purpose: the claim fence: no code of the repository before a clear yes.

use super::*;

fn marked(world: &World) -> (BuildRequest, std::path::PathBuf) {
    let marker = world.data.path().join("ran");
    (world.job(&[&format!("touch {}", marker.display())]), marker)
}

#[tokio::test]
async fn a_refused_claim_runs_no_code_of_the_repository() {
    let world = World::new();
    let (request, marker) = marked(&world);
    let refusal = ClaimAnswer::Refused("another build of this job has begun".to_owned());
    world.gate.answers.lock().unwrap().push_back(Ok(refusal));
    let (end, log) = world.run(&request).await;
    let why = "another build of this job has begun".to_owned();
    assert_eq!(end.ending, Ending::Unclaimed { why });
    assert!(!marker.exists());
    assert!(output(&log, LogStream::Stdout).is_empty());
    // The same commands with a granted claim do leave the marker.
    assert_eq!(world.run(&request).await.0.ending, SUCCESS);
    assert!(marker.exists());
}

#[tokio::test]
async fn the_claim_names_intent_build_and_secret() {
    let world = World::new();
    let request = world.job(&["true"]);
    let build = world.start(&request).await;
    world.ended(&build).await;
    let seen = world.gate.seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].intent, request.intent);
    assert_eq!(seen[0].build, build);
    assert_eq!(seen[0].secret, "one-time-claim-secret");
}

#[tokio::test]
async fn a_transient_fault_is_tried_again_and_any_other_is_a_no() {
    let world = World::new();
    let (request, marker) = marked(&world);
    let lost = || Err(Fault::Unavailable("no answer".to_owned()));
    world.gate.answers.lock().unwrap().extend([lost(), lost()]);
    assert_eq!(world.run(&request).await.0.ending, SUCCESS);
    assert_eq!(world.gate.seen.lock().unwrap().len(), 3);
    std::fs::remove_file(&marker).unwrap();
    for fault in [
        Fault::Malformed("what".to_owned()),
        Fault::Rejected("no".to_owned()),
    ] {
        world
            .gate
            .answers
            .lock()
            .unwrap()
            .push_back(Err(fault.clone()));
        let why = format!("the claim was not answered: {fault}");
        assert_eq!(
            world.run(&request).await.0.ending,
            Ending::Unclaimed { why }
        );
    }
    assert!(!marker.exists());
}

#[tokio::test]
async fn a_claim_that_nobody_answers_ends_in_bounded_time() {
    struct Silent;
    #[async_trait]
    impl ClaimGate for Silent {
        async fn claim(&self, _: &Claim) -> Result<ClaimAnswer, Fault> {
            std::future::pending().await
        }
    }
    struct Down;
    #[async_trait]
    impl ClaimGate for Down {
        async fn claim(&self, _: &Claim) -> Result<ClaimAnswer, Fault> {
            Err(Fault::Unavailable("down".to_owned()))
        }
    }
    let gates: [Arc<dyn ClaimGate>; 2] = [Arc::new(Silent), Arc::new(Down)];
    for gate in gates {
        let world = World::with(&[], |settings| {
            settings.claims = gate;
            settings.claim_patience = Duration::from_millis(120);
        });
        let (request, marker) = marked(&world);
        let ending = world.run(&request).await.0.ending;
        assert!(
            matches!(&ending, Ending::Unclaimed { why } if why.starts_with("the claim was not answered")),
            "{ending:?}"
        );
        assert!(!marker.exists());
    }
}

#[tokio::test]
async fn a_build_that_is_stopped_while_it_claims_never_runs() {
    struct Silent;
    #[async_trait]
    impl ClaimGate for Silent {
        async fn claim(&self, _: &Claim) -> Result<ClaimAnswer, Fault> {
            std::future::pending().await
        }
    }
    let world = World::with(&[], |settings| settings.claims = Arc::new(Silent));
    let (request, marker) = marked(&world);
    let build = world.start(&request).await;
    world.builder.stop(&build).await.unwrap();
    assert_eq!(world.ended(&build).await.ending, Ending::Stopped);
    assert!(!marker.exists());
}
