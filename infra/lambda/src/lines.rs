//! Purpose: the log: one JSON object a line, with the request, the stream and the commit that it is about, and metrics in
//! CloudWatch's embedded format on the very line that reports what is counted, so that counting costs no call.
//!
//! A field `metric.Name = 1` of an event becomes the metric `Name` in the namespace `Slipway`, by function. Format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::fmt;
use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The namespace of our metrics.
pub const NAMESPACE: &str = "Slipway";
/// What the names of fields that are metrics begin with.
const METRIC: &str = "metric.";
/// Characters of one field at most; text of strangers is among them.
const MAX_TEXT: usize = 1000;
/// Crates whose lines are ours; of others only warnings are kept.
const OURS: [&str; 14] = [
    "approval",
    "aws",
    "builder",
    "dashboard",
    "deployer",
    "domain",
    "engine",
    "github",
    "github_api",
    "lambda",
    "notifier",
    "planner",
    "scheduler",
    "webhook",
];

/// Sends the log of this process to its standard output, which Lambda keeps.
///
/// `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets from the function's logging configuration, says from which level on.
///
/// # Errors
/// When this process has a log already.
pub fn init() -> Result<(), crate::Error> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let level = level(&variable("AWS_LAMBDA_LOG_LEVEL"));
    let lines = Lines::new(variable("AWS_LAMBDA_FUNCTION_NAME"), |line: &str| {
        // Without a log there is nobody to tell that there is none.
        drop(std::io::stdout().lock().write_all(line.as_bytes()));
    });
    let registry = tracing_subscriber::registry().with(lines.with_filter(targets(level)));
    Ok(registry.try_init()?)
}

/// The level of this name, in Lambda's words:
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
fn level(name: &str) -> LevelFilter {
    match name {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

/// Our lines from this level on, warnings of everybody else.
pub fn targets(level: LevelFilter) -> Targets {
    let ours = OURS.map(|name| (name, level));
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(ours)
}

/// Writes events as lines.
pub struct Lines<W> {
    function: String,
    write: W,
}

impl<W: Fn(&str) + 'static> Lines<W> {
    /// Lines of this function, each with its line end.
    pub fn new(function: impl Into<String>, write: W) -> Self {
        Self {
            function: function.into(),
            write,
        }
    }

    fn line(&self, level: Level, mut fields: Map<String, Value>) -> String {
        let names: Vec<String> = fields
            .keys()
            .filter_map(|name| name.strip_prefix(METRIC))
            .map(str::to_owned)
            .collect();
        fields.insert("level".to_owned(), json!(level.as_str()));
        if !names.is_empty() {
            for name in &names {
                if let Some(value) = fields.remove(&format!("{METRIC}{name}")) {
                    fields.insert(name.clone(), value);
                }
            }
            fields.insert("Function".to_owned(), json!(self.function));
            fields.insert("_aws".to_owned(), embedded(&names));
        }
        let mut line = Value::Object(fields).to_string();
        line.push('\n');
        line
    }
}

fn embedded(names: &[String]) -> Value {
    let unit = |name: &str| {
        if name.ends_with("Milliseconds") {
            "Milliseconds"
        } else {
            "Count"
        }
    };
    let metrics: Vec<Value> = names
        .iter()
        .map(|name| json!({"Name": name, "Unit": unit(name)}))
        .collect();
    json!({
        "Timestamp": Timestamp::now().as_millisecond(),
        "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics}],
    })
}

/// The fields of one span.
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Map::new();
        attributes.record(&mut Reader(&mut fields));
        span.extensions_mut().insert(Fields(fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(Fields(fields)) = span.extensions_mut().get_mut() {
            values.record(&mut Reader(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Map::new();
        // From the outermost span inwards: what is nearer is truer.
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(Fields(of_span)) = span.extensions().get() {
                fields.extend(of_span.clone());
            }
        }
        event.record(&mut Reader(&mut fields));
        (self.write)(&self.line(*event.metadata().level(), fields));
    }
}

/// Reads fields into a map.
struct Reader<'m>(&'m mut Map<String, Value>);

impl Reader<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.chars().take(MAX_TEXT).collect::<String>());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
