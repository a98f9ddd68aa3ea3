//! Purpose: holds a tree against the JSON Schema of the pipeline file and goes on after each mistake.
//!
//! It knows the part of JSON Schema that [`schema`](super::schema) generates, and `x-rule` for the rules that a regular
//! expression cannot say. A test holds that it and a full JSON Schema validator accept the same files.

mod keywords;

use serde_json::{Map, Value};

use keywords::{
    allowed_values, duration_range, has_type, length, number, range, rule_of, type_word, types,
};

use super::diagnostic::{Complaint, Diagnostics, Place, did_you_mean, listed, shown, suggest};
use super::gate::Percent;
use super::node::{Key, Kind, Node, Type};
use super::{schema, text};

/// Adds every mistake of shape to `out`.
pub fn check(root: &Node, out: &mut Diagnostics) {
    let schema = schema::shared();
    let definitions = schema.get("$defs").and_then(Value::as_object);
    let mut shape = Shape { definitions, out };
    shape.value(schema, root, "the file");
}

struct Shape<'a> {
    definitions: Option<&'a Map<String, Value>>,
    out: &'a mut Diagnostics,
}

impl<'a> Shape<'a> {
    /// `label` names the value in messages: "`needs`", "an item of `needs`".
    fn value(&mut self, schema: &'a Value, node: &Node, label: &str) {
        let Some(schema) = self.resolve(schema, node) else {
            let expected = self.expected(schema);
            return self.wrong_type(&expected, node, label);
        };
        if !has_type(schema, node) {
            let expected = self.expected(schema);
            return self.wrong_type(&expected, node, label);
        }
        match &node.kind {
            Kind::Map(entries) => self.map(schema, entries, node.place, label),
            Kind::List(items) => self.list(schema, items, node.place, label),
            Kind::Scalar { .. } => self.scalar(schema, node, label),
        }
    }

    /// Follows `$ref`, and `anyOf` to the alternative of the node's type; `None` = no alternative has it.
    fn resolve(&self, schema: &'a Value, node: &Node) -> Option<&'a Value> {
        let schema = self.follow(schema);
        match schema.get("anyOf").and_then(Value::as_array) {
            None => Some(schema),
            Some(options) => options
                .iter()
                .map(|option| self.follow(option))
                .find(|option| has_type(option, node)),
        }
    }

    fn follow(&self, schema: &'a Value) -> &'a Value {
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix("#/$defs/"))
            .and_then(|name| self.definitions?.get(name))
            .unwrap_or(schema)
    }

    /// What a schema accepts, as a phrase.
    fn expected(&self, schema: &'a Value) -> String {
        let schema = self.follow(schema);
        if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
            let options: Vec<String> = options.iter().map(|option| self.expected(option)).collect();
            return options.join(" or ");
        }
        if let Some(rule) = rule_of(schema) {
            return rule.what.to_owned();
        }
        let values = allowed_values(schema);
        if !values.is_empty() {
            return format!("one of {}", listed(values.iter().map(String::as_str)));
        }
        let words: Vec<&str> = types(schema).filter_map(type_word).collect();
        words.join(" or ")
    }

    fn wrong_type(&mut self, expected: &str, node: &Node, label: &str) {
        let given = match node.type_of() {
            Type::Null => "nothing",
            Type::Boolean => "true or false",
            Type::Integer | Type::Number => "a number",
            Type::Text => "a text",
            Type::List => "a list",
            Type::Map => "a mapping",
        };
        let message = format!("{label} must be {expected}, not {given}");
        let complaint = Complaint::new("wrong-type", message);
        let text = node.text().map(shown);
        let help = match (expected, text) {
            ("a list", Some(text)) => Some(format!("write a list: `[{}]`", text.trim_matches('`'))),
            ("a mapping", None) if given == "nothing" => {
                Some("write `{}`, or leave it out".to_owned())
            }
            (_, Some(text)) if given != "a text" => Some(format!(
                "a text that looks like something else needs quotes: `\"{}\"`",
                text.trim_matches('`')
            )),
            (_, None) if given == "nothing" => {
                Some("give it a value, or leave the key out".to_owned())
            }
            _ => None,
        };
        let help = if expected.contains("length of time") && given == "a number" {
            Some("add the unit: `90s`, `20m`, `24h`, `2d`".to_owned())
        } else if expected.contains("number") && given == "a text" {
            Some("write a number, without quotes".to_owned())
        } else {
            help
        };
        self.out.add(node.place, Complaint { help, ..complaint });
    }

    fn map(&mut self, schema: &'a Value, entries: &[(Key, Node)], place: Place, label: &str) {
        let title = schema.get("title").and_then(Value::as_str).unwrap_or(label);
        let properties = schema.get("properties").and_then(Value::as_object);
        let later = schema.get("x-later").and_then(Value::as_object);
        let pattern = schema.get("patternProperties").and_then(Value::as_object);
        let pattern = pattern.and_then(|patterns| patterns.iter().next());
        // Keys that somebody may have meant by an unknown one: they are not reported as missing too.
        let mut meant: Vec<&str> = Vec::new();
        let mut incomplete = false;
        for (key, value) in entries {
            let label = shown(&key.text);
            if key.text == "<<" {
                // The reader of the text has refused it; what it would have brought is not missing.
                incomplete = true;
                continue;
            }
            if let Some(schema) = properties.and_then(|known| known.get(&key.text)) {
                self.value(schema, value, &label);
            } else if let Some(advice) =
                later.and_then(|l| l.get(&key.text)).and_then(Value::as_str)
            {
                incomplete = true;
                let message = format!("{label} is not supported by this version of Slipway yet");
                let complaint = Complaint::new("not-supported-yet", message);
                self.out
                    .add(key.place, complaint.help(format!("until then: {advice}")));
            } else if let Some((pattern, schema)) = pattern {
                self.key(pattern, key);
                self.value(schema, value, &label);
            } else {
                let known = || {
                    properties
                        .into_iter()
                        .flat_map(Map::keys)
                        .map(String::as_str)
                };
                let near = suggest(&key.text, known());
                meant.extend(near);
                let message = format!("{label} is not a key of {title}");
                let allowed = format!("allowed here: {}", listed(known()));
                let complaint = Complaint::new("unknown-key", message);
                self.out
                    .add(key.place, complaint.help(did_you_mean(near, allowed)));
            }
        }
        if let Some(least) = number(schema, "minProperties").filter(|n| length(entries) < *n) {
            let message = format!("{label} is empty; it needs at least {least}");
            self.out.add(place, Complaint::new("empty", message));
        }
        if let Some(most) = number(schema, "maxProperties").filter(|n| length(entries) > *n) {
            let message = format!("{label} has more than {most} entries");
            self.out.add(place, Complaint::new("too-many", message));
        }
        if !incomplete {
            self.missing(schema, entries, &meant, place, title);
        }
    }

    fn key(&mut self, pattern: &str, key: &Key) {
        if let Some(Err(complaint)) =
            text::rule_of_pattern(pattern).map(|rule| (rule.check)(&key.text))
        {
            self.out.add(key.place, complaint);
        }
    }

    fn missing(
        &mut self,
        schema: &Value,
        entries: &[(Key, Node)],
        meant: &[&str],
        place: Place,
        title: &str,
    ) {
        let required = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for name in required.filter_map(Value::as_str) {
            let given = entries.iter().any(|(key, _)| key.text == name) || meant.contains(&name);
            if !given {
                let help = schema
                    .pointer(&format!("/properties/{name}/description"))
                    .and_then(Value::as_str)
                    .and_then(|text| text.lines().next());
                let complaint = Complaint::new("missing-key", format!("{title} needs `{name}`"));
                let help = help.map(|help| format!("`{name}`: {help}"));
                self.out.add(place, Complaint { help, ..complaint });
            }
        }
    }

    fn list(&mut self, schema: &'a Value, items: &[Node], place: Place, label: &str) {
        if let Some(least) = number(schema, "minItems").filter(|n| length(items) < *n) {
            let message = format!("{label} is empty; it needs at least {least}");
            self.out.add(place, Complaint::new("empty", message));
        }
        if let Some(most) = number(schema, "maxItems").filter(|n| length(items) > *n) {
            let message = format!("{label} has more than {most} items");
            self.out.add(place, Complaint::new("too-many", message));
        }
        let unique = schema.get("uniqueItems").and_then(Value::as_bool) == Some(true);
        let item_label = format!("an item of {label}");
        for (n, item) in items.iter().enumerate() {
            if let Some(schema) = schema.get("items") {
                self.value(schema, item, &item_label);
            }
            let twins = items
                .iter()
                .take(n)
                .filter(|_| unique)
                .filter_map(|other| twin(other, item));
            if let Some(code) = twins.min() {
                let text = item.text().map(shown).unwrap_or_default();
                let message = format!("{text} is twice in {label}");
                self.out.add(item.place, Complaint::new(code, message));
            }
        }
        let patterns = schema.get("x-patterns").and_then(Value::as_bool) == Some(true);
        if patterns && !items.is_empty() && items.iter().all(is_exception) {
            let message = format!("{label} only says what to leave out, so it selects nothing");
            let complaint = Complaint::new("only-exceptions", message)
                .help("say first what is meant: `\"**\"` is everything");
            self.out.add(place, complaint);
        }
    }

    fn scalar(&mut self, schema: &Value, node: &Node, label: &str) {
        let text = node.text().unwrap_or_default();
        let values = allowed_values(schema);
        let is = |value: &String| {
            value == text || (node.number().is_some() && value.parse::<f64>().ok() == node.number())
        };
        if !values.is_empty() && !values.iter().any(is) {
            let near = suggest(text, values.iter().map(String::as_str));
            let list = label.trim_start_matches("an item of ");
            let message = format!("{} is not a value of {list}", shown(text));
            let allowed = format!("allowed: {}", listed(values.iter().map(String::as_str)));
            let complaint = Complaint::new("unknown-value", message);
            return self
                .out
                .add(node.place, complaint.help(did_you_mean(near, allowed)));
        }
        if let Some(complaint) = range(schema, node, label) {
            return self.out.add(node.place, complaint);
        }
        let complaint = match schema.get("x-rule").and_then(Value::as_str) {
            Some("percent") => Percent::check(text).err(),
            Some(_) => rule_of(schema).and_then(|rule| (rule.check)(text).err()),
            None => None,
        };
        if let Some(complaint) = complaint.or_else(|| duration_range(schema, text)) {
            self.out.add(node.place, complaint);
        }
    }
}

/// The code of the mistake if both are the same value: to a schema, or as text alone.
fn twin(a: &Node, b: &Node) -> Option<&'static str> {
    let same_number = a.number().is_some() && a.number() == b.number();
    if same_number || (a.type_of() == b.type_of() && a.text().is_some() && a.text() == b.text()) {
        return Some("duplicate-item");
    }
    (a.text().is_some() && a.text() == b.text()).then_some("same-text")
}

fn is_exception(node: &Node) -> bool {
    node.text().is_some_and(|text| text.starts_with('!'))
}
