//! Purpose: tests of notices.

use std::sync::Mutex;

use async_trait::async_trait;
use domain::kernel::StreamId;
use engine::ports::{BuildRequest, BuildStatus, Builds, Clock, Doorbells, Keys, Started};
use serde_json::json;
use testkit::memory::{MemoryBlobs, MemoryJournal};

use super::*;

/// Counts doorbells; everything else must not be touched.
#[derive(Default)]
struct World(Mutex<Vec<(Function, StreamId)>>);

#[async_trait]
impl Doorbells for World {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        self.0
            .lock()
            .unwrap()
            .push((function, doorbell.stream.clone()));
        Ok(())
    }
}

impl Clock for World {
    fn now(&self) -> jiff::Timestamp {
        panic!("a notice tells no time")
    }
}

#[async_trait]
impl Builds for World {
    async fn start(&self, _: &BuildRequest) -> Result<Started, Fault> {
        panic!("a notice starts nothing")
    }
    async fn describe(&self, _: &domain::ids::BuildId) -> Result<BuildStatus, Fault> {
        panic!("a notice is only a doorbell")
    }
    async fn stop(&self, _: &domain::ids::BuildId) -> Result<(), Fault> {
        panic!("a notice stops nothing")
    }
    async fn is_settled(&self, _: &domain::ids::BuildId) -> Result<bool, Fault> {
        panic!("a notice is only a doorbell")
    }
}

#[async_trait]
impl Keys for World {
    async fn sign(&self, _: &[u8]) -> Result<String, Fault> {
        panic!("a notice signs nothing")
    }
    async fn verify(&self, _: &[u8], _: &str) -> Result<bool, Fault> {
        panic!("a notice verifies nothing")
    }
    async fn mac(&self, _: &str, _: &[u8]) -> Result<[u8; 32], Fault> {
        panic!("a notice needs no key")
    }
}

async fn rung(event: Value) -> Vec<(Function, String)> {
    let world = World::default();
    let (journal, blobs) = (MemoryJournal::default(), MemoryBlobs::default());
    let deps = Deps {
        journal: &journal,
        clock: &world,
        doorbells: &world,
        builds: &world,
        blobs: &blobs,
        keys: &world,
    };
    let event: EventBridgeEvent<Value> = serde_json::from_value(event).unwrap();
    notice(&deps, &event).await.unwrap();
    let rung = world.0.into_inner().unwrap();
    rung.into_iter()
        .map(|(function, stream)| (function, stream.to_string()))
        .collect()
}

fn recorded() -> Value {
    serde_json::from_str(include_str!(
        "../../../../events/codebuild-state-change.json"
    ))
    .unwrap()
}

fn with_intent(intent: &str) -> Value {
    let mut event = recorded();
    event["detail"]["additional-information"]["environment"]["environment-variables"] =
        json!([{"name": "OTHER", "value": "x"}, {"name": INTENT, "value": intent}]);
    event
}

#[tokio::test]
async fn a_notice_rings_the_function_that_observes_the_build() {
    assert_eq!(
        rung(recorded()).await,
        [(Function::Builder, "run/4001/9b1c6d2e4f5a".to_owned())]
    );
    for (task, function) in [
        ("job/unit (go=1.24)~2", Function::Builder),
        ("deploy/staging~1", Function::Deployer),
        ("verify/staging~1", Function::Deployer),
        ("rollback/staging~1", Function::Deployer),
    ] {
        let event = with_intent(&format!("1/ab12/{task}"));
        assert_eq!(
            rung(event).await,
            [(function, "run/1/ab12".to_owned())],
            "{task}"
        );
    }
}

#[tokio::test]
async fn a_notice_of_anything_else_does_nothing() {
    let mut other = recorded();
    other["detail-type"] = json!("CodeBuild Build Phase Change");
    let mut bare = recorded();
    bare["detail"] = json!({});
    let broken = [
        "",
        "x",
        "1/../job/unit~1",
        "1/ab12/",
        "1/ab12/unit~1",
        "1/ab12/job/unit",
    ]
    .map(with_intent);
    for event in [other, bare].into_iter().chain(broken) {
        assert!(rung(event.clone()).await.is_empty(), "{event}");
    }
}
