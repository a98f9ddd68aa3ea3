//! Purpose: where the simulator makes the calls of in-memory ports fail.

use std::sync::Arc;

use engine::Fault;

use crate::yielding::yield_now;

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// Nothing: it works.
    None,
    /// `Unavailable`, and nothing has happened.
    FailBefore,
    /// `Unavailable`, although it has happened: the reply is lost.
    LoseReply,
}

/// Decides for each call; asked once, at the moment the call would take effect.
pub trait Faults: Send + Sync {
    /// `call` is the port and the method, `journal.append`.
    fn at(&self, call: &'static str) -> Injected;
}

/// Everything works.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn at(&self, _: &'static str) -> Injected {
        Injected::None
    }
}

/// One call of an in-memory port: a turn for others, the effect at once, a turn again, the reply. A future that is dropped
/// between the turns is a crash after the effect and before the reply.
pub async fn call<T>(
    faults: &Arc<dyn Faults>,
    name: &'static str,
    effect: impl FnOnce() -> Result<T, Fault> + Send,
) -> Result<T, Fault>
where
    T: Send,
{
    yield_now().await;
    let injected = faults.at(name);
    if injected == Injected::FailBefore {
        return Err(unavailable(name));
    }
    let reply = effect();
    yield_now().await;
    if injected == Injected::LoseReply {
        return Err(unavailable(name));
    }
    reply
}

fn unavailable(name: &str) -> Fault {
    Fault::Unavailable(format!("{name} did not answer"))
}
