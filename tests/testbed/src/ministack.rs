//! Purpose: the other services of AWS in one process: <https://pypi.org/project/ministack/>.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::server::{Program, Server, Variables};
use crate::{Missing, cache};

pub(crate) const NAME: &str = "ministack";
/// The folder in the cache; another set of packages gets another number.
const FOLDER: &str = "aws-2";
const PACKAGES: &[&str] = &[
    "ministack==1.5.33",
    "aws-sam-translator==1.115.0",
    "awscli==1.46.3",
    "cfn-lint==1.58.0",
    // Without it KMS signs nothing, and no stack with an asymmetric key is made.
    "cryptography==50.0.2",
];

/// SQS, SNS, SES, Secrets Manager, KMS, S3, EventBridge, Lambda, CloudFormation, DynamoDB: empty, in memory.
#[derive(Debug)]
pub struct Ministack {
    server: Server,
}

impl Ministack {
    /// Starts one; installs it first when it is not there.
    pub fn start() -> Result<Self, Missing> {
        Self::start_with(&[])
    }

    /// Starts one whose environment, which its Lambda functions inherit, has these variables too.
    pub fn start_with(variables: &[(&str, &str)]) -> Result<Self, Missing> {
        let server = Server::start(&Program {
            name: NAME,
            program: &aws_tool(NAME)?,
            arguments: &|_, _| Vec::new(),
            environment: &|port, home| environment(port, home, variables),
        })?;
        Ok(Self { server })
    }

    /// `http://127.0.0.1:<port>`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// The process group that it runs in.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }
}

/// Nothing of this machine's environment: a function without an endpoint, or with somebody's credentials, would call AWS.
fn environment(port: u16, home: &Path, more: &[(&str, &str)]) -> Variables {
    let mut variables: Variables = vec![
        ("PATH".to_owned(), "/usr/bin:/bin".into()),
        ("HOME".to_owned(), home.into()),
        ("TMPDIR".to_owned(), home.into()),
        ("BIND_HOST".to_owned(), "127.0.0.1".into()),
        ("GATEWAY_PORT".to_owned(), port.to_string().into()),
        ("MINISTACK_HOST".to_owned(), "localhost".into()),
        ("IOT_MTLS_ENABLED".to_owned(), "0".into()),
        ("SFTP_ENABLED".to_owned(), "0".into()),
        (
            "AWS_ENDPOINT_URL".to_owned(),
            format!("http://127.0.0.1:{port}").into(),
        ),
    ];
    let more = more.iter();
    variables.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).into())));
    variables
}

/// A program that is installed beside it: `ministack`, `aws`, `cfn-lint`.
pub fn aws_tool(name: &str) -> Result<PathBuf, Missing> {
    let place = cache::installed(FOLDER, &PACKAGES.join("\n"), |place| {
        install(place, PACKAGES)
    })?;
    Ok(place.join("bin").join(name))
}

/// Installs packages of Python into a folder of their own.
pub(crate) fn install(place: &Path, packages: &[&str]) -> Result<(), Missing> {
    cache::run(Command::new("python3").args(["-m", "venv"]).arg(place))?;
    cache::run(
        Command::new(place.join("bin").join("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(packages),
    )
}

/// A fresh account: the emulator keeps each access key of twelve digits as an account of its own, so tests run side by side.
pub fn account() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(100_000_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
