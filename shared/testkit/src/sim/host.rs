//! Purpose: the host of the real handlers: what each piece of work calls, with exactly the ports that its `Deps` lists.

use std::sync::Arc;

use domain::ids::{BuildId, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Command, Decision, Run};
use engine::approvals::Recipient;
use engine::ports::{Clock, Function, Keys};
use engine::{Fault, Invocation, queue};
use lambda_http::Request;

use super::agenda::{Way, Wish};
use super::executor::Boxed;
use super::people::login;
use super::requests::{claim, delivery};
use super::world::{Message, World};

/// Where the pages would be.
pub(super) const BASE_URL: &str = "https://ci.example.org";

/// One call of one function, or of a person's tool.
#[derive(Clone, Debug)]
pub enum Work {
    Messages(Function, Vec<Message>),
    Sweep,
    /// Deliveries are compared with GitHub's list.
    Repair,
    Deliver {
        push: usize,
    },
    Forge {
        push: usize,
        how: u32,
    },
    Claim {
        build: BuildId,
        tries: u32,
    },
    Decide(Wish),
    Cancel {
        run: StreamId,
        by: PersonId,
    },
}

impl Work {
    /// The function that is called; `person` for somebody's tool.
    pub fn function(&self) -> &'static str {
        match self {
            Self::Messages(function, _) => function.name(),
            Self::Sweep => "sweep",
            Self::Repair => "repair",
            Self::Deliver { .. } | Self::Forge { .. } => "webhook",
            Self::Claim { .. } => "claim",
            Self::Decide(_) => "approval",
            Self::Cancel { .. } => "person",
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Places in the batch of messages that failed.
    Failed(Vec<usize>),
    Status(u16),
    Nothing,
}

/// The future of one call. `call` is unique to it.
pub fn begin(world: &Arc<World>, work: &Work, call: String) -> Boxed<Answer> {
    let world = Arc::clone(world);
    match work {
        Work::Messages(function, messages) => {
            let doorbells: Vec<_> = messages.iter().map(|m| m.doorbell.clone()).collect();
            let function = *function;
            Box::pin(async move { answer_messages(&world, function, &doorbells, &call).await })
        }
        Work::Sweep => Box::pin(async move {
            // A sweep that fails is made good by the next one.
            match scheduler::sweep(&scheduler_deps(&world), &call).await {
                Ok(_) | Err(_) => Answer::Nothing,
            }
        }),
        Work::Repair => Box::pin(async move {
            let deps = scheduler::repair::Deps {
                journal: &world.journal,
                inbox: &world.journal,
                clock: &*world,
                doorbells: &*world,
                log: &*world,
            };
            match scheduler::repair::repair(&deps).await {
                Ok(_) => Answer::Nothing,
                Err(_) => Answer::Failed(Vec::new()),
            }
        }),
        Work::Deliver { push } => {
            let request = delivery(&world, *push, None);
            Box::pin(async move { webhook(&world, request, &call).await })
        }
        Work::Forge { push, how } => {
            let request = delivery(&world, *push, Some(*how));
            Box::pin(async move { webhook(&world, request, &call).await })
        }
        Work::Claim { build, .. } => {
            let request = claim(&world, build);
            Box::pin(async move {
                match request {
                    Some(request) => {
                        let response = builder::claim(&builder_deps(&world), request, &call).await;
                        Answer::Status(response.status().as_u16())
                    }
                    None => Answer::Nothing,
                }
            })
        }
        Work::Decide(wish) => {
            let wish = wish.clone();
            Box::pin(async move {
                match decide(&world, wish, call).await {
                    // A person sees the fault and may try again; nothing else follows.
                    Ok(()) | Err(_) => Answer::Nothing,
                }
            })
        }
        Work::Cancel { run, by } => {
            let (run, by) = (run.clone(), *by);
            Box::pin(async move {
                let command = Command::Cancel {
                    by: Some(by),
                    reason: "not wanted".to_owned(),
                };
                let actor = format!("person:{by}");
                let invocation = Invocation::new(&world.journal, &*world, &*world, actor, call);
                match invocation.submit::<Run>(&run, &command).await {
                    Ok(_) | Err(_) => Answer::Nothing,
                }
            })
        }
    }
}

fn scheduler_deps(world: &World) -> scheduler::Deps<'_> {
    scheduler::Deps {
        journal: &world.journal,
        inbox: &world.journal,
        clock: world,
        doorbells: world,
        sources: world,
        people: world,
        capacity: world.pool,
    }
}

fn builder_deps(world: &World) -> builder::Deps<'_> {
    builder::Deps {
        journal: &world.journal,
        clock: world,
        doorbells: world,
        builds: world,
        blobs: &world.blobs,
        keys: world,
    }
}

fn approval_deps(world: &World) -> approval::Deps<'_> {
    approval::Deps {
        journal: &world.journal,
        inbox: &world.journal,
        clock: world,
        doorbells: world,
        sources: world,
        people: world,
        repositories: world,
        keys: world,
        host: Some(world),
        base_url: BASE_URL,
    }
}

async fn answer_messages(
    world: &World,
    function: Function,
    doorbells: &[engine::ports::Doorbell],
    call: &str,
) -> Answer {
    let Ok(event) = queue::event(doorbells) else {
        return Answer::Failed((0..doorbells.len()).collect());
    };
    let response = match function {
        Function::Planner => {
            let deps = planner::Deps {
                journal: &world.journal,
                inbox: &world.journal,
                clock: world,
                doorbells: world,
                sources: world,
                people: world,
                repositories: world,
                host: Some(world),
                base_url: BASE_URL,
            };
            planner::handle(&deps, event, call).await
        }
        Function::Scheduler => scheduler::handle(&scheduler_deps(world), event, call).await,
        Function::Builder => builder::handle(&builder_deps(world), event, call).await,
        Function::Deployer => {
            let deps = deployer::Deps {
                journal: &world.journal,
                clock: world,
                doorbells: world,
                builds: world,
                blobs: &world.blobs,
                keys: world,
                people: world,
            };
            deployer::handle(&deps, event, call).await
        }
        Function::Approval => approval::doorbells(&approval_deps(world), event, call).await,
        Function::Notifier => {
            let deps = notifier::Deps {
                journal: &world.journal,
                clock: world,
                doorbells: world,
                sources: world,
                people: world,
                repositories: world,
                keys: world,
                mailer: world,
                announcer: None,
                checks: Some(world),
                comments: Some(world),
                base_url: BASE_URL,
            };
            notifier::handle(&deps, event, call).await
        }
    };
    let failures = response.batch_item_failures.iter();
    Answer::Failed(
        failures
            .filter_map(|f| f.item_identifier.parse().ok())
            .collect(),
    )
}

async fn webhook(world: &World, request: Option<Request>, call: &str) -> Answer {
    let Some(request) = request else {
        return Answer::Nothing;
    };
    let deps = webhook::Deps {
        inbox: &world.journal,
        doorbells: world,
        clock: world,
        secrets: &world.secrets,
    };
    let response = webhook::handle(&deps, request, call).await;
    Answer::Status(response.status().as_u16())
}

/// Records what the person truly wants, then hands it to the approval function, as the page and the command line do. A wish
/// that did not come from there goes to the run directly: the machine's own rules have to hold without that function.
async fn decide(world: &World, wish: Wish, call: String) -> Result<(), Fault> {
    let (Some(run), Some(repository)) = (wish.run.run_id(), wish.run.repository_id()) else {
        return Ok(());
    };
    if wish.way != Way::Forged {
        world.state().wants(&wish, &run);
    }
    if wish.way == Way::Approval {
        return approve(world, &run, repository, &wish, &call).await;
    }
    let mut decision = Decision {
        person: wish.person,
        approve: wish.approve,
        reason: "simulated".to_owned(),
        release: wish.release,
        at: world.now(),
        signature: "forged".to_owned(),
    };
    if wish.way == Way::Direct {
        let text = decision.signed_text(&run, &wish.environment);
        decision.signature = world.sign(text.as_bytes()).await?;
    }
    let actor = format!("person:{}", wish.person);
    let invocation = Invocation::new(&world.journal, world, world, actor, call);
    let command = Command::Decide {
        environment: wish.environment,
        decision,
    };
    match invocation.submit::<Run>(&wish.run, &command).await {
        Ok(_) => Ok(()),
        Err(refused) => Err(refused.into_fault()),
    }
}

/// With the code of the person's own mail.
async fn approve(
    world: &World,
    run: &RunId,
    repository: RepositoryId,
    wish: &Wish,
    call: &str,
) -> Result<(), Fault> {
    let deps = approval_deps(world);
    let Wish {
        environment,
        person,
        release,
        ..
    } = wish;
    let recipient = Recipient {
        run,
        environment,
        release,
        person: *person,
    };
    let code = recipient.code(world).await?.to_string();
    let suffix = release
        .as_str()
        .len()
        .saturating_sub(approval::SUFFIX_CHARS);
    let ask = approval::Ask {
        repository,
        run,
        environment,
        login: login(*person),
        code: &code,
        approve: wish.approve,
        reason: "simulated",
        release_suffix: release.as_str().get(suffix..).unwrap_or_default(),
    };
    match approval::decide_with_code(&deps, &ask, call).await {
        // A refusal is for the person, who may try again; nothing else follows.
        Ok(_) | Err(_) => Ok(()),
    }
}
