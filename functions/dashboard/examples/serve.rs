//! Purpose: shows the dashboard with sample data at http://127.0.0.1:8790, to look at the pages while changing them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the sample is data of the tests, which check it"
)]

#[allow(
    dead_code,
    reason = "the tests use more of the sample than this program"
)]
#[path = "../tests/dashboard/sample/mod.rs"]
mod sample;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use sample::world::World;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = Arc::new(sample::stories::sample());
    let app = axum::Router::new().fallback(answer).with_state(world);
    let port = std::env::args().nth(1).unwrap_or("8790".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let request = lambda_http::Request::from_parts(parts, bytes.to_vec().into());
    let (parts, body) = dashboard::handle(&world.deps(), request, "example")
        .await
        .into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}
