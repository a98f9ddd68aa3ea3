//! Purpose: the JSON Schema of the pipeline file, generated from the types that hold it. Editors and the reader use it.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::file::PipelineFile;

/// The rules that no schema can say, by the code of their diagnostics. Everything else that the reader refuses, the
/// schema refuses too.
pub const NOT_IN_SCHEMA: &[(&str, &str)] = &[
    ("syntax", "a schema sees data, not text"),
    ("file-too-large", "a schema sees data, not text"),
    ("several-documents", "a schema sees data, not text"),
    ("empty-file", "a schema sees data, not text"),
    ("too-many-nodes", "a schema sees data, not text"),
    ("too-many-aliases", "a schema sees data, not text"),
    ("too-deep", "a schema sees data, not text"),
    ("unknown-alias", "a schema sees data, not text"),
    ("tag", "a schema sees data, not text"),
    ("duplicate-key", "a schema sees data, not text"),
    ("merge-key", "a schema sees data, not text"),
    ("bad-key", "a schema sees data, not text"),
    (
        "duration-out-of-range",
        "a schema cannot add hours and minutes",
    ),
    ("bad-percentage", "a schema cannot count decimals exactly"),
    ("bad-glob", "the grammar of globs nests"),
    (
        "bad-cron",
        "fields have bounds, names and steps; some days never come",
    ),
    ("unknown-time-zone", "the list of time zones changes"),
    ("bad-cache-variable", "variables inside a text"),
    ("bad-group-variable", "variables inside a text"),
    (
        "only-exceptions",
        "a list of `!` patterns alone selects nothing",
    ),
    ("unknown-need", "names refer to other keys"),
    ("self-need", "names refer to other keys"),
    ("needs-cycle", "names refer to other keys"),
    ("unknown-after", "names refer to other keys"),
    ("self-after", "names refer to other keys"),
    ("after-cycle", "names refer to other keys"),
    (
        "unreachable-environment",
        "branch lists of two environments are compared",
    ),
    (
        "environment-without-branches",
        "either of two lists, or another environment's",
    ),
    ("empty-approval", "either of two lists"),
    ("too-few-approvers", "a number is compared with a list"),
    ("gate-of-other-report", "which condition fits which kind"),
    ("matrix-without-cells", "combinations are counted"),
    ("too-many-cells", "combinations are counted"),
    ("too-many-jobs", "combinations are counted"),
    ("unknown-axis", "names refer to other keys"),
    ("missing-axis", "names refer to other keys"),
    ("excludes-nothing", "combinations are compared"),
    ("duplicate-cell", "combinations are compared"),
    (
        "same-text",
        "a number and a text that are written alike are one value of a matrix",
    ),
    ("duplicate-artifact", "names of several jobs are compared"),
    (
        "duplicate-schedule",
        "names of several schedules are compared",
    ),
    ("endless-freeze", "times are computed"),
    ("more", "it counts what is not listed"),
];

static SCHEMA: LazyLock<Value> = LazyLock::new(generate);

/// The schema, for editors: JSON Schema 2020-12. Keys that begin with `x-` are for the reader alone.
pub fn schema() -> Value {
    SCHEMA.clone()
}

/// The same, not copied.
pub(super) fn shared() -> &'static Value {
    &SCHEMA
}

fn generate() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(WithoutNull);
    SchemaGenerator::from(settings)
        .into_root_schema_for::<PipelineFile>()
        .to_value()
}

/// A key is left out rather than `null`: `Option` must not make `null` a value.
#[derive(Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        let is_null =
            |value: &Value| value == "null" || value.get("type").is_some_and(|t| t == "null");
        if let Some(object) = schema.as_object_mut() {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|kind| !is_null(kind));
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(mut options)) = object.remove("anyOf") {
                options.retain(|option| !is_null(option));
                match (options.len(), options.pop()) {
                    (1, Some(Value::Object(only))) => {
                        {
                            // The field's own description stays.
                            let only = only.into_iter().filter(|(key, _)| key != "description");
                            object.extend(only);
                        }
                    }
                    (_, Some(last)) => {
                        options.push(last);
                        object.insert("anyOf".to_owned(), Value::Array(options));
                    }
                    (_, None) => {}
                }
            }
        }
        transform_subschemas(self, schema);
    }
}

#[cfg(test)]
mod tests;
