//! Purpose: what a webhook gets of pushes and of pull requests.

use serde_json::{Value, json};

use super::shapes;
use crate::FakeGitHub;

/// No commit.
const ZERO: &str = "0000000000000000000000000000000000000000";

impl FakeGitHub {
    /// The payload of `push`: a full ref moved from one commit to another; noughts are no commit.
    /// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
    pub fn push_payload(
        &self,
        repository: u64,
        reference: &str,
        (before, after): (&str, &str),
        sender: u64,
    ) -> Value {
        let state = self.world.state();
        let mut payload = shapes::event(&self.world.api, &state, repository, sender);
        let more = json!({
            "ref": reference,
            "before": before,
            "after": after,
            "created": before == ZERO,
            "deleted": after == ZERO,
            "forced": false,
            "base_ref": null,
            "commits": [],
            "head_commit": null,
            "pusher": { "name": payload["sender"]["login"] },
        });
        shapes::extend(&mut payload, more);
        payload
    }

    /// The payload of `pull_request`; `null` when there is none of this number.
    /// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request>
    pub fn pull_payload(&self, repository: u64, number: u64, action: &str, sender: u64) -> Value {
        let state = self.world.state();
        let Some(pull) = state.conversations.pull(repository, number) else {
            return Value::Null;
        };
        let mut payload = shapes::event(&self.world.api, &state, repository, sender);
        let more = json!({
            "action": action,
            "number": number,
            "pull_request": shapes::pull(&self.world.api, &state, pull),
        });
        shapes::extend(&mut payload, more);
        payload
    }
}
