//! Purpose: GitHub's OpenAPI description cut down to the operations in use, with every component that they refer to.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Operation;

/// What is said for people, and not for programs.
const PROSE: &[&str] = &[
    "description",
    "summary",
    "example",
    "examples",
    "externalDocs",
    "tags",
    "title",
    "operationId",
];
/// Keys whose value maps names to things: a name may be any word, also one of those above.
const MAPS: &[&str] = &[
    "properties",
    "patternProperties",
    "headers",
    "responses",
    "content",
    "paths",
    "schemas",
    "parameters",
];
/// Keys whose value is data and not description.
const DATA: &[&str] = &["enum", "default", "required"];

/// The part of a description that these operations need.
///
/// # Errors
/// When the description has no such operation, or refers to something that it does not have.
pub fn cut(description: &Value, operations: &[Operation]) -> Result<Value, String> {
    let mut paths = Map::new();
    for operation in operations {
        let Operation { method, path } = operation;
        let found = description["paths"][path].get(method);
        let found = found.ok_or_else(|| format!("{operation} is not described"))?;
        paths
            .entry(path.clone())
            .or_insert_with(|| json!({}))
            .as_object_mut()
            .map(|methods| methods.insert(method.clone(), pruned(found)));
    }
    let mut whole = json!({
        "openapi": description["openapi"],
        "info": { "version": description["info"]["version"], "license": description["info"]["license"] },
        "paths": paths,
        "components": {},
    });
    let mut wanted = references(&whole["paths"]);
    let mut taken = BTreeSet::new();
    while let Some(reference) = wanted.pop_first() {
        if !taken.insert(reference.clone()) {
            continue;
        }
        let (kind, name) = component(&reference)
            .ok_or_else(|| format!("{reference} is no component of the description"))?;
        let found = description["components"][kind].get(name);
        let found = pruned(found.ok_or_else(|| format!("{reference} is not there"))?);
        wanted.extend(references(&found));
        whole["components"][kind][name] = found;
    }
    Ok(whole)
}

/// Kind and name of a component.
pub(super) fn component(reference: &str) -> Option<(&str, &str)> {
    reference.strip_prefix("#/components/")?.split_once('/')
}

/// Without prose and without what only GitHub's own tools read.
fn pruned(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(pruned).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| {
                let extension = key.starts_with("x-") && *key != "x-multi-segment";
                !extension && !PROSE.contains(&key.as_str())
            });
            kept.map(|(key, value)| (key.clone(), below(key, value, pruned)))
                .collect()
        }
        other => other.clone(),
    }
}

/// What stands under a key of a description, changed by `change` wherever it is description again.
pub(super) fn below(key: &str, value: &Value, change: fn(&Value) -> Value) -> Value {
    match value {
        value if DATA.contains(&key) => value.clone(),
        Value::Object(named) if MAPS.contains(&key) => named
            .iter()
            .map(|(name, value)| (name.clone(), change(value)))
            .collect(),
        value => change(value),
    }
}

fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(references).collect(),
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(reference) => BTreeSet::from([reference.to_owned()]),
            None => fields.values().flat_map(references).collect(),
        },
        _ => BTreeSet::new(),
    }
}
