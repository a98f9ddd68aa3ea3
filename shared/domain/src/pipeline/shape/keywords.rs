//! Purpose: the keywords of JSON Schema that the pipeline file's schema uses, each on its own.

use serde_json::Value;

use super::super::diagnostic::Complaint;
use super::super::node::{Node, Type};
use super::super::{duration, text};

pub fn rule_of(schema: &Value) -> Option<&'static text::Rule> {
    schema
        .get("x-rule")
        .and_then(Value::as_str)
        .and_then(text::rule)
}

pub fn duration_range(schema: &Value, text: &str) -> Option<Complaint> {
    let (low, high) = (
        number(schema, "x-minimum-seconds")?,
        number(schema, "x-maximum-seconds")?,
    );
    let seconds = duration::parse(text).ok()?;
    let out = !(low..=high).contains(&seconds);
    out.then(|| duration::out_of_range(text, low, high))
}

pub fn range(schema: &Value, node: &Node, label: &str) -> Option<Complaint> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let (low, high) = (bound("minimum"), bound("maximum"));
    let value = node.number()?;
    let good = low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high);
    if good && !value.is_nan() {
        return None;
    }
    let message = match (low, high) {
        (Some(low), Some(high)) => format!("{label} must be between {low} and {high}"),
        (Some(low), None) => format!("{label} must be at least {low}"),
        (None, Some(high)) => format!("{label} must be at most {high}"),
        (None, None) => return None,
    };
    Some(Complaint::new("out-of-range", message))
}

/// `enum`, or the constants of `oneOf`, as text.
pub fn allowed_values(schema: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let listed = schema
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let constants = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    listed
        .chain(constants.filter_map(|option| option.get("const")))
        .filter_map(text)
        .collect()
}

pub fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let one = schema.get("type").and_then(Value::as_str).into_iter();
    let many = schema
        .get("type")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    // An enumeration with a text for each variant states its type in the variants.
    let variants = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(1);
    let variants = variants
        .filter_map(|option| option.get("type"))
        .filter_map(Value::as_str);
    one.chain(many.filter_map(Value::as_str)).chain(variants)
}

pub fn has_type(schema: &Value, node: &Node) -> bool {
    let given = node.type_of();
    types(schema).any(|name| match name {
        "string" => given == Type::Text,
        // `2.0` is a whole number: <https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1>.
        "integer" => node.number().is_some_and(|number| number.fract() == 0.0),
        "number" => matches!(given, Type::Integer | Type::Number),
        "boolean" => given == Type::Boolean,
        "array" => given == Type::List,
        "object" => given == Type::Map,
        _ => false,
    })
}

pub fn type_word(name: &str) -> Option<&'static str> {
    match name {
        "string" => Some("a text"),
        "integer" => Some("a whole number"),
        "number" => Some("a number"),
        "boolean" => Some("true or false"),
        "array" => Some("a list"),
        "object" => Some("a mapping"),
        _ => None,
    }
}

pub fn number(schema: &Value, name: &str) -> Option<u64> {
    schema.get(name).and_then(Value::as_u64)
}

pub fn length<T>(list: &[T]) -> u64 {
    list.len() as u64
}
