//! Purpose: blobs as files: where they are, damaged ones, and that good ones are left alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use engine::Fault;
use engine::ports::Blobs;
use local::blobs::FileBlobs;

#[tokio::test]
async fn a_blob_is_one_file_named_by_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::new(folder.path().join("deep/blobs"));
    let digest = blobs.put(b"hello").await.unwrap();
    // printf hello | sha256sum
    let name = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(digest.as_str(), name);
    let path = folder.path().join("deep/blobs/2c").join(name);
    assert_eq!(blobs.path(&digest), Ok(path.clone()));
    assert_eq!(fs::read(&path).unwrap(), b"hello");
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[tokio::test]
async fn a_good_file_is_left_alone_and_a_damaged_one_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::new(folder.path());
    let digest = blobs.put(b"hello").await.unwrap();
    let path = blobs.path(&digest).unwrap();
    let before = inode(&path);
    blobs.put(b"hello").await.unwrap();
    assert_eq!(inode(&path), before);

    for damaged in [&b"hellO"[..], b"hell", b""] {
        fs::write(&path, damaged).unwrap();
        match blobs.get(&digest).await {
            Err(Fault::Malformed(why)) => {
                assert!(why.contains(path.to_str().unwrap()), "{why}");
                assert!(why.contains("is damaged"), "{why}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(blobs.put(b"hello").await, Ok(digest.clone()));
        assert_eq!(blobs.get(&digest).await, Ok(Some(b"hello".to_vec())));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let fault = FileBlobs::new(&file).put(b"x").await.unwrap_err();
    assert!(fault.is_transient());
    assert!(
        fault.to_string().contains(file.to_str().unwrap()),
        "{fault}"
    );
}
