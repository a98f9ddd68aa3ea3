//! Purpose: the eight functions with what each may touch: the wiring that `main.rs` of a Lambda does, for one process.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsBatchResponse;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Doorbell, Function, Mailer};
use engine::queue;
use engine::tasks;
use github::Secrets;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use local::process::{Claim, ClaimAnswer, ClaimGate, ProcessBuilder};
use uuid::Uuid;

use super::hosting::Hosting;
use super::queues::Queues;
use crate::home::{Home, SystemClock};

/// Everything that functions are made of.
pub struct Functions {
    pub home: Home,
    pub hosting: Hosting,
    pub queues: Arc<Queues>,
    pub builds: ProcessBuilder,
    pub mailer: Box<dyn Mailer>,
    pub secrets: Secrets,
    /// `http://127.0.0.1:7878`.
    pub base_url: String,
    /// Jobs at once.
    pub capacity: usize,
}

static CLOCK: SystemClock = SystemClock;

impl Functions {
    /// One doorbell, as SQS would deliver it.
    pub async fn ring(
        &self,
        function: Function,
        stream: &StreamId,
    ) -> Result<SqsBatchResponse, Fault> {
        let event = queue::event(&[Doorbell {
            stream: stream.clone(),
        }])?;
        let call = call_id();
        Ok(match function {
            Function::Planner => planner::handle(&self.planner(), event, &call).await,
            Function::Scheduler => scheduler::handle(&self.scheduler(), event, &call).await,
            Function::Builder => builder::handle(&self.builder(), event, &call).await,
            Function::Deployer => deployer::handle(&self.deployer(), event, &call).await,
            Function::Approval => approval::doorbells(&self.approval(), event, &call).await,
            Function::Notifier => notifier::handle(&self.notifier(), event, &call).await,
        })
    }

    /// Looks at what is due.
    pub async fn sweep(&self) -> Result<usize, Fault> {
        scheduler::sweep(&self.scheduler(), &call_id()).await
    }

    /// Answers a request as API Gateway's routes would.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        let call = call_id();
        match request.uri().path() {
            "/webhook" => webhook::handle(&self.webhook(), request, &call).await,
            "/claims" => builder::claim(&self.builder(), request, &call).await,
            path if path.starts_with("/approvals/") => {
                approval::handle(&self.approval(), request, &call).await
            }
            _ => dashboard::handle(&self.dashboard(), request, &call).await,
        }
    }

    fn webhook(&self) -> webhook::Deps<'_> {
        webhook::Deps {
            inbox: &*self.home.journal,
            doorbells: &*self.queues,
            clock: &CLOCK,
            secrets: &self.secrets,
        }
    }

    fn planner(&self) -> planner::Deps<'_> {
        planner::Deps {
            journal: &*self.home.journal,
            inbox: &*self.home.journal,
            clock: &CLOCK,
            doorbells: &*self.queues,
            sources: &*self.hosting.sources,
            people: &*self.home.people,
            repositories: &*self.home.repositories,
            host: self.hosting.pull_requests.as_deref(),
            base_url: &self.base_url,
        }
    }

    fn scheduler(&self) -> scheduler::Deps<'_> {
        scheduler::Deps {
            journal: &*self.home.journal,
            inbox: &*self.home.journal,
            clock: &CLOCK,
            doorbells: &*self.queues,
            sources: &*self.hosting.sources,
            people: &*self.home.people,
            capacity: self.capacity,
        }
    }

    fn builder(&self) -> builder::Deps<'_> {
        builder::Deps {
            journal: &*self.home.journal,
            clock: &CLOCK,
            doorbells: &*self.queues,
            builds: &self.builds,
            blobs: &*self.home.blobs,
            keys: &*self.home.keys,
        }
    }

    fn deployer(&self) -> deployer::Deps<'_> {
        deployer::Deps {
            journal: &*self.home.journal,
            clock: &CLOCK,
            doorbells: &*self.queues,
            builds: &self.builds,
            blobs: &*self.home.blobs,
            keys: &*self.home.keys,
            people: &*self.home.people,
        }
    }

    fn notifier(&self) -> notifier::Deps<'_> {
        notifier::Deps {
            journal: &*self.home.journal,
            clock: &CLOCK,
            doorbells: &*self.queues,
            sources: &*self.hosting.sources,
            people: &*self.home.people,
            repositories: &*self.home.repositories,
            keys: &*self.home.keys,
            mailer: &*self.mailer,
            // One computer has no topic: its people get their mails.
            announcer: None,
            checks: self.hosting.checks.as_deref(),
            comments: self.hosting.comments.as_deref(),
            base_url: &self.base_url,
        }
    }

    fn approval(&self) -> approval::Deps<'_> {
        approval::Deps {
            journal: &*self.home.journal,
            inbox: &*self.home.journal,
            clock: &CLOCK,
            doorbells: &*self.queues,
            sources: &*self.hosting.sources,
            people: &*self.home.people,
            repositories: &*self.home.repositories,
            keys: &*self.home.keys,
            host: self.hosting.pull_requests.as_deref(),
            base_url: &self.base_url,
        }
    }

    fn dashboard(&self) -> dashboard::Deps<'_> {
        dashboard::Deps {
            journal: &*self.home.journal,
            clock: &CLOCK,
            logs: &self.builds,
            sources: Some(&*self.hosting.sources),
            people: &*self.home.people,
            repositories: &*self.home.repositories,
        }
    }
}

/// Unique to one call of one function.
fn call_id() -> String {
    Uuid::new_v4().to_string()
}

/// Lets builds claim at the builder function, as a build on CodeBuild does over HTTPS.
#[derive(Default)]
pub struct BuilderClaims {
    functions: std::sync::OnceLock<std::sync::Weak<Functions>>,
}

impl BuilderClaims {
    /// Connects the gate with the functions; builds start only afterwards.
    pub fn connect(&self, functions: &Arc<Functions>) {
        self.functions.get_or_init(|| Arc::downgrade(functions));
    }
}

#[async_trait]
impl ClaimGate for BuilderClaims {
    async fn claim(&self, claim: &Claim) -> Result<ClaimAnswer, Fault> {
        let stopped = || Fault::Unavailable("the machine is stopping".to_owned());
        let functions = self
            .functions
            .get()
            .and_then(std::sync::Weak::upgrade)
            .ok_or_else(stopped)?;
        let response = functions.answer(claim_request(claim)?).await;
        let answer: Option<tasks::ClaimAnswer> =
            serde_json::from_slice(response.body().as_ref()).ok();
        let why = answer.map_or_else(|| "no reason was given".to_owned(), |answer| answer.why);
        match response.status() {
            StatusCode::OK => Ok(ClaimAnswer::Granted),
            StatusCode::SERVICE_UNAVAILABLE => Err(Fault::Unavailable(why)),
            _ => Ok(ClaimAnswer::Refused(why)),
        }
    }
}

fn claim_request(claim: &Claim) -> Result<Request, Fault> {
    let bad = |error: String| Fault::Malformed(format!("a claim: {error}"));
    let claim = tasks::Claim {
        intent: claim.intent.clone(),
        build: claim.build.clone(),
        secret: claim.secret.clone(),
    };
    let body = serde_json::to_string(&claim).map_err(|error| bad(error.to_string()))?;
    lambda_http::http::Request::builder()
        .method(Method::POST)
        .uri("/claims")
        .body(Body::Text(body))
        .map_err(|error| bad(error.to_string()))
}
