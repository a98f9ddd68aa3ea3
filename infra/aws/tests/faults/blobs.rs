//! Purpose: blobs in S3 that meet faults.

use aws::blobs::S3Blobs;
use aws_sdk_s3::primitives::ByteStream;
use domain::ids::Digest;
use engine::Fault;
use engine::ports::Blobs as _;

use super::counterpart::faulty::{Faulty, Injected};
use super::{counterpart, impatient};

fn on_bucket(test: impl AsyncFnOnce(Faulty, S3Blobs, aws_sdk_s3::Client, String)) {
    let Some(server) = counterpart::ministack() else {
        return;
    };
    counterpart::runtime().block_on(async {
        let http = Faulty::new();
        let (url, account) = (server.url(), testbed::account());
        let region = counterpart::REGION;
        let config = counterpart::config_over(&url, &account, region, http.clone()).await;
        let config = impatient(&config);
        let name = counterpart::new_bucket(&config).await;
        http.plan([]);
        let blobs = S3Blobs::new(&config, name.clone());
        test(http, blobs, aws::client::s3(&config), name).await;
    });
}

fn refused(status: u16, code: &str) -> Injected {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    Injected::Answer(status, body)
}

#[test]
fn a_put_that_meets_faults_is_one_blob() {
    on_bucket(async |http, blobs, _, _| {
        let faults = [
            Injected::LoseReply,
            Injected::NotSent,
            refused(409, "ConditionalRequestConflict"),
            refused(503, "SlowDown"),
            refused(500, "InternalError"),
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            let bytes = format!("bytes {number}");
            http.plan([fault.clone()]);
            let digest = blobs.put(bytes.as_bytes()).await.unwrap();
            assert_eq!(http.calls(), ["PUT"; 2], "{fault:?}");
            http.plan([]);
            assert_eq!(blobs.put(bytes.as_bytes()).await, Ok(digest.clone()));
            assert_eq!(http.calls(), ["PUT"]);
            assert_eq!(blobs.get(&digest).await, Ok(Some(bytes.into_bytes())));
        }
        http.plan(vec![refused(409, "ConditionalRequestConflict"); 10]);
        let answer = blobs.put(b"busy").await;
        assert!(matches!(answer, Err(Fault::Unavailable(_))), "{answer:?}");
        assert_eq!(http.calls(), ["PUT"; 4]);
    });
}

#[test]
fn a_damaged_object_is_not_handed_out() {
    on_bucket(async |_, blobs, client, bucket| {
        let digest = Digest::of(b"what was meant");
        client
            .put_object()
            .bucket(bucket)
            .key(format!("blobs/{digest}"))
            .body(ByteStream::from_static(b"something else"))
            .send()
            .await
            .unwrap();
        match blobs.get(&digest).await {
            Err(Fault::Malformed(why)) => assert!(why.contains("is damaged"), "{why}"),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn what_may_not_be_read_is_not_called_missing() {
    on_bucket(async |http, blobs, _, _| {
        http.plan([refused(403, "AccessDenied")]);
        let answer = blobs.get(&Digest::of(b"x")).await;
        assert!(answer.unwrap_err().to_string().contains("is not set up"));
        http.plan([refused(404, "NoSuchBucket")]);
        assert!(blobs.get(&Digest::of(b"x")).await.is_err());
    });
}
