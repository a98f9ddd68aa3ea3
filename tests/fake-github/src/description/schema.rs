//! Purpose: a schema of OpenAPI 3.0 as one of JSON Schema: the same but for `nullable`, and for defaults that their
//! format does not know.

use serde_json::{Value, json};

use super::cut::below;

/// In JSON Schema's draft 4, which OpenAPI 3.0 is made of. <https://spec.openapis.org/oas/v3.0.3#schema-object>
pub(super) fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Array(list) => list.iter().map(json_schema).collect(),
        Value::Object(fields) if fields.contains_key("$ref") => schema.clone(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| *key != "nullable");
            let same: Value = kept
                .map(|(key, value)| (key.clone(), below(key, value, json_schema)))
                .collect();
            // `""` as the default of a URL stands for none, whatever the format says.
            let same = match fields.get("default") {
                Some(Value::String(none)) if none.is_empty() && fields.contains_key("format") => {
                    json!({ "anyOf": [{ "enum": [""] }, same] })
                }
                _ => same,
            };
            match fields.get("nullable") {
                Some(Value::Bool(true)) => json!({ "anyOf": [{ "type": "null" }, same] }),
                _ => same,
            }
        }
        other => other.clone(),
    }
}
