//! Purpose: what is asked of CodeBuild, and what its refusals mean.

use codebuild_sim::Refusal;
use engine::ports::{Builds as _, Started};
use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn no_place_is_later_and_a_wrong_request_is_never() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut request = world.job(&["true"]);
    let answers = async |refusal| {
        world.sim.switch(|switches| switches.refuse = Some(refusal));
        world.builds.start(&request).await.unwrap()
    };
    assert!(
        matches!(answers(Refusal::AccountLimit).await, Started::Deferred(why) if why.contains("no place"))
    );
    assert!(matches!(
        answers(Refusal::Throttling).await,
        Started::Deferred(_)
    ));
    assert!(
        matches!(answers(Refusal::InvalidInput).await, Started::Refused(why) if why.contains("by a switch"))
    );
    assert_eq!(world.sim.builds(&world.account, "s-trusted"), 0);
    world.sim.switch(|switches| switches.refuse = None);
    request.environment = Some("nowhere".into());
    let missing = world.builds.start(&request).await.unwrap();
    assert!(matches!(missing, Started::Refused(why) if why.contains("s-deploy-nowhere")));
    for environment in ["a b", "", "a/../b", "a:b"] {
        request.environment = Some(environment.into());
        let refused = world.builds.start(&request).await.unwrap();
        assert!(
            matches!(refused, Started::Refused(why) if why.contains("letters, digits")),
            "{environment}"
        );
    }
    request.environment = None;
    request.commit = "HEAD".into();
    assert!(matches!(
        world.builds.start(&request).await.unwrap(),
        Started::Refused(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn deploys_of_one_environment_wait_for_each_other() {
    let limit = |settings: &mut codebuild_sim::Settings| {
        settings.limits.insert("s-deploy-staging".to_owned(), 1);
    };
    let Some(world) = World::with(&[], limit).await else {
        return;
    };
    let mut request = world.job(&["echo begun; sleep 1000"]);
    request.environment = Some("staging".into());
    request.intent = "1/3f2a9c0d1e4b/deploy/staging~1".to_owned();
    let build = world.start(&request).await;
    world.said(&build, "begun").await;
    request.intent = "1/3f2a9c0d1e4b/verify/staging~1".to_owned();
    assert!(matches!(
        world.builds.start(&request).await.unwrap(),
        Started::Deferred(_)
    ));
    world.builds.stop(&build).await.unwrap();
    world.ended(&build).await;
    assert!(matches!(
        world.builds.start(&request).await.unwrap(),
        Started::Started(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn code_of_strangers_has_a_project_of_its_own() {
    let Some(world) = World::new().await else {
        return;
    };
    for (event, project) in [
        (Some("push"), "s-trusted"),
        (Some("tag"), "s-trusted"),
        (Some("schedule"), "s-trusted"),
        (Some("manual"), "s-trusted"),
        (Some("pull_request"), "s-untrusted"),
        (Some("something new"), "s-untrusted"),
        (None, "s-untrusted"),
    ] {
        let mut request = world.job(&["true"]);
        request.facts.clear();
        if let Some(event) = event {
            request
                .facts
                .insert("SLIPWAY_EVENT".to_owned(), event.to_owned());
        }
        let build = world.start(&request).await;
        assert_eq!(build.as_str().split(':').next(), Some(project), "{event:?}");
        world.ended(&build).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_step_decides_image_and_time() {
    let Some(world) = World::new().await else {
        return;
    };
    for (image, credentials) in [
        ("golang:1.25", json!("SERVICE_ROLE")),
        ("aws/codebuild/standard:7.0", json!(null)),
    ] {
        let mut request = world.job(&["true"]);
        request.step.image = Some(image.to_owned());
        request.step.timeout_seconds = 8 * 3600;
        let build = world.start(&request).await;
        let shown = world
            .ask("BatchGetBuilds", json!({ "ids": [build.as_str()] }))
            .await;
        let shown = &shown["builds"][0];
        assert_eq!(shown["environment"]["image"], image);
        assert_eq!(
            shown["environment"]["imagePullCredentialsType"],
            credentials
        );
        assert_eq!(shown["timeoutInMinutes"], 490);
        world.ended(&build).await;
    }
}
