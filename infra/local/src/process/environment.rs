//! Purpose: the environment of a build: clean, with what tools need, and nothing of the host's that is not on the list.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Variables of the host that a build sees, each with the reason.
const PASSED: &[(&str, &str)] = &[
    ("PATH", "where the tools are"),
    ("LANG", "the language of messages"),
    ("LC_ALL", "the same"),
    ("TZ", "the time zone that dates are shown in"),
    (
        "RUSTUP_TOOLCHAIN",
        "which Rust is meant, where the repository does not say",
    ),
    ("GOROOT", "where Go is"),
    ("GOPROXY", "where Go modules come from"),
    ("JAVA_HOME", "where Java is"),
    ("SSL_CERT_FILE", "which authorities are trusted"),
    ("SSL_CERT_DIR", "the same"),
    ("HTTP_PROXY", "the way out of this network"),
    ("HTTPS_PROXY", "the same"),
    ("NO_PROXY", "the same"),
    ("http_proxy", "the same"),
    ("https_proxy", "the same"),
    ("no_proxy", "the same"),
];

/// Where tools keep what they have downloaded: the variable, and the folder below the home folder that stands for it when
/// it is not set. Without them each build would download everything anew, since it has a home folder of its own.
const TOOL_FOLDERS: &[(&str, &str)] = &[
    ("CARGO_HOME", ".cargo"),
    ("RUSTUP_HOME", ".rustup"),
    ("GOPATH", "go"),
    ("GOMODCACHE", "go/pkg/mod"),
    ("GOCACHE", ".cache/go-build"),
    ("GRADLE_USER_HOME", ".gradle"),
    ("PIP_CACHE_DIR", ".cache/pip"),
    ("npm_config_cache", ".npm"),
    ("NVM_DIR", ".nvm"),
    ("PYENV_ROOT", ".pyenv"),
    ("RBENV_ROOT", ".rbenv"),
];

/// What a build sees of the machine that it runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostEnvironment {
    variables: BTreeMap<String, OsString>,
}

impl HostEnvironment {
    /// What is on the list, out of this process's environment.
    pub fn of_this_process() -> Self {
        Self::of(std::env::vars_os())
    }

    /// What is on the list, out of these variables. A value that carries a password in a URL is left out.
    pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let host: BTreeMap<OsString, OsString> = variables.into_iter().collect();
        let home = host.get(std::ffi::OsStr::new("HOME")).map(PathBuf::from);
        let get = |name: &str| host.get(std::ffi::OsStr::new(name)).cloned();
        let mut kept = BTreeMap::new();
        for (name, _) in PASSED {
            if let Some(value) = get(name).filter(|value| !carries_password(value)) {
                kept.insert((*name).to_owned(), value);
            }
        }
        for (name, below) in TOOL_FOLDERS {
            let usual = home.as_ref().map(|home| home.join(below));
            let usual = usual.filter(|folder| folder.is_dir());
            if let Some(value) = get(name).or(usual.map(PathBuf::into_os_string)) {
                kept.insert((*name).to_owned(), value);
            }
        }
        Self { variables: kept }
    }

    /// Where commands are looked for.
    pub fn path(&self) -> OsString {
        self.variables.get("PATH").cloned().unwrap_or_default()
    }

    /// The first program of this name in the path.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;
        let runs = |file: &PathBuf| {
            std::fs::metadata(file)
                .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
        };
        std::env::split_paths(&self.path())
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(runs)
    }
}

fn carries_password(value: &OsString) -> bool {
    let bytes = value.as_bytes();
    bytes.windows(3).any(|window| window == b"://") && bytes.contains(&b'@')
}

/// The folders of one build.
pub struct Places<'a> {
    pub home: &'a Path,
    pub temporary: &'a Path,
    pub artifacts: &'a Path,
}

/// What one build is told, in rising order: what comes later wins.
pub struct Told<'a> {
    pub step: &'a BTreeMap<String, String>,
    pub secrets: &'a BTreeMap<String, String>,
    pub facts: &'a BTreeMap<String, String>,
    pub build: &'a str,
    pub mark: &'a str,
}

/// The whole environment of a build.
pub fn compose(
    host: &HostEnvironment,
    places: &Places<'_>,
    told: &Told<'_>,
) -> BTreeMap<String, OsString> {
    let mut all = host.variables.clone();
    let mut set = |name: &str, value: OsString| {
        all.insert(name.to_owned(), value);
    };
    set("CI", "true".into());
    set("TERM", "dumb".into());
    set("HOME", places.home.into());
    set("TMPDIR", places.temporary.into());
    for (name, value) in told.step.iter().chain(told.secrets).chain(told.facts) {
        set(name, value.into());
    }
    set("SLIPWAY_ARTIFACTS", places.artifacts.into());
    set("SLIPWAY_BUILD", told.build.into());
    set(super::processes::MARK, told.mark.into());
    all
}

/// Why a variable cannot be given to a program, in a sentence.
pub fn refusal(name: &str, value: &str) -> Option<String> {
    let first = name.bytes().next().unwrap_or(b'0');
    let valid = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !valid || first.is_ascii_digit() {
        return Some(format!(
            "{name:?} is not the name of an environment variable"
        ));
    }
    value
        .contains('\0')
        .then(|| format!("the environment variable {name} holds a NUL byte"))
}

#[cfg(test)]
mod tests;
