//! Purpose: `slipway retry RUN`: the same commit once more, for the same reason and by the same rules, as a new run with a
//! name of its own.

use domain::ids::PersonId;
use domain::plan::{PlannedStage, Role, Trigger};
use domain::run::{Opening, Run};
use engine::ports::Delivery;
use engine::{hand_in, load};
use github::Read;
use github::payload::{MANUAL_EVENT, ManualBody};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::find;
use crate::args::{Global, RetryArgs};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::machine::watch;
use crate::output::{self, style};

/// Hands the wish in and tells the new run's id.
pub async fn run(global: &Global, args: &RetryArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let stream = find::run(&backend, &args.run).await?;
    let run: Run = load(&*backend.journal, &stream).await?.state;
    let Some(opening) = &run.opening else {
        return Err(Failure::usage(format!("{stream} was never opened")));
    };
    let body = wish(&backend, opening, &args.reason).await?;
    let initiator = body.sender;
    let body = serde_json::to_string(&body)
        .map_err(|error| Failure::negative(format!("the wish cannot be said in JSON: {error}")))?;
    let guid = format!("manual-{}", Uuid::new_v4());
    let delivery = Delivery {
        guid: guid.clone(),
        event: MANUAL_EVENT.to_owned(),
        body,
        at_ms: Timestamp::now().as_millisecond(),
    };
    hand_in(&*backend.inbox, &*backend.doorbells, &delivery).await?;
    let id = planner::run_of(&guid);
    if global.json {
        let answer = json!({ "run": id, "delivery": guid, "repeats": opening.run, "commit": opening.commit });
        output::document(&answer)?;
        return Ok(0);
    }
    let name = style::paint(style::STRONG, id.as_str());
    output::line(format!(
        "Run {name} repeats {} at {}.",
        opening.run,
        opening.commit.short()
    ))?;
    let excludes = |stage: &PlannedStage| {
        let policy = stage.approval.as_ref();
        policy.is_some_and(|policy| policy.exclude.contains(&Role::Initiator))
    };
    let scheduled = matches!(opening.trigger, Trigger::Schedule { .. });
    if initiator.is_none() && !scheduled && opening.plan.stages.iter().any(excludes) {
        output::note(
            "Nobody that the machine knows started the first run, so nobody can be excluded as its initiator and no \
             approval will be asked for. Declare the person first: with `slipway people add`, on AWS in config/machine.yaml.",
        );
    }
    backend.note_if_nobody_acts();
    Ok(0)
}

/// The same commit for the same reason, by the same rules: a pull request stays one, so that it is not trusted with more the
/// second time.
async fn wish(backend: &Backend, opening: &Opening, reason: &str) -> Result<ManualBody, Failure> {
    let delivery = backend.inbox.delivery(&opening.delivery).await?;
    let asked = delivery.and_then(|first| match github::read(&first.event, &first.body) {
        Ok(Read::Asks(asked)) => Some(*asked),
        Ok(Read::Ignored { .. }) | Err(_) => None,
    });
    let (rules, before, sender) = match asked {
        Some(asked) => (asked.rules, asked.before, asked.sender),
        None => (None, None, None),
    };
    if rules.is_none() && opening.trigger.is_proposed() {
        let what = format!(
            "the delivery of run {} is not kept, so nobody knows by the rules of which commit it ran",
            opening.run
        );
        return Err(Failure::negative(what)
            .help("push to the pull request again, or put it into the merge queue again"));
    }
    Ok(ManualBody {
        repository: opening.repository,
        reference: opening.reference.clone(),
        commit: opening.commit.to_string(),
        trigger: Some(opening.trigger.clone()),
        rules,
        before,
        repeats: Some(opening.run.clone()),
        // Whoever started the first run may not approve the second one either.
        sender: match sender.or(opening.parties.initiator) {
            None => committer(backend, opening).await?,
            known => known,
        },
        reason: reason.to_owned(),
    })
}

/// As the watcher tells it of a push that nobody signed in for; the person may have been declared since.
async fn committer(backend: &Backend, opening: &Opening) -> Result<Option<PersonId>, Failure> {
    let Some(home) = &backend.home else {
        return Ok(None);
    };
    let mut entries = home.repositories.entries()?.into_iter();
    let polled = entries.any(|entry| entry.id == opening.repository && entry.polled);
    if !polled || matches!(opening.trigger, Trigger::Schedule { .. }) {
        return Ok(None);
    }
    let person = watch::sender(home, opening.repository, &opening.commit).await?;
    Ok(person.map(|person| person.id))
}
