//! Purpose: events to stored bytes and back. The type of an event is the tag of its enum variant; the version is explicit.

use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::ports::StoredEvent;

/// Version of every event type that has been released so far.
pub const VERSION: u16 = 1;

/// Why a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    #[error("version {version} of `{kind}` is newer than this program")]
    NewerVersion { kind: String, version: u16 },
    #[error("event `{kind}`: {source}")]
    Unreadable {
        kind: String,
        source: serde_json::Error,
    },
    #[error("an event is not an enum of struct variants")]
    NotTagged,
}

/// The stored form of an event.
pub fn encode<E: Serialize>(event: &E) -> Result<StoredEvent, CodecError> {
    let unreadable = |source| CodecError::Unreadable {
        kind: "new".to_owned(),
        source,
    };
    let text = serde_json::to_string(event).map_err(unreadable)?;
    // Externally tagged: {"Kind":{…}}; what is between is the body, byte for byte.
    let inner = text
        .strip_prefix("{\"")
        .and_then(|rest| rest.strip_suffix('}'));
    let (kind, body) = inner
        .and_then(|inner| inner.split_once("\":"))
        .ok_or(CodecError::NotTagged)?;
    Ok(StoredEvent {
        kind: kind.to_owned(),
        version: VERSION,
        body: body.to_owned(),
    })
}

/// The event behind the stored form. An unknown type is an error: whoever decides must not guess.
pub fn decode<E: DeserializeOwned>(stored: &StoredEvent) -> Result<E, CodecError> {
    if stored.version > VERSION {
        let (kind, version) = (stored.kind.clone(), stored.version);
        return Err(CodecError::NewerVersion { kind, version });
    }
    E::deserialize(Tagged {
        kind: &stored.kind,
        body: &stored.body,
    })
    .map_err(|source| CodecError::Unreadable {
        kind: stored.kind.clone(),
        source,
    })
}

/// A tag and a body, read as an enum without joining them first.
struct Tagged<'a> {
    kind: &'a str,
    body: &'a str,
}

impl<'de> Deserializer<'de> for Tagged<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = serde_json::Error;
    type Variant = Body<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Self::Error> {
        let tag: StrDeserializer<'_, Self::Error> = self.kind.into_deserializer();
        Ok((seed.deserialize(tag)?, Body(self.body)))
    }
}

struct Body<'a>(&'a str);

impl<'de> VariantAccess<'de> for Body<'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        serde_json::from_str(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = seed.deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = json.deserialize_tuple(len, visitor)?;
        json.end().map(|()| value)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = json.deserialize_struct("event", fields, visitor)?;
        json.end().map(|()| value)
    }
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
