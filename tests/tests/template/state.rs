//! What must survive: tables, buckets, keys, secrets, logs.

use aws::journal::tables::{HEADS, Index, JOURNAL, Key, Table};
use serde_json::{Value, json};

use super::none;
use super::template::{Template, many, named, template};

/// What is wrong with the tables.
fn tables(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, table) in template.resources("AWS::DynamoDB::Table") {
        let properties = &table["Properties"];
        let asked = [
            (
                "DeletionPolicy",
                table.get("DeletionPolicy") == Some(&json!("Retain")),
            ),
            (
                "UpdateReplacePolicy",
                table.get("UpdateReplacePolicy") == Some(&json!("Retain")),
            ),
            (
                "DeletionProtectionEnabled",
                properties["DeletionProtectionEnabled"] == true,
            ),
            (
                "PointInTimeRecovery",
                properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
                    == true,
            ),
            ("SSE", properties["SSESpecification"]["SSEEnabled"] == true),
            (
                "BillingMode",
                properties["BillingMode"] == "PAY_PER_REQUEST",
            ),
        ];
        let missing = asked.iter().filter(|(_, holds)| !holds);
        wrong.extend(missing.map(|(what, _)| format!("{name}: {what}")));
    }
    wrong
}

#[test]
fn sec_25_the_journal_is_kept_and_can_be_restored() {
    let whole = template();
    assert_eq!(whole.resources("AWS::DynamoDB::Table").len(), 2);
    none("tables that may be lost", &tables(&whole));
    for (path, what) in [
        (
            "/Properties/DeletionProtectionEnabled",
            "DeletionProtectionEnabled",
        ),
        (
            "/Properties/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled",
            "PointInTimeRecovery",
        ),
        ("/DeletionPolicy", "DeletionPolicy"),
    ] {
        let mut changed = whole.clone();
        *changed
            .resource_mut("JournalTable")
            .pointer_mut(path)
            .unwrap() = json!(false);
        assert_eq!(tables(&changed), [format!("JournalTable: {what}")]);
    }
}

/// Live journal items never expire: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
#[test]
fn sec_47_nothing_of_the_journal_expires() {
    let template = template();
    for (name, properties) in template.properties("AWS::DynamoDB::Table") {
        assert!(properties["TimeToLiveSpecification"].is_null(), "{name}");
    }
    let rules = &template.resource("StateBucket")["Properties"]["LifecycleConfiguration"]["Rules"];
    for rule in many(rules)
        .into_iter()
        .filter(|rule| !rule["ExpirationInDays"].is_null())
    {
        let prefix = rule["Prefix"].as_str().expect("an expiry has a prefix");
        assert!(
            ["sources/", "inputs/", "builds/"].contains(&prefix),
            "{rule}"
        );
    }
}

/// A table's keys and indexes, as CloudFormation writes them.
fn definition(table: &Table) -> Value {
    let key = |key: &Key| {
        let roles = [Some(key.hash), key.range]
            .into_iter()
            .flatten()
            .zip(["HASH", "RANGE"]);
        let parts =
            roles.map(|(part, role)| json!({ "AttributeName": part.name, "KeyType": role }));
        Value::Array(parts.collect())
    };
    let projection = |include: &[&str]| match include {
        [] => json!({ "ProjectionType": "KEYS_ONLY" }),
        some => json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": some }),
    };
    let index = |index: &Index| {
        json!({
            "IndexName": index.name,
            "KeySchema": key(&index.key),
            "Projection": projection(index.include),
        })
    };
    let attributes = table.attributes().into_iter();
    let attributes =
        attributes.map(|one| json!({ "AttributeName": one.name, "AttributeType": one.kind }));
    json!({
        "AttributeDefinitions": attributes.collect::<Vec<_>>(),
        "KeySchema": key(&table.key),
        "GlobalSecondaryIndexes": table.indexes.iter().map(index).collect::<Vec<_>>(),
    })
}

#[test]
fn tables_are_what_the_journal_expects() {
    let template = template();
    for (name, table) in [("JournalTable", JOURNAL), ("HeadsTable", HEADS)] {
        let properties = &template.resource(name)["Properties"];
        let expected = definition(&table);
        assert_eq!(
            properties["AttributeDefinitions"], expected["AttributeDefinitions"],
            "{name}"
        );
        assert_eq!(properties["KeySchema"], expected["KeySchema"], "{name}");
        let indexes = json!(many(&properties["GlobalSecondaryIndexes"]));
        assert_eq!(indexes, expected["GlobalSecondaryIndexes"], "{name}");
    }
}

/// What is wrong with the buckets.
fn buckets(template: &Template) -> Vec<String> {
    let mut wrong = Vec::new();
    let policies = template.properties("AWS::S3::BucketPolicy");
    for (name, properties) in template.properties("AWS::S3::Bucket") {
        let block = &properties["PublicAccessBlockConfiguration"];
        let parts = [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ];
        let open = parts.iter().filter(|part| block[**part] != true);
        wrong.extend(open.map(|part| format!("{name}: {part}")));
        if properties["BucketEncryption"].is_null() {
            wrong.push(format!("{name}: encryption"));
        }
        if properties["LifecycleConfiguration"].is_null() {
            wrong.push(format!("{name}: lifecycle"));
        }
        let policy = policies
            .values()
            .find(|policy| named(&policy["Bucket"]) == name);
        let statements = policy
            .map(|policy| many(&policy["PolicyDocument"]["Statement"]))
            .unwrap_or_default();
        let tls = statements.into_iter().any(|statement| {
            let both: Vec<_> = many(&statement["Resource"])
                .into_iter()
                .map(named)
                .collect();
            statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Action"] == "s3:*"
                && both == [name.to_owned(), format!("{name}/*")]
                && statement["Condition"] == json!({ "Bool": { "aws:SecureTransport": "false" } })
        });
        if !tls {
            wrong.push(format!("{name}: TLS only"));
        }
    }
    wrong
}

#[test]
fn buckets_are_closed_encrypted_and_swept() {
    let whole = template();
    none("buckets", &buckets(&whole));
    let mut open = whole.clone();
    open.resource_mut("CacheBucket")["Properties"]["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] =
        json!(false);
    assert_eq!(buckets(&open), ["CacheBucket: BlockPublicPolicy"]);
    let mut plain = whole;
    plain.resource_mut("StateBucketPolicy")["Properties"]["PolicyDocument"]["Statement"][0]["Effect"] =
        json!("Allow");
    assert_eq!(buckets(&plain), ["StateBucket: TLS only"]);
}

/// A signature over a decision must be verifiable for as long as the journal is kept.
#[test]
fn sec_38_keys_sign_and_are_not_lost() {
    let template = template();
    let specs = |name: &str| {
        let key = template.resource(name);
        assert_eq!(key["DeletionPolicy"], "Retain", "{name}");
        assert_eq!(key["UpdateReplacePolicy"], "Retain", "{name}");
        let properties = &key["Properties"];
        assert_eq!(properties["KeyUsage"], "SIGN_VERIFY", "{name}");
        (properties["KeySpec"].clone(), properties["Origin"].clone())
    };
    assert_eq!(specs("DecisionKey"), (json!("ECC_NIST_P256"), Value::Null));
    // Imported once and never to be read again: the App's key is nowhere else.
    assert_eq!(specs("AppKey"), (json!("RSA_2048"), json!("EXTERNAL")));
    assert_eq!(template.resources("AWS::KMS::Key").len(), 2);
}

/// The journal reads the key of links and claims as 64 hexadecimal characters, and emulators know `ExcludeCharacters` only.
#[test]
fn secrets_are_made_there_and_of_the_right_characters() {
    let template = template();
    for (name, left) in [
        ("MacSecret", "0123456789abcdef"),
        (
            "WebhookSecret",
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        ),
    ] {
        let generated = &template.resource(name)["Properties"]["GenerateSecretString"];
        let excluded = generated["ExcludeCharacters"].as_str().unwrap();
        let ascii = (0x21..=0x7e_u8).map(char::from);
        assert_eq!(
            ascii.filter(|c| !excluded.contains(*c)).collect::<String>(),
            left
        );
        assert_eq!(generated["PasswordLength"], 64);
    }
    assert_eq!(template.resources("AWS::SecretsManager::Secret").len(), 2);
}

#[test]
fn every_function_and_build_has_a_log_that_ends() {
    let template = template();
    for (name, properties) in template.properties("AWS::Logs::LogGroup") {
        assert_eq!(
            named(&properties["RetentionInDays"]),
            "LogRetentionDays",
            "{name}"
        );
    }
    for (name, properties) in template.properties("AWS::Serverless::Function") {
        let log = name.replace("Function", "Log");
        assert_eq!(named(&properties["LoggingConfig"]["LogGroup"]), log);
        template.resource(&log);
    }
    for (name, properties) in template.properties("AWS::CodeBuild::Project") {
        let log = name.replace("Project", "BuildLog");
        assert_eq!(
            named(&properties["LogsConfig"]["CloudWatchLogs"]["GroupName"]),
            log
        );
        template.resource(&log);
    }
}
