//! Purpose: one request and its answer against what the description says of the operation.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::http::{HeaderMap, StatusCode, header};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::exceptions::{MISTAKES, STATUSES, is_raw_file, stands_for};
use super::schema::json_schema;
use super::{DESCRIPTION, Operation, cut};

/// What is shown of one violation, characters.
const MAX_SHOWN: usize = 400;

/// A request, as it came in.
pub(crate) struct Asked<'a> {
    pub operation: &'a Operation,
    /// Names and values in the path.
    pub path: &'a [(String, String)],
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What was answered.
pub(crate) struct Answered<'a> {
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// A description that judges.
pub(crate) struct Description {
    document: Value,
    /// Its components, with schemas of JSON Schema.
    components: Value,
    /// Each made when it is used first.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

impl Description {
    /// GitHub's.
    pub fn official() -> Result<&'static Self, &'static str> {
        static OFFICIAL: LazyLock<Result<Description, String>> =
            LazyLock::new(|| Description::new(DESCRIPTION));
        OFFICIAL.as_ref().map_err(String::as_str)
    }

    pub fn new(text: &str) -> Result<Self, String> {
        let mut document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for mistake in MISTAKES {
            if let Some(wrong) = document.pointer_mut(mistake.place) {
                *wrong = json!({ "$ref": mistake.component });
            }
        }
        let schemas = document["components"]["schemas"].as_object();
        let schemas = schemas.into_iter().flatten();
        let schemas: Value = schemas
            .map(|(name, schema)| (name.clone(), json_schema(schema)))
            .collect();
        Ok(Self {
            document,
            components: json!({ "schemas": schemas }),
            validators: Mutex::default(),
        })
    }

    /// What is wrong with a request; nothing if it is as described.
    pub fn request(&self, asked: &Asked<'_>) -> Vec<String> {
        let Some(described) = self.operation(asked.operation) else {
            return vec!["it is not described".to_owned()];
        };
        let mut wrong = self.parameters(described, asked);
        let key = format!("{} body", asked.operation);
        match described.get("requestBody") {
            None if asked.body.is_empty() => {}
            None => wrong.push("a body, and none is described".to_owned()),
            Some(body) => {
                let body = self.resolved(body);
                if !asked.body.is_empty() || body["required"] == true {
                    let content = body.get("content");
                    wrong.extend(self.content(&key, content, asked.headers, asked.body));
                }
            }
        }
        wrong
    }

    /// What is wrong with an answer; nothing if it is as described.
    pub fn response(&self, asked: &Asked<'_>, answered: &Answered<'_>) -> Vec<String> {
        let Some(described) = self.operation(asked.operation) else {
            return Vec::new();
        };
        let status = answered.status.as_u16();
        let key = format!("{} {status}", asked.operation);
        let exception = STATUSES.iter().find(|one| (one.is)(asked, answered));
        let response = described["responses"].get(status.to_string());
        if let Some(response) = response.map(|one| self.resolved(one)) {
            if is_raw_file(asked, media_type(answered.headers)) && status == 200 {
                return Vec::new();
            }
            let content = response.get("content");
            // An error of which no more is said than what it means has the usual body.
            if content.is_some() || exception.is_none() {
                return self.content(&key, content, answered.headers, answered.body);
            }
        }
        let Some(exception) = exception else {
            return vec![format!("status {status} is not described")];
        };
        let error = json!({
            "application/json": { "schema": { "$ref": "#/components/schemas/basic-error" } }
        });
        let content = exception.is_error.then_some(&error);
        let wrong = self.content(&key, content, answered.headers, answered.body);
        let why = exception.why;
        let wrong = wrong.into_iter();
        wrong
            .map(|what| format!("{what} (taken for {why})"))
            .collect()
    }

    fn operation(&self, operation: &Operation) -> Option<&Value> {
        self.document["paths"][&operation.path].get(&operation.method)
    }

    /// What a reference leads to.
    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        let Some(reference) = value["$ref"].as_str() else {
            return value;
        };
        let (kind, name) = cut::component(reference).unwrap_or_default();
        &self.document["components"][kind][name]
    }

    fn parameters(&self, described: &Value, asked: &Asked<'_>) -> Vec<String> {
        let query: Vec<(String, String)> = form_urlencoded::parse(asked.query.as_bytes())
            .into_owned()
            .collect();
        let listed = described["parameters"].as_array();
        let listed: Vec<&Value> = listed
            .into_iter()
            .flatten()
            .map(|one| self.resolved(one))
            .collect();
        let mut wrong = Vec::new();
        for parameter in &listed {
            let name = parameter["name"].as_str().unwrap_or_default();
            let (given, place) = match parameter["in"].as_str() {
                Some("path") => (asked.path, "path"),
                Some("query") => (query.as_slice(), "query"),
                _ => continue,
            };
            let key = format!("{} {place} {name}", asked.operation);
            match given.iter().find(|(known, _)| known == name) {
                Some((_, text)) => {
                    let schema = &parameter["schema"];
                    wrong.extend(self.check(&key, schema, &typed(text, schema)));
                }
                None if parameter["required"] == true && !stands_for(name, given) => {
                    wrong.push(format!("{place} {name} is missing"));
                }
                None => {}
            }
        }
        let known = |name: &str| {
            let mut known = listed.iter();
            known.any(|one| one["in"] == "query" && one["name"] == name)
        };
        let unknown = query.iter().filter(|(name, _)| !known(name));
        wrong.extend(unknown.map(|(name, _)| format!("query {name} is not described")));
        wrong
    }

    /// A body against the media types that it may have; without one there is no body.
    fn content(
        &self,
        key: &str,
        content: Option<&Value>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Vec<String> {
        let Some(content) = content else {
            return match body.is_empty() {
                true => Vec::new(),
                false => vec!["a body, and none is described".to_owned()],
            };
        };
        let media_type = media_type(headers);
        let Some(described) = content.get(media_type) else {
            return vec![format!("media type {media_type:?} is not described")];
        };
        if media_type != "application/json" {
            return Vec::new();
        }
        match serde_json::from_slice(body) {
            Ok(value) => self.check(key, &described["schema"], &value),
            Err(error) => vec![format!("the body is no JSON: {error}")],
        }
    }

    /// A value against a schema; `key` names the schema.
    fn check(&self, key: &str, schema: &Value, value: &Value) -> Vec<String> {
        let validator = match self.validator(key, schema) {
            Ok(validator) => validator,
            Err(error) => return vec![format!("the schema of {key} is not understood: {error}")],
        };
        let errors = validator.iter_errors(value);
        errors
            .map(|error| {
                let text: String = error.to_string().chars().take(MAX_SHOWN).collect();
                format!("{}: {text}", error.instance_path())
            })
            .collect()
    }

    fn validator(&self, key: &str, schema: &Value) -> Result<Arc<Validator>, String> {
        let mut made = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = made.get(key) {
            return Ok(Arc::clone(validator));
        }
        let whole = json!({ "components": self.components, "allOf": [json_schema(schema)] });
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(&whole)
            .map_err(|error| error.to_string())?;
        let validator = Arc::new(validator);
        made.insert(key.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}

/// A text of a path or a query as the value that its schema wants, if it is one.
fn typed(text: &str, schema: &Value) -> Value {
    let value = match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().ok().map(Value::from),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or_else(|| text.into())
}

/// Without parameters, such as the charset.
fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    text.and_then(|text| text.split(';').next())
        .map_or("", str::trim)
}
