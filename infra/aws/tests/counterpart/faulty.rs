//! Purpose: a real HTTP client in front of a real counterpart, whose calls are counted and fail as planned.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

/// What happens to one call.
#[derive(Clone, Debug)]
pub enum Injected {
    /// It works.
    Nothing,
    /// It never arrives, and no answer comes in time.
    NotSent,
    /// It arrives and is carried out, and its answer does not come in time.
    LoseReply,
    /// It never arrives; this is answered.
    Answer(u16, String),
}

impl Injected {
    /// A plain error of DynamoDB.
    pub fn error(code: &str) -> Self {
        Self::Answer(
            400,
            format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"no"}}"#),
        )
    }

    /// A transaction that was cancelled for these reasons, one an item.
    pub fn cancelled(reasons: [&str; 2]) -> Self {
        let [one, other] = reasons;
        Self::Answer(
            400,
            format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "Message":"cancelled",
                "CancellationReasons":[{{"Code":"{one}"}},{{"Code":"{other}"}}]}}"#
            ),
        )
    }
}

/// The client. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Faulty {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<(String, Vec<u8>)>,
    plan: VecDeque<Injected>,
}

impl Faulty {
    pub fn new() -> Self {
        Self {
            inner: Builder::new().build_http(),
            state: Arc::default(),
        }
    }

    /// What happens to the next calls; those after them work. Forgets the calls until now.
    pub fn plan(&self, plan: impl IntoIterator<Item = Injected>) {
        let mut state = self.state.lock().unwrap();
        state.calls.clear();
        state.plan = plan.into_iter().collect();
    }

    /// The operations that were called since the plan was made.
    pub fn calls(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.calls.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The bodies of those calls.
    pub fn bodies(&self) -> Vec<serde_json::Value> {
        let state = self.state.lock().unwrap();
        let bodies = state.calls.iter();
        bodies
            .map(|(_, body)| serde_json::from_slice(body).unwrap())
            .collect()
    }
}

impl HttpClient for Faulty {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.inner.http_connector(settings, components),
            state: self.state.clone(),
        })
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    state: Arc<Mutex<State>>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let injected = {
            let mut state = self.state.lock().unwrap();
            let body = request.body().bytes().unwrap_or_default().to_vec();
            state.calls.push((name(&request), body));
            state.plan.pop_front().unwrap_or(Injected::Nothing)
        };
        match injected {
            Injected::Nothing => self.inner.call(request),
            Injected::NotSent => HttpConnectorFuture::ready(Err(late())),
            Injected::LoseReply => {
                let call = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    call.await.unwrap();
                    Err(late())
                })
            }
            Injected::Answer(status, body) => {
                let status = StatusCode::try_from(status).unwrap();
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
            }
        }
    }
}

fn late() -> ConnectorError {
    ConnectorError::timeout("the answer is late".into())
}

/// DynamoDB's operation; the method for a service that has none in its header.
fn name(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target");
    let operation = target.and_then(|target| target.rsplit('.').next());
    operation.unwrap_or(request.method()).to_owned()
}
