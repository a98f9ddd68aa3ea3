//! Purpose: state changes as they are told, and what the switches make of them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use codebuild_sim::Switches;
use serde_json::Value;

use crate::world::World;

type Told = Arc<Mutex<Vec<Value>>>;

async fn hear(State(told): State<Told>, body: Bytes) {
    told.lock()
        .unwrap()
        .push(serde_json::from_slice(&body).unwrap());
}

async fn statuses(switches: Switches) -> Option<Vec<String>> {
    let told = Told::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/", post(hear))
        .with_state(Arc::clone(&told));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let tell = |settings: &mut codebuild_sim::Settings| {
        settings.functions = vec![url];
        settings.switches = switches;
    };
    let world = World::with(&[], tell).await?;
    let request = world.job(&["true"]);
    let build = world.start(&request).await;
    world.ended(&build).await;
    // The simulator has told everything when its threads have ended.
    drop(world);
    let told = told.lock().unwrap();
    for event in told.iter() {
        assert_eq!(event["detail-type"], "CodeBuild Build State Change");
        let environment = &event["detail"]["additional-information"]["environment"];
        let variables = environment["environment-variables"].as_array().unwrap();
        let intent = variables
            .iter()
            .find(|variable| variable["name"] == "SLIPWAY_INTENT");
        assert_eq!(intent.unwrap()["value"], request.intent);
    }
    let status = |event: &Value| event["detail"]["build-status"].as_str().unwrap().to_owned();
    Some(told.iter().map(status).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn state_changes_are_told_lost_doubled_and_reordered() {
    let (begun, ended) = ("IN_PROGRESS", "SUCCEEDED");
    let quiet = Switches::default();
    let Some(usual) = statuses(quiet.clone()).await else {
        return;
    };
    assert_eq!(usual, [begun, ended]);
    let swallow = Switches {
        swallow_events: true,
        ..quiet.clone()
    };
    assert!(statuses(swallow).await.unwrap().is_empty());
    let double = Switches {
        double_events: true,
        ..quiet.clone()
    };
    assert_eq!(
        statuses(double).await.unwrap(),
        [begun, begun, ended, ended]
    );
    let reorder = Switches {
        reorder_events: true,
        ..quiet
    };
    assert_eq!(statuses(reorder).await.unwrap(), [ended, begun]);
}
