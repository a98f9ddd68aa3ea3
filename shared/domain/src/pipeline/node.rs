//! Purpose: the tree of a YAML text in which every key and value knows its place; a serde data format.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::diagnostic::Place;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub place: Place,
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The text as it was written: `1.20` stays `1.20`. `quoted` texts are never numbers.
    Scalar {
        text: String,
        quoted: bool,
    },
    List(Vec<Node>),
    /// In the order of the file; a key that was given twice is in it twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub place: Place,
    pub text: String,
}

/// The JSON type of a value, by YAML's core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    List,
    Map,
}

impl Node {
    pub fn type_of(&self) -> Type {
        match &self.kind {
            Kind::List(_) => Type::List,
            Kind::Map(_) => Type::Map,
            Kind::Scalar { quoted: true, .. } => Type::Text,
            Kind::Scalar {
                text,
                quoted: false,
            } => scalar_type(text),
        }
    }

    /// A scalar's text, as written; `None` for null, lists and mappings.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if self.type_of() != Type::Null => Some(text),
            _ => None,
        }
    }

    /// The value of a number.
    pub fn number(&self) -> Option<f64> {
        match self.type_of() {
            // Rust and YAML write finite numbers alike; `.inf` and `.nan` are not among the values of JSON.
            Type::Integer | Type::Number => self.text()?.parse().ok(),
            _ => None,
        }
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The first value under this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(k, _)| k.text == key)
            .map(|(_, value)| value)
    }
}

impl Node {
    /// A whole number that is not negative, `2.0` included.
    fn whole(&self) -> Result<u32, Error> {
        let number = self.number().filter(|n| n.fract() == 0.0 && *n >= 0.0);
        let digits = number
            .map(|number| format!("{:.0}", number.abs()))
            .unwrap_or_default();
        digits.parse().map_err(Error::custom)
    }
}

fn scalar_type(text: &str) -> Type {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Type::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Type::Boolean,
        _ => number_type(text),
    }
}

fn number_type(text: &str) -> Type {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Type::Number;
    }
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !unsigned.is_empty() && digits(unsigned) {
        return Type::Integer;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            exponent.strip_prefix(['-', '+']).unwrap_or(exponent),
        ),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some = !whole.is_empty() || !fraction.is_empty();
    let numeric = some && digits(whole) && digits(fraction) && digits(exponent);
    if numeric && !exponent.is_empty() {
        Type::Number
    } else {
        Type::Text
    }
}

/// Scalars answer `deserialize_any` with their own text, so that `1.20` reaches a text type as `1.20`.
impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            Kind::Scalar { .. } => match self.text() {
                Some(text) => visitor.visit_borrowed_str(text),
                None => visitor.visit_unit(),
            },
            Kind::List(items) => SeqDeserializer::new(items.iter()).deserialize_any(visitor),
            Kind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.text.as_str(), value));
                MapDeserializer::new(entries).deserialize_any(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.text().unwrap_or_default().into_deserializer())
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let whole = u8::try_from(self.whole()?).map_err(Error::custom)?;
        visitor.visit_u8(whole)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u32(self.whole()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.text().unwrap_or_default().to_ascii_lowercase();
        visitor.visit_bool(text.parse::<bool>().map_err(Error::custom)?)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u16 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
