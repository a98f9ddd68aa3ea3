//! Purpose: keys in KMS and secrets in Secrets Manager.

use aws::keys::{KmsAppSigner, KmsKeys};
use aws::secrets::{MacKeys, webhook_secrets};
use aws_config::SdkConfig;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec};
use engine::Fault;
use engine::ports::{AppSigner, Keys};
use sha2::Digest as _;

use super::counterpart::next;
use super::on_aws;

async fn key(config: &SdkConfig, spec: KeySpec) -> String {
    let kms = aws_sdk_kms::Client::new(config);
    let call = kms
        .create_key()
        .key_spec(spec)
        .key_usage(KeyUsageType::SignVerify);
    call.send().await.unwrap().key_metadata.unwrap().key_id
}

#[test]
fn a_decision_is_verified_by_the_key_that_signed_it_and_by_no_other() {
    on_aws(async |config| {
        let mac = MacKeys::from_hex(&"0b".repeat(32)).unwrap();
        let one = KmsKeys::new(
            &config,
            key(&config, KeySpec::EccNistP256).await,
            mac.clone(),
        );
        let other = KmsKeys::new(
            &config,
            key(&config, KeySpec::EccNistP256).await,
            mac.clone(),
        );
        // Longer than what KMS takes as a message.
        let message = "approve production ".repeat(500);
        let signature = one.sign(message.as_bytes()).await.unwrap();
        assert!(one.verify(message.as_bytes(), &signature).await.unwrap());
        assert!(!one.verify(b"another message", &signature).await.unwrap());
        assert!(!other.verify(message.as_bytes(), &signature).await.unwrap());
        for nonsense in ["", "!", "c2ln", &"A".repeat(4000)] {
            assert!(
                !one.verify(message.as_bytes(), nonsense).await.unwrap(),
                "{nonsense}"
            );
        }
        assert_eq!(
            one.mac("p", b"m").await.unwrap(),
            mac.mac("p", b"m").await.unwrap()
        );
        let none = KmsKeys::new(&config, "00000000-0000-0000-0000-000000000000", mac);
        // A key that cannot be asked says neither yes nor no.
        assert!(
            none.verify(message.as_bytes(), &signature)
                .await
                .unwrap_err()
                .is_transient()
        );
    });
}

#[test]
fn the_app_signs_with_rsa_and_the_raw_signature_verifies() {
    on_aws(async |config| {
        let id = key(&config, KeySpec::Rsa2048).await;
        let signer = KmsAppSigner::new(&config, &id);
        let signature = signer.sign_rs256(b"header.claims").await.unwrap();
        assert_eq!(signature.len(), 256);
        let kms = aws_sdk_kms::Client::new(&config);
        let digest = sha2::Sha256::digest(b"header.claims").to_vec();
        let call = kms
            .verify()
            .key_id(id)
            .message(digest.into())
            .message_type(MessageType::Digest);
        let call = call.signature(signature.into());
        let answer = call
            .signing_algorithm(SigningAlgorithmSpec::RsassaPkcs1V15Sha256)
            .send();
        assert!(answer.await.unwrap().signature_valid());
    });
}

async fn secret(config: &SdkConfig, value: &str) -> String {
    let client = aws_sdk_secretsmanager::Client::new(config);
    let call = client.create_secret().name(format!("secret-{}", next()));
    call.secret_string(value).send().await.unwrap().arn.unwrap()
}

#[test]
fn secrets_are_read_by_their_arn_two_webhook_secrets_at_a_time() {
    on_aws(async |config| {
        let arn = secret(
            &config,
            "first-secret-of-webhooks\nsecond-secret-of-webhooks\n",
        )
        .await;
        let secrets = webhook_secrets(&config, &arn).await.unwrap();
        assert_eq!(
            secrets,
            [
                b"first-secret-of-webhooks".to_vec(),
                b"second-secret-of-webhooks".to_vec()
            ]
        );
        let arn = secret(&config, &"0b".repeat(32)).await;
        let keys = MacKeys::read(&config, &arn).await.unwrap();
        let same = MacKeys::from_hex(&"0b".repeat(32)).unwrap();
        assert_eq!(
            keys.mac("p", b"m").await.unwrap(),
            same.mac("p", b"m").await.unwrap()
        );
        let short = secret(&config, "hunter2").await;
        let fault = MacKeys::read(&config, &short).await.unwrap_err();
        assert!(
            matches!(&fault, Fault::Malformed(why) if !why.contains("hunter2")),
            "{fault}"
        );
        assert!(
            webhook_secrets(&config, "gone")
                .await
                .unwrap_err()
                .is_transient()
        );
    });
}
