//! Purpose: the machine's own domain: what comes to it is handed to the stack's HTTP API, as a custom domain does.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode};

/// API Gateway takes no larger body.
const MAX_BODY: usize = 10 << 20;

/// A port of 127.0.0.1 that is known before the stack is deployed.
pub struct Domain {
    pub url: String,
    api: Arc<OnceLock<String>>,
    _runtime: tokio::runtime::Runtime,
}

impl Domain {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let api: Arc<OnceLock<String>> = Arc::default();
        let router = Router::new().fallback(pass).with_state(Arc::clone(&api));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            api,
            _runtime: runtime,
        }
    }

    /// The emulator at this address has the stack's API under this id.
    pub fn lead_to(&self, emulator: &str, api: &str) {
        let stage = format!("{emulator}/_aws/execute-api/{api}/$default");
        self.api.set(stage).unwrap();
    }
}

async fn pass(State(api): State<Arc<OnceLock<String>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let Some(url) = api.get().map(|stage| format!("{stage}{path}")) else {
        return status(StatusCode::SERVICE_UNAVAILABLE);
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let asked = tokio::task::spawn_blocking(move || ask(&head.method, &url, &head.headers, &body));
    match asked.await {
        Ok(Some(answer)) => answer,
        _ => status(StatusCode::BAD_GATEWAY),
    }
}

fn ask(method: &Method, url: &str, headers: &HeaderMap, body: &Bytes) -> Option<Response<Body>> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .build()
        .into();
    let mut request = axum::http::Request::builder()
        .method(method.clone())
        .uri(url);
    for (name, value) in headers.iter().filter(|(name, _)| !is_of_the_hop(name)) {
        request = request.header(name, value);
    }
    let mut answer = agent.run(request.body(&body[..]).ok()?).ok()?;
    let bytes = answer
        .body_mut()
        .with_config()
        .limit(MAX_BODY as u64)
        .read_to_vec()
        .ok()?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer
        .headers()
        .iter()
        .filter(|(name, _)| !is_of_the_hop(name))
    {
        response = response.header(name, value);
    }
    response.body(Body::from(bytes)).ok()
}

fn is_of_the_hop(name: &axum::http::HeaderName) -> bool {
    matches!(
        name.as_str(),
        "host" | "connection" | "content-length" | "transfer-encoding" | "expect" | "keep-alive"
    )
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
