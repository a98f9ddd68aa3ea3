//! YAML with CloudFormation's short forms (`!Ref`, `!GetAtt`, `!Sub` …), read as the long forms that they stand for.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

/// The one document of a text.
pub fn read(text: &str) -> Value {
    let events: Vec<Event<'_>> = Parser::new_from_str(text)
        .map(|next| next.expect("the template is YAML").0)
        .filter(|event| !matches!(event, Event::Comment(..)))
        .collect();
    let mut rest = events.into_iter();
    for event in rest.by_ref() {
        if matches!(event, Event::DocumentStart(..)) {
            break;
        }
    }
    let first = rest.next().expect("a document");
    node(first, &mut rest)
}

fn node<'e>(event: Event<'e>, rest: &mut impl Iterator<Item = Event<'e>>) -> Value {
    let tag = event
        .tag()
        .map(|tag| tag.suffix().to_owned())
        .unwrap_or_default();
    let plain = match event {
        Event::Scalar(text, style, ..) => {
            scalar(&text, style == ScalarStyle::Plain && tag.is_empty())
        }
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match rest.next().expect("the sequence ends") {
                    Event::SequenceEnd => break Value::Array(items),
                    item => items.push(node(item, rest)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut map = Map::new();
            loop {
                match rest.next().expect("the mapping ends") {
                    Event::MappingEnd => break Value::Object(map),
                    Event::Scalar(key, ..) => {
                        let value = rest.next().expect("a key has a value");
                        let value = node(value, rest);
                        let twice = map.insert(key.clone().into_owned(), value);
                        assert!(twice.is_none(), "the key {key} is there twice");
                    }
                    other => panic!("a key is no scalar: {other:?}"),
                }
            }
        }
        other => panic!("not for a template: {other:?}"),
    };
    long_form(&tag, plain)
}

fn scalar(text: &str, typed: bool) -> Value {
    match text {
        _ if !typed => json!(text),
        "true" => json!(true),
        "false" => json!(false),
        "" | "~" | "null" => Value::Null,
        _ => text
            .parse::<i64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
    }
}

fn long_form(tag: &str, value: Value) -> Value {
    match tag {
        "" => value,
        "Ref" | "Condition" => json!({ tag: value }),
        "GetAtt" => {
            let text = value.as_str().expect("!GetAtt takes a name");
            let (resource, attribute) = text.split_once('.').expect("resource.attribute");
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        _ => json!({ format!("Fn::{tag}"): value }),
    }
}

#[test]
fn short_forms_are_read_as_long_ones() {
    let read = read(
        "a: !Sub \"${X.Arn}/*\"\nb: [!Ref X, !GetAtt X.Arn, 7, \"7\"] # said why\nc: !If [Yes, !Ref Y, no]\n",
    );
    assert_eq!(
        read,
        json!({
            "a": { "Fn::Sub": "${X.Arn}/*" },
            "b": [{ "Ref": "X" }, { "Fn::GetAtt": ["X", "Arn"] }, 7, "7"],
            "c": { "Fn::If": ["Yes", { "Ref": "Y" }, "no"] },
        })
    );
}
