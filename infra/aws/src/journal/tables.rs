//! Purpose: the two tables as data: keys and indexes, for the code, for the template and for tests.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TableStatus,
};
use engine::Fault;

use super::retry;
use crate::client::fault;

/// The index of heads that somebody has to look at.
pub const DUE: &str = "due";
/// The index of heads by kind and creation.
pub const LIST: &str = "list";

/// The names of the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    pub journal: String,
    pub heads: String,
}

/// One attribute of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: &'static str,
    /// `S` or `N`, as DynamoDB writes it.
    pub kind: &'static str,
}

/// A primary key or an index's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub hash: Attribute,
    pub range: Option<Attribute>,
}

/// A global secondary index. It holds its key, the table's key and nothing else but `include`, so that a change of a head
/// costs the index no more than it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: &'static str,
    pub key: Key,
    /// Attributes beside the keys; with none the projection is `KEYS_ONLY`.
    pub include: &'static [&'static str],
}

/// A table, billed on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub key: Key,
    pub indexes: &'static [Index],
}

const STREAM: Attribute = text("p");

/// Commits, which are put once and never changed.
pub const JOURNAL: Table = Table {
    key: Key {
        hash: STREAM,
        range: Some(number("n")),
    },
    indexes: &[],
};

/// One mutable item a stream.
pub const HEADS: Table = Table {
    key: Key {
        hash: STREAM,
        range: None,
    },
    indexes: &[
        Index {
            name: DUE,
            key: Key {
                hash: text("w"),
                range: Some(number("d")),
            },
            include: &["q"],
        },
        Index {
            name: LIST,
            key: Key {
                hash: text("l"),
                range: Some(text("o")),
            },
            include: &[],
        },
    ],
};

const fn text(name: &'static str) -> Attribute {
    Attribute { name, kind: "S" }
}

const fn number(name: &'static str) -> Attribute {
    Attribute { name, kind: "N" }
}

impl Key {
    fn attributes(&self) -> impl Iterator<Item = Attribute> {
        [Some(self.hash), self.range].into_iter().flatten()
    }

    fn schema(&self) -> Result<Vec<KeySchemaElement>, BuildError> {
        let roles = [KeyType::Hash, KeyType::Range];
        let parts = self.attributes().zip(roles);
        parts
            .map(|(attribute, role)| {
                KeySchemaElement::builder()
                    .attribute_name(attribute.name)
                    .key_type(role)
                    .build()
            })
            .collect()
    }
}

impl Index {
    fn definition(&self) -> Result<GlobalSecondaryIndex, BuildError> {
        let projection = if self.include.is_empty() {
            Projection::builder().projection_type(ProjectionType::KeysOnly)
        } else {
            let include = self.include.iter().map(|name| (*name).to_owned()).collect();
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(include))
        };
        GlobalSecondaryIndex::builder()
            .index_name(self.name)
            .set_key_schema(Some(self.key.schema()?))
            .projection(projection.build())
            .build()
    }
}

impl Table {
    /// Every attribute of a key, each once.
    pub fn attributes(&self) -> Vec<Attribute> {
        let mut all: Vec<Attribute> = Vec::new();
        let indexes = self.indexes.iter().flat_map(|index| index.key.attributes());
        for attribute in self.key.attributes().chain(indexes) {
            if !all.contains(&attribute) {
                all.push(attribute);
            }
        }
        all
    }

    fn definitions(&self) -> Result<Vec<AttributeDefinition>, BuildError> {
        let define = |attribute: Attribute| {
            AttributeDefinition::builder()
                .attribute_name(attribute.name)
                .attribute_type(ScalarAttributeType::from(attribute.kind))
                .build()
        };
        self.attributes().into_iter().map(define).collect()
    }
}

/// Makes both tables and waits until they can be used, for tests and for emulators; a deployment makes them by its template.
///
/// # Errors
/// As DynamoDB answers, and `Malformed` when a table is not usable at once.
pub async fn create(config: &SdkConfig, tables: &Tables) -> Result<(), Fault> {
    create_one(config, &tables.journal, &JOURNAL).await?;
    create_one(config, &tables.heads, &HEADS).await
}

async fn create_one(config: &SdkConfig, name: &str, table: &Table) -> Result<(), Fault> {
    let wrong = |error: BuildError| Fault::Malformed(format!("the table {name}: {error}"));
    let indexes: Result<Vec<_>, _> = table.indexes.iter().map(Index::definition).collect();
    let indexes = Some(indexes.map_err(wrong)?).filter(|indexes| !indexes.is_empty());
    let client = retry::client(config);
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(table.definitions().map_err(wrong)?))
        .set_key_schema(Some(table.key.schema().map_err(wrong)?))
        .set_global_secondary_indexes(indexes)
        .send()
        .await
        .map_err(|error| fault("DynamoDB CreateTable", &error))?;
    for _ in 0..MAX_LOOKS {
        let described = client
            .describe_table()
            .table_name(name)
            .send()
            .await
            .map_err(|error| fault("DynamoDB DescribeTable", &error))?;
        let status = described.table.and_then(|table| table.table_status);
        if status == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Fault::Unavailable(format!(
        "the table {name} is still being made"
    )))
}

/// Looks at a new table, [`PAUSE`] apart: a minute.
const MAX_LOOKS: usize = 60;
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
