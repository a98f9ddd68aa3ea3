//! Purpose: checks of a blob store.

use domain::ids::Digest;
use engine::Fault;
use engine::ports::Blobs;
use futures::future::join_all;

pub async fn stored_bytes_come_back(blobs: &dyn Blobs) {
    let large: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    for bytes in [&b""[..], b"x", b"\0\xff\r\n", &large] {
        let digest = blobs.put(bytes).await.unwrap();
        assert_eq!(digest, Digest::of(bytes));
        let back = blobs.get(&digest).await.unwrap().unwrap();
        assert!(back == bytes, "{} bytes came back changed", bytes.len());
    }
}

pub async fn same_bytes_are_one_blob(blobs: &dyn Blobs) {
    let first = blobs.put(b"same").await.unwrap();
    let second = blobs.put(b"same").await.unwrap();
    assert_eq!(first, second);
    assert_eq!(blobs.get(&first).await, Ok(Some(b"same".to_vec())));
}

pub async fn unknown_digest_is_none(blobs: &dyn Blobs) {
    blobs.put(b"known").await.unwrap();
    assert_eq!(blobs.get(&Digest::of(b"unknown")).await, Ok(None));
}

pub async fn text_that_is_no_digest_is_refused(blobs: &dyn Blobs) {
    let upper = Digest::of(b"x").as_str().to_uppercase();
    for text in [
        "",
        "a",
        "../../etc/passwd",
        &"g".repeat(64),
        &"/".repeat(64),
        &upper,
    ] {
        let refused = blobs.get(&Digest::new(text)).await;
        assert!(
            matches!(refused, Err(Fault::Malformed(_))),
            "{text}: {refused:?}"
        );
    }
}

pub async fn racing_puts_agree(blobs: &dyn Blobs) {
    let bytes = vec![7_u8; 100_000];
    let digests = join_all((0..16).map(|_| blobs.put(&bytes))).await;
    assert!(digests.iter().all(|d| *d == Ok(Digest::of(&bytes))));
    assert_eq!(blobs.get(&Digest::of(&bytes)).await, Ok(Some(bytes)));
}
