//! What each call of an SDK needs of IAM. A row is a place in the adapters; a call without a row fails the test, a row without
//! a call does, too.

use std::collections::BTreeSet;

/// What a function has to be allowed, as `action resource`. A name in braces stands for other resources in each function, see
/// [`OWN`].
pub type Needs = &'static [&'static str];

/// `file Type::function operation`, and what it needs.
pub const SITES: &[(&str, Needs)] = &[
    // The journal. A transaction needs what each of its parts needs:
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    (
        "journal/append.rs DynamoJournal::append_record transact_write_items",
        &[
            "dynamodb:PutItem JournalTable",
            "dynamodb:UpdateItem HeadsTable",
        ],
    ),
    (
        "journal/heads.rs DynamoJournal::one_head get_item",
        &["dynamodb:GetItem HeadsTable"],
    ),
    (
        "journal/heads.rs DynamoJournal::list_partition query",
        &["dynamodb:Query HeadsTable/index/list"],
    ),
    // Reached only with a prefix that names no kind of stream, which no function asks for: people do, from the command line.
    ("journal/heads.rs DynamoJournal::scan_list scan", &[]),
    (
        "journal/heads.rs DynamoJournal::due_shard query",
        &["dynamodb:Query HeadsTable/index/due"],
    ),
    (
        "journal/heads.rs DynamoJournal::batch_get batch_get_item",
        &["dynamodb:BatchGetItem HeadsTable"],
    ),
    (
        "journal/heads.rs DynamoJournal::update update_item",
        &["dynamodb:UpdateItem HeadsTable"],
    ),
    (
        "journal/inbox.rs DynamoJournal::accept_delivery put_item",
        &["dynamodb:PutItem HeadsTable"],
    ),
    (
        "journal/inbox.rs DynamoJournal::read_delivery get_item",
        &["dynamodb:GetItem HeadsTable"],
    ),
    (
        "journal/read.rs DynamoJournal::read_records query",
        &["dynamodb:Query JournalTable"],
    ),
    (
        "journal/read.rs DynamoJournal::last_records query",
        &["dynamodb:Query JournalTable"],
    ),
    (
        "journal/snapshot.rs DynamoJournal::read_snapshot get_item",
        &["dynamodb:GetItem HeadsTable"],
    ),
    (
        "journal/read.rs DynamoJournal::commit_id get_item",
        &["dynamodb:GetItem JournalTable"],
    ),
    // Blobs. Without s3:ListBucket S3 answers 403 for what is not there, and "not there" is not known.
    (
        "blobs.rs S3Blobs::try_put put_object",
        &["s3:PutObject StateBucket/blobs/*"],
    ),
    (
        "blobs.rs S3Blobs::get get_object",
        &[
            "s3:GetObject StateBucket/blobs/*",
            "s3:ListBucket StateBucket",
        ],
    ),
    // Doorbells.
    (
        "queues.rs SqsDoorbells::ring send_message",
        &["sqs:SendMessage {rings}"],
    ),
    // Greetings: a request that names no operation.
    ("connect.rs dynamodb list_tables", &[]),
    ("connect.rs sqs list_queues", &[]),
    // People, repositories, secrets' names.
    (
        "machine.rs S3Machine::read get_object",
        &[
            "s3:GetObject StateBucket/config/machine.yaml",
            "s3:ListBucket StateBucket",
        ],
    ),
    // Keys and secrets: which one depends on who asks, see ASKERS.
    ("keys.rs sign sign", &[]),
    (
        "keys/decisions.rs KmsKeys::verify verify",
        &["kms:Verify DecisionKey"],
    ),
    ("secrets.rs read get_secret_value", &[]),
    // Builds. The operations of copying need what reading and writing need.
    (
        "codebuild/start.rs CodeBuild::ask start_build",
        &["codebuild:StartBuild {runs}"],
    ),
    (
        "codebuild/mod.rs CodeBuild::stop stop_build",
        &["codebuild:StopBuild {runs}"],
    ),
    (
        "codebuild/mod.rs find batch_get_builds",
        &["codebuild:BatchGetBuilds {sees}"],
    ),
    (
        "codebuild/log.rs BuildLogs::page get_log_events",
        &["logs:GetLogEvents {reads}"],
    ),
    (
        "codebuild/handover.rs CodeBuild::source head_object",
        &[
            "s3:GetObject StateBucket/sources/*",
            "s3:ListBucket StateBucket",
        ],
    ),
    (
        "codebuild/handover.rs CodeBuild::source put_object",
        &["s3:PutObject StateBucket/sources/*"],
    ),
    (
        "codebuild/handover.rs CodeBuild::copy copy_object",
        &[
            "s3:GetObject StateBucket/blobs/*",
            "s3:PutObject StateBucket/inputs/*",
        ],
    ),
    (
        "codebuild/left.rs get_text get_object",
        &[
            "s3:GetObject StateBucket/builds/*",
            "s3:ListBucket StateBucket",
        ],
    ),
    (
        "codebuild/left.rs CodeBuild::keep_one get_object",
        &[
            "s3:GetObject StateBucket/builds/*",
            "s3:ListBucket StateBucket",
        ],
    ),
    (
        "codebuild/left.rs CodeBuild::keep_one copy_object",
        &[
            "s3:GetObject StateBucket/builds/*",
            "s3:PutObject StateBucket/blobs/*",
        ],
    ),
    // Mail.
    (
        "mail.rs SesMailer::send send_email",
        &["ses:SendEmail {identity}"],
    ),
    (
        "mail.rs SnsAnnouncer::announce publish",
        &["sns:Publish AnnounceTopic"],
    ),
];

/// Functions that ask a shared call for something of their own.
pub const ASKERS: &[(&str, Needs)] = &[
    ("keys.rs KmsAppSigner::sign_rs256", &["kms:Sign AppKey"]),
    ("keys/decisions.rs KmsKeys::sign", &["kms:Sign DecisionKey"]),
    (
        "secrets.rs webhook_secrets",
        &["secretsmanager:GetSecretValue WebhookSecret"],
    ),
    (
        "secrets.rs MacKeys::read",
        &["secretsmanager:GetSecretValue MacSecret"],
    ),
];

const DEPLOYS: &[&str] = &["DeployStagingProject", "DeployProductionProject"];
const PROJECTS: &[&str] = &[
    "UntrustedProject",
    "TrustedProject",
    "ImagesProject",
    "DeployStagingProject",
    "DeployProductionProject",
];
const LOGS: &[&str] = &[
    "UntrustedBuildLog",
    "TrustedBuildLog",
    "ImagesBuildLog",
    "DeployStagingBuildLog",
    "DeployProductionBuildLog",
];

/// What a name in braces stands for in these functions.
pub const OWN: &[(&str, &[&str], &[&str])] = &[
    ("{rings}", &["Webhook"], &["PlannerQueue"]),
    (
        "{rings}",
        &[
            "Planner",
            "Scheduler",
            "Builder",
            "Deployer",
            "Notifier",
            "Approval",
        ],
        &[
            "PlannerQueue",
            "SchedulerQueue",
            "BuilderQueue",
            "DeployerQueue",
            "ApprovalQueue",
            "NotifierQueue",
        ],
    ),
    (
        "{runs}",
        &["Builder"],
        &["UntrustedProject", "TrustedProject", "ImagesProject"],
    ),
    ("{runs}", &["Deployer"], DEPLOYS),
    // The builder answers the claims of deploys, too.
    ("{sees}", &["Builder", "Dashboard"], PROJECTS),
    ("{sees}", &["Deployer"], DEPLOYS),
    ("{reads}", &["Builder", "Dashboard"], LOGS),
    (
        "{reads}",
        &["Deployer"],
        &["DeployStagingBuildLog", "DeployProductionBuildLog"],
    ),
    (
        "{identity}",
        &["Notifier"],
        &["ses:identity/${MailFrom}", "ses:identity/${Domain}"],
    ),
];

/// Operations of the command line and of tests, or such as nobody wants: a function that reaches one of them needs a row.
const FOR_PEOPLE: &[&str] = &[
    "batch_write_item",
    "change_message_visibility_batch",
    "create_table",
    "delete_item",
    "delete_message",
    "delete_object",
    "describe_key",
    "describe_stacks",
    "describe_table",
    "execute_statement",
    "get_parameters_for_import",
    "get_queue_attributes",
    "get_queue_url",
    "import_key_material",
    "put_secret_value",
    "receive_message",
];

/// Every operation that is known here.
pub fn operations() -> BTreeSet<String> {
    let operation = |(site, _): &(&'static str, Needs)| site.rsplit(' ').next().unwrap_or_default();
    let known = SITES
        .iter()
        .map(operation)
        .chain(FOR_PEOPLE.iter().copied());
    known.map(str::to_owned).collect()
}
