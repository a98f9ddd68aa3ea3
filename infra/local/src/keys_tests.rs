use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use testkit::yielding::block_on;

use super::*;

fn mac(keys: &FileKeys, purpose: &str, message: &str) -> [u8; 32] {
    block_on(keys.mac(purpose, message.as_bytes())).unwrap()
}

fn refusal(data: &Path) -> String {
    match FileKeys::open(data) {
        Err(Fault::Malformed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_are_made_once_for_their_owner_only() {
    let data = tempfile::tempdir().unwrap();
    let first = FileKeys::open(data.path()).unwrap();
    let again = FileKeys::open(data.path()).unwrap();
    assert_eq!(mac(&first, "code", "m"), mac(&again, "code", "m"));
    let signature = block_on(first.sign(b"m")).unwrap();
    assert_eq!(block_on(again.verify(b"m", &signature)), Ok(true));

    let folder = fs::metadata(data.path().join("keys")).unwrap();
    let file = fs::metadata(data.path().join("keys/machine.key")).unwrap();
    assert_eq!(folder.mode() & 0o777, 0o700);
    assert_eq!((file.mode() & 0o777, file.len()), (0o600, 64));

    let other = tempfile::tempdir().unwrap();
    let other = FileKeys::open(other.path()).unwrap();
    assert_ne!(mac(&first, "code", "m"), mac(&other, "code", "m"));
    assert_eq!(block_on(other.verify(b"m", &signature)), Ok(false));
}

#[test]
fn processes_that_start_together_share_keys() {
    let data = tempfile::tempdir().unwrap();
    let macs: Vec<[u8; 32]> = std::thread::scope(|scope| {
        let open = || mac(&FileKeys::open(data.path()).unwrap(), "code", "m");
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(macs.iter().all(|mac| *mac == macs[0]));
    let left: Vec<_> = fs::read_dir(data.path().join("keys")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Secret = 0, 1, … 31 and the seed of RFC 8032's first test vector
/// (<https://www.rfc-editor.org/rfc/rfc8032#section-7.1>).
fn known() -> Vec<u8> {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let mut bytes: Vec<u8> = (0..32).collect();
    bytes.extend(hex::decode(seed).unwrap());
    bytes
}

#[test]
fn signatures_are_those_of_the_standard() {
    let keys = FileKeys::from_bytes(&known()).unwrap();
    let expected = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    let signature = block_on(keys.sign(b"")).unwrap();
    assert_eq!(hex::encode(STANDARD.decode(&signature).unwrap()), expected);
    assert_eq!(block_on(keys.verify(b"", &signature)), Ok(true));
}

#[test]
fn what_is_no_signature_of_ours_is_not_valid() {
    let keys = FileKeys::from_bytes(&known()).unwrap();
    let signature = block_on(keys.sign(b"approve")).unwrap();
    let mut flipped = STANDARD.decode(&signature).unwrap();
    flipped[3] ^= 1;
    let flipped = STANDARD.encode(flipped);
    let short = STANDARD.encode([0; 63]);
    let zeros = STANDARD.encode([0; 64]);
    for text in [
        "",
        "no base64!",
        &flipped,
        &short,
        &zeros,
        &format!("{signature}="),
    ] {
        assert_eq!(block_on(keys.verify(b"approve", text)), Ok(false), "{text}");
    }
    assert_eq!(block_on(keys.verify(b"reject", &signature)), Ok(false));
    assert_eq!(block_on(keys.verify(b"approve", &signature)), Ok(true));
}

#[test]
fn macs_differ_by_purpose_and_message() {
    let keys = FileKeys::from_bytes(&known()).unwrap();
    // Computed with another tool: HMAC-SHA256(HMAC-SHA256(secret, "link"), "message").
    let expected = "ef464dde072d7611cae18144f38c0c078ac77a358bccdd486e4c4f8f474977b1";
    assert_eq!(hex::encode(mac(&keys, "link", "message")), expected);
    let all = [
        mac(&keys, "link", "message"),
        mac(&keys, "code", "message"),
        mac(&keys, "link", "messagf"),
        mac(&keys, "linkm", "essage"),
        mac(&keys, "", "message"),
    ];
    for (n, one) in all.iter().enumerate() {
        assert!(!all[..n].contains(one), "{n}");
    }
}

#[test]
fn open_permissions_and_wrong_lengths_are_refused_and_nothing_is_replaced() {
    let data = tempfile::tempdir().unwrap();
    FileKeys::open(data.path()).unwrap();
    let folder = data.path().join("keys");
    let file = folder.join("machine.key");
    let before = fs::read(&file).unwrap();
    for mode in [0o640, 0o604, 0o666, 0o610] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let why = refusal(data.path());
        assert!(
            why.contains(&format!("(mode {mode:o}): run `chmod 600")),
            "{why}"
        );
    }
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let why = refusal(data.path());
    assert!(
        why.contains("can be changed by other users (mode 777)"),
        "{why}"
    );
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read(&file).unwrap(), before);

    for length in [0, 32, 63, 65] {
        fs::write(&file, vec![1; length]).unwrap();
        let why = refusal(data.path());
        assert!(
            why.contains(&format!("has {length} bytes and must have 64")),
            "{why}"
        );
        assert_eq!(fs::read(&file).unwrap().len(), length);
    }
}

#[test]
fn debug_output_shows_no_key() {
    let keys = FileKeys::from_bytes(&known()).unwrap();
    assert_eq!(format!("{keys:?}"), "FileKeys(…)");
}

#[test]
fn a_webhook_secret_is_made_once_and_two_may_be_set() {
    let data = tempfile::tempdir().unwrap();
    FileKeys::open(data.path()).unwrap();
    let made = webhook_secrets(data.path()).unwrap();
    assert_eq!((made.len(), made[0].len()), (1, 64));
    assert_eq!(webhook_secrets(data.path()).unwrap(), made);

    let file = data.path().join("keys/webhook.secret");
    std::fs::write(&file, "the first one, old\nthe second one, new\n").unwrap();
    assert_eq!(webhook_secrets(data.path()).unwrap().len(), 2);
}
