//! Purpose: who sees which secrets, and that no sink shows one.

use domain::plan::{Gate as ReportGate, ReportKind, ReportSpec};

use super::*;

const CANARY: &str = "canary-7h4t'must \"not\"/show+up";

fn world() -> World {
    World::with(&[], |settings| {
        let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        };
        let key = "-----BEGIN-----\nline-one-of-key\nline-two-of-key\n-----END-----";
        settings.secrets = Arc::new(Vault(BTreeMap::from([
            ("staging".to_owned(), of(&[("TOKEN", CANARY), ("KEY", key)])),
            (
                "production".to_owned(),
                of(&[("TOKEN", "production-secret")]),
            ),
            ("short".to_owned(), of(&[("PIN", "123")])),
            ("blank".to_owned(), of(&[("PIN", "      ")])),
            ("bad".to_owned(), of(&[("A B", "long enough")])),
        ])));
    })
}

fn deploy(world: &World, environment: &str, run: &[&str]) -> BuildRequest {
    let mut request = world.job(run);
    request.environment = Some(EnvironmentName::from(environment));
    request
}

/// Whether any file below the folder, or any blob, holds the text.
fn found(world: &World, needle: &str) -> bool {
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(needle);
    let files = walkdir::WalkDir::new(world.data.path())
        .into_iter()
        .flatten();
    files
        .filter(|entry| entry.file_type().is_file())
        .any(|entry| holds(&std::fs::read(entry.path()).unwrap()))
        || world
            .blobs
            .0
            .lock()
            .unwrap()
            .values()
            .any(|blob| holds(blob))
}

#[tokio::test]
async fn sec_05_secrets_are_seen_by_builds_of_their_environment_only() {
    let world = world();
    let count = "env | grep -c -e canary -e production-secret -e claim-secret || true";
    assert_eq!(
        output(&world.run(&world.job(&[count])).await.1, LogStream::Stdout),
        ["0"]
    );
    let staging = [
        "test \"$TOKEN\" = \"$EXPECTED\" && env | grep -c -e production-secret -e claim-secret || true",
    ];
    let mut request = deploy(&world, "staging", &staging);
    request
        .step
        .env
        .insert("EXPECTED".to_owned(), CANARY.to_owned());
    assert_eq!(
        output(&world.run(&request).await.1, LogStream::Stdout),
        ["0"]
    );
    let none = deploy(&world, "preview", &["echo ${TOKEN-unset}"]);
    assert_eq!(
        output(&world.run(&none).await.1, LogStream::Stdout),
        ["unset"]
    );
}

#[tokio::test]
async fn sec_05_a_build_sees_nothing_of_the_host_but_what_is_on_the_list() {
    let world = World::with(&[], |settings| {
        let mut host: Vec<_> = std::env::vars_os().collect();
        host.push(("SLIPWAY_WEBHOOK_SECRET".into(), "x".into()));
        host.push(("AWS_SESSION_TOKEN".into(), "x".into()));
        settings.host = HostEnvironment::of(host);
    });
    let mut request = world.job(&["env | cut -d= -f1 | sort"]);
    request
        .step
        .env
        .insert("MATRIX_GO".to_owned(), "1.24".to_owned());
    request
        .facts
        .insert("SLIPWAY_BRANCH".to_owned(), "main".to_owned());
    let (_, log) = world.run(&request).await;
    let allowed = [
        "CI",
        "HOME",
        "MATRIX_GO",
        "PATH",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "SLIPWAY_ARTIFACTS",
        "SLIPWAY_BRANCH",
        "SLIPWAY_BUILD",
        "SLIPWAY_PROCESS_MARK",
        "TERM",
        "TMPDIR",
        "LANG",
        "LC_ALL",
        "TZ",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
        "GOPATH",
        "GOMODCACHE",
        "GOCACHE",
        "GOROOT",
        "GOPROXY",
        "JAVA_HOME",
        "GRADLE_USER_HOME",
        "PIP_CACHE_DIR",
        "npm_config_cache",
        "NVM_DIR",
        "PYENV_ROOT",
        "RBENV_ROOT",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    ];
    for name in output(&log, LogStream::Stdout) {
        assert!(allowed.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn sec_14_text_of_strangers_stays_text() {
    let world = World::new();
    let evil = "$(touch pwned)`touch pwned`${IFS};touch pwned\n'\"\\ --x";
    let mut request = world.job(&[
        "printf %s \"$SLIPWAY_TITLE\" >title; ls; test \"$(cat title)\" = \"$SLIPWAY_TITLE\"",
    ]);
    request
        .facts
        .insert("SLIPWAY_TITLE".to_owned(), evil.to_owned());
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS);
    assert_eq!(output(&log, LogStream::Stdout), ["README", "title"]);
}

#[tokio::test]
async fn sec_19_no_sink_shows_a_secret_in_any_form() {
    let world = world();
    let run = [
        "set -x; : \"$TOKEN\"; set +x",
        "printf '%s\\n' \"$TOKEN\"; printf %s \"$TOKEN\" | base64 -w0; echo",
        "printf 'u:%s' \"$TOKEN\" | base64 -w0; echo; printf 'us:%s' \"$TOKEN\" | base64 -w0 >&2; echo >&2",
        "printf %s \"$TOKEN\" | od -An -v -tx1 | tr -d ' \\n'; echo",
        "printf %s \"$KEY\"; echo; printf %s \"$KEY\" | base64",
        "printf %s \"$TOKEN\" | head -c 10; sleep 0.1; printf %s \"$TOKEN\" | tail -c +11; echo",
        "printf '<t>%s</t>' \"$TOKEN\" >report.xml",
        "yes \"$TOKEN\" | tr -d '\\n' | head -c 100000; echo",
        "echo the end",
    ];
    let mut request = deploy(&world, "staging", &run);
    let gate = ReportGate::default();
    request.reports = vec![ReportSpec {
        kind: ReportKind::Junit,
        path: "report.xml".to_owned(),
        gate,
    }];
    let build = world.start(&request).await;
    let end = world.ended(&build).await;
    assert_eq!(end.ending, SUCCESS);
    while world.folder(&build).join("work").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    use base64::Engine as _;
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let inner = |text: String| text[4..text.len() - 4].to_owned();
    for needle in [
        CANARY.to_owned(),
        "canary-7h4t".to_owned(),
        "show+up".to_owned(),
        base64(CANARY),
        inner(base64(&format!("u:{CANARY}"))),
        inner(base64(&format!("us:{CANARY}"))),
        hex::encode(CANARY),
        "line-one-of-key".to_owned(),
        "line-two-of-key".to_owned(),
        "one-time-claim-secret".to_owned(),
    ] {
        assert!(!found(&world, &needle), "{needle:?} was found");
    }
    assert!(found(&world, "<t>***</t>"));
    assert!(output(&world.log(&build).await, LogStream::Stdout).contains(&"the end"));
}

#[tokio::test]
async fn sec_19_a_secret_that_cannot_be_kept_out_of_the_log_stops_the_build() {
    let world = world();
    for (environment, expected) in [
        (
            "short",
            "the secret PIN of `short` has 3 bytes; only 4 to 32768 bytes can be kept out of a log",
        ),
        (
            "blank",
            "the secret PIN of `blank` has 6 bytes; only 4 to 32768 bytes can be kept out of a log",
        ),
        (
            "bad",
            "a secret of `bad`: \"A B\" is not the name of an environment variable",
        ),
    ] {
        let (end, _) = world
            .run(&deploy(&world, environment, &["touch ran"]))
            .await;
        assert_eq!(
            end.ending,
            Ending::Unprepared {
                why: expected.to_owned()
            }
        );
    }
    assert!(world.gate.seen.lock().unwrap().is_empty());
}
