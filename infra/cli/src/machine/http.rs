//! Purpose: HTTP on 127.0.0.1: requests become the events that API Gateway would send, answers go back.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::to_bytes;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use lambda_http::Body;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::functions::Functions;
use super::visitor::{self, PageToken, Visit};
use crate::failure::Failure;

/// Bytes of a request's body at most: GitHub's own limit.
const MAX_BODY_BYTES: usize = webhook::MAX_BODY_BYTES;

/// Binds the port on this computer only; 0 = a free one.
pub async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let taken = |error: std::io::Error| {
        Failure::unavailable(format!("port {port} of 127.0.0.1 cannot be had: {error}"))
            .help("choose another one with --port N, or --port 0 for any free one")
    };
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    Ok((listener, address))
}

/// Serves this machine until `stop` turns true.
pub async fn serve(
    listener: TcpListener,
    functions: Arc<Functions>,
    token: PageToken,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let port = listener.local_addr()?.port();
    let router = axum::Router::new().fallback(move |request: Request<axum::body::Body>| {
        let (functions, token) = (functions.clone(), token.clone());
        async move { answer(&functions, &token, port, request).await }
    });
    serve_until(listener, router, stop).await
}

/// Serves until `stop` turns true.
pub async fn serve_until(
    listener: TcpListener,
    router: axum::Router,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let stopped = async move {
        // An error means that the machine itself is gone: then it is over, too.
        while !*stop.borrow_and_update() {
            if stop.changed().await.is_err() {
                break;
            }
        }
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(stopped)
        .await
}

async fn answer(
    functions: &Functions,
    token: &PageToken,
    port: u16,
    request: Request<axum::body::Body>,
) -> Response<axum::body::Body> {
    if !is_for_us(request.headers(), port) {
        return plain(
            StatusCode::MISDIRECTED_REQUEST,
            "this machine answers to 127.0.0.1 only\n",
        );
    }
    let visit = visitor::visit(
        token,
        port,
        request.method(),
        request.uri(),
        request.headers(),
    );
    if visit != Visit::Welcome {
        return visitor::turn(visit);
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY_BYTES).await else {
        return plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too large or broke off\n",
        );
    };
    let body = match String::from_utf8(bytes.to_vec()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(binary) => Body::Binary(binary.into_bytes()),
    };
    let response = functions.answer(Request::from_parts(parts, body)).await;
    response.map(|body| axum::body::Body::from(body.as_ref().to_vec()))
}

/// A page of another site must not reach us under a name of its own (DNS rebinding), so only our own names are answered.
fn is_for_us(headers: &HeaderMap, port: u16) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    ["127.0.0.1", "localhost"]
        .iter()
        .any(|name| host == *name || host == format!("{name}:{port}"))
}

fn plain(status: StatusCode, text: &'static str) -> Response<axum::body::Body> {
    let mut response = Response::new(axum::body::Body::from(text));
    *response.status_mut() = status;
    response
}
