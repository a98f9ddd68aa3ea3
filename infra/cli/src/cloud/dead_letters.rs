//! Purpose: `slipway dlq list`, `show` and `redrive`: the dead letters of a stack's six queues.

use std::collections::BTreeMap;

use anstyle::Style;
use aws::queues::{DeadLetter, DeadLetters, MAX_LISTED};
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Function, Head, Journal};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::args::remote::RedriveArgs;
use crate::args::{DlqCommand, Global};
use crate::commands::standing;
use crate::failure::Failure;
use crate::output::style::{self, paint};
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, clean};

/// Characters of a message's id that are shown.
const ID_CHARS: usize = 8;

/// A message and the function that could not deal with it.
struct Found {
    function: Function,
    queue: DeadLetters,
    letter: DeadLetter,
}

/// What one queue holds.
type Look = (Function, DeadLetters, Vec<DeadLetter>);

/// Where the streams of messages stand.
type Heads = BTreeMap<StreamId, Head>;

/// Lists, shows or puts back.
pub async fn run(global: &Global, stack: &str, command: DlqCommand) -> Result<u8, Failure> {
    let (config, stack) = super::find(stack).await?;
    let journal = super::of(&config, &stack)?.journal;
    let wanted = match &command {
        DlqCommand::List { queue } => *queue,
        DlqCommand::Show { .. } => None,
        DlqCommand::Redrive(args) => args.queue,
    };
    let wanted = wanted.map(Function::from);
    let queues = stack.queues()?.into_iter();
    let queues = queues.filter(|(function, _)| wanted.is_none_or(|wanted| wanted == *function));
    let mut looks = JoinSet::new();
    for (function, url) in queues {
        let config = config.clone();
        looks.spawn(async move {
            let queue = DeadLetters::of(&config, &url).await?;
            let letters = queue.hold(MAX_LISTED).await?;
            Ok::<_, Fault>((function, queue, letters))
        });
    }
    let found = held(looks).await?;
    let heads = heads(&*journal, &found).await;
    if let (DlqCommand::Redrive(args), Ok(heads)) = (&command, &heads) {
        return redrive(global, args, &found, heads).await;
    }
    release(&found.iter().collect::<Vec<_>>()).await?;
    let heads = heads?;
    match &command {
        DlqCommand::Show { id } => show(global, one(&found, id)?, &heads),
        _ => list(global, &found, &heads),
    }
}

/// All of them, the oldest first. What one queue holds is released again when another does not answer.
async fn held(mut looks: JoinSet<Result<Look, Fault>>) -> Result<Vec<Found>, Failure> {
    let mut found: Vec<Found> = Vec::new();
    let mut failure: Option<Failure> = None;
    while let Some(look) = looks.join_next().await {
        match look {
            Ok(Ok((function, queue, letters))) => {
                found.extend(letters.into_iter().map(|letter| Found {
                    function,
                    queue: queue.clone(),
                    letter,
                }));
            }
            Ok(Err(fault)) => failure = Some(fault.into()),
            Err(error) => {
                failure = Some(Failure::unavailable(format!("a look broke off: {error}")));
            }
        }
    }
    if let Some(failure) = failure {
        release(&found.iter().collect::<Vec<_>>()).await?;
        return Err(failure);
    }
    found.sort_by(|a, b| (a.letter.sent_ms, &a.letter.id).cmp(&(b.letter.sent_ms, &b.letter.id)));
    Ok(found)
}

async fn release(found: &[&Found]) -> Result<(), Failure> {
    for function in Function::ALL {
        let of_queue = found.iter().filter(|found| found.function == function);
        let letters: Vec<DeadLetter> = of_queue.clone().map(|f| f.letter.clone()).collect();
        if let Some(first) = of_queue.clone().next() {
            first.queue.release(&letters).await?;
        }
    }
    Ok(())
}

/// The heads of the streams that were rung for, each read once.
async fn heads(journal: &dyn Journal, found: &[Found]) -> Result<Heads, Failure> {
    let mut heads = Heads::new();
    for stream in found
        .iter()
        .filter_map(|found| found.letter.stream.as_ref())
    {
        if heads.contains_key(stream) {
            continue;
        }
        if let Some(head) = journal.head(stream).await? {
            heads.insert(stream.clone(), head);
        }
    }
    Ok(heads)
}

/// The message whose id begins so.
fn one<'f>(found: &'f [Found], id: &str) -> Result<&'f Found, Failure> {
    let fitting: Vec<&Found> = found
        .iter()
        .filter(|found| found.letter.id.starts_with(id))
        .collect();
    match fitting.as_slice() {
        [only] => Ok(only),
        [] => Err(Failure::usage(format!(
            "no dead letter's id begins with {id:?}"
        ))
        .help("`slipway dlq list` shows them; one that somebody else looks at is hidden for a minute")),
        many => {
            let ids: Vec<&str> = many.iter().map(|found| found.letter.id.as_str()).collect();
            Err(
                Failure::usage(format!("{} dead letters have ids that begin with {id:?}", ids.len()))
                    .help(format!("name one of: {}", ids.join(", "))),
            )
        }
    }
}

fn head<'h>(found: &Found, heads: &'h Heads) -> Option<&'h Head> {
    heads.get(found.letter.stream.as_ref()?)
}

fn list(global: &Global, found: &[Found], heads: &Heads) -> Result<u8, Failure> {
    if global.json {
        for found in found {
            output::json_line(&as_json(found, heads))?;
        }
        return Ok(0);
    }
    if found.is_empty() {
        output::note("There are no dead letters.");
        return Ok(0);
    }
    let now = Timestamp::now();
    let mut table = Table::new(&[
        ("ID", Fit::Whole),
        ("FUNCTION", Fit::Whole),
        ("STREAM", Fit::Whole),
        ("RECEIVED", Fit::Spare),
        ("SENT", Fit::Whole),
        ("ITS STREAM", Fit::Cut),
    ]);
    for found in found {
        let letter = &found.letter;
        let id = letter.id.get(..ID_CHARS).unwrap_or(&letter.id);
        let (stream, look) = stream(letter);
        let stands = head(found, heads).map(standing::of);
        let (standing, how) = stands.unwrap_or((String::new(), style::PLAIN));
        table.row([
            Cell::styled(id, style::STRONG),
            Cell::new(found.function.name()),
            Cell::styled(stream, look),
            Cell::new(domain::words::counted(u64::from(letter.receives), "time")),
            Cell::styled(output::ago(letter.sent_ms, now), style::FAINT),
            Cell::styled(standing, how),
        ]);
    }
    output::write(&table.render(output::width()))?;
    Ok(0)
}

fn stream(letter: &DeadLetter) -> (String, Style) {
    match &letter.stream {
        Some(stream) => (clean(stream.as_str()), style::PLAIN),
        None => ("no doorbell".to_owned(), style::BAD),
    }
}

fn show(global: &Global, found: &Found, heads: &Heads) -> Result<u8, Failure> {
    if global.json {
        output::document(&as_json(found, heads))?;
        return Ok(0);
    }
    let letter = &found.letter;
    let head = head(found, heads);
    let stands = match (&letter.stream, head) {
        (None, _) => "nothing: it is no doorbell".to_owned(),
        (Some(_), None) => "there is no such stream in the journal".to_owned(),
        (Some(_), Some(head)) => standing::of(head).0,
    };
    let received = domain::words::counted(u64::from(letter.receives), "time");
    let lines = [
        ("id", letter.id.clone()),
        ("function", found.function.name().to_owned()),
        ("stream", stream(letter).0),
        ("stands", stands),
        (
            "received",
            format!("{received}, looks at the dead letters among them"),
        ),
        ("sent", output::exact(letter.sent_ms)),
        ("body", clean(&letter.body)),
    ];
    for (name, value) in lines {
        output::line(format!(
            "{}  {value}",
            paint(style::FAINT, &format!("{name:<8}"))
        ))?;
    }
    Ok(0)
}

/// Puts back what was asked for, one by one, and says of each what was done.
async fn redrive(
    global: &Global,
    args: &RedriveArgs,
    found: &[Found],
    heads: &Heads,
) -> Result<u8, Failure> {
    let wanted: Result<Vec<&Found>, Failure> = match &args.id {
        Some(id) => one(found, id).map(|found| vec![found]),
        None => Ok(found.iter().collect()),
    };
    let chosen: Vec<&str> = wanted
        .iter()
        .flatten()
        .map(|found| found.letter.id.as_str())
        .collect();
    let rest = found
        .iter()
        .filter(|found| !chosen.contains(&found.letter.id.as_str()));
    release(&rest.collect::<Vec<_>>()).await?;
    let wanted = wanted?;
    for (done, found) in wanted.iter().enumerate() {
        if let Err(fault) = found.queue.put_back(&found.letter).await {
            release(&wanted[done..]).await?;
            return Err(fault.into());
        }
        if global.json {
            let mut line = as_json(found, heads);
            line["redriven"] = Value::Bool(true);
            output::json_line(&line)?;
        } else {
            output::line(redriven(found, heads))?;
        }
    }
    if wanted.is_empty() && !global.json {
        output::note("There are no dead letters.");
    }
    Ok(0)
}

fn redriven(found: &Found, heads: &Heads) -> String {
    let Found {
        function, letter, ..
    } = found;
    let id = letter.id.get(..ID_CHARS).unwrap_or(&letter.id);
    let (id, name) = (paint(style::STRONG, id), function.name());
    let Some(stream) = &letter.stream else {
        return format!("{id}  back in the queue of the {name}, though it is no doorbell");
    };
    let stream = clean(stream.as_str());
    let but = match head(found, heads) {
        Some(head) if head.quarantine.is_some() => {
            format!("; it stays in quarantine until `slipway journal release {stream}`")
        }
        None => "; the journal has no such stream".to_owned(),
        Some(_) => String::new(),
    };
    format!("{id}  the {name} is rung again for {stream}{but}")
}

fn as_json(found: &Found, heads: &Heads) -> Value {
    let letter = &found.letter;
    let head = head(found, heads);
    json!({
        "id": letter.id,
        "function": found.function.name(),
        "stream": letter.stream,
        "receives": letter.receives,
        "sent_ms": letter.sent_ms,
        "body": letter.body,
        "quarantine": head.and_then(|head| head.quarantine.as_ref()),
        "failures": head.map(|head| head.failures),
    })
}
