//! Purpose: mails, announcements, and the file that says who people are.

use aws::machine::{FILE_KEY, S3Machine};
use aws::mail::{SesMailer, SnsAnnouncer};
use aws_sdk_sqs::types::QueueAttributeName;
use domain::ids::{PersonId, RepositoryId};
use engine::Fault;
use engine::ports::{Announcement, Announcer, Mail, Mailer, People, Repositories};

use super::counterpart::{ministack, new_bucket, next};
use super::{on_aws, queue, waiting};

fn mail(address: &str) -> Mail {
    Mail {
        id: "approval/r1/production/abc/1".to_owned(),
        to_name: "Ana".to_owned(),
        to_address: address.to_owned(),
        subject: "Deploy acme/shop – jetzt?".to_owned(),
        text: "Hello Ana, äöü".to_owned(),
        html: "<p>Hello Ana, äöü</p>".to_owned(),
    }
}

#[test]
fn a_mail_goes_to_one_person_as_text_and_html() {
    let Some(server) = ministack() else { return };
    on_aws(async |config| {
        let ses = aws_sdk_sesv2::Client::new(&config);
        ses.create_email_identity()
            .email_identity("ci@example.org")
            .send()
            .await
            .unwrap();
        let address = format!("ana-{}@example.org", next());
        let mailer = SesMailer::new(&config, "Slipway <ci@example.org>").unwrap();
        mailer.send(&mail(&address)).await.unwrap();
        let url = format!("{}/_ministack/ses/messages", server.url());
        let kept = tokio::task::spawn_blocking(move || {
            ureq::get(&url)
                .call()
                .unwrap()
                .into_body()
                .read_to_string()
                .unwrap()
        });
        let kept: serde_json::Value = serde_json::from_str(&kept.await.unwrap()).unwrap();
        // By account.
        let accounts = kept["messages"].as_object().unwrap().values();
        let ours: Vec<_> = accounts
            .flat_map(|messages| messages.as_array().unwrap())
            .filter(|message| message["To"] == serde_json::json!([address]))
            .collect();
        assert_eq!(ours.len(), 1, "{kept}");
        let mail = mail(&address);
        assert_eq!(ours[0]["Source"], "Slipway <ci@example.org>");
        assert_eq!(ours[0]["Subject"], mail.subject);
        assert_eq!(ours[0]["BodyText"], mail.text);
        assert_eq!(ours[0]["BodyHtml"], mail.html);
    });
}

#[test]
fn an_announcement_reaches_who_listens_to_the_topic() {
    on_aws(async |config| {
        let (sqs, url, _) = queue(&config).await;
        let attributes = sqs
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(QueueAttributeName::QueueArn);
        let arn = attributes.send().await.unwrap().attributes.unwrap()
            [&QueueAttributeName::QueueArn]
            .clone();
        let sns = aws_sdk_sns::Client::new(&config);
        let topic = sns
            .create_topic()
            .name(format!("announce-{}", next()))
            .send()
            .await
            .unwrap();
        let topic = topic.topic_arn.unwrap();
        sns.subscribe()
            .topic_arn(&topic)
            .protocol("sqs")
            .endpoint(arn)
            .send()
            .await
            .unwrap();
        let announcement = Announcement {
            sentence: "acme/shop asks whether a release may be deployed to production.".to_owned(),
            link: "https://ci.example.org/runs/12/abc".to_owned(),
        };
        SnsAnnouncer::new(&config, topic)
            .announce(&announcement)
            .await
            .unwrap();
        let bodies = waiting(&sqs, &url).await;
        assert_eq!(bodies.len(), 1);
        assert!(
            bodies[0].contains(&announcement.sentence) && bodies[0].contains(&announcement.link),
            "{bodies:?}"
        );
    });
}

#[test]
fn the_machines_file_is_read_anew_for_every_question() {
    on_aws(async |config| {
        let bucket = new_bucket(&config).await;
        let machine = S3Machine::new(&config, &bucket);
        // Before there is a file, there is nobody.
        assert_eq!(machine.person(PersonId(1)).await.unwrap(), None);
        let s3 = aws::client::s3(&config);
        let write = async |text: &'static str| {
            let body = aws_sdk_s3::primitives::ByteStream::from_static(text.as_bytes());
            s3.put_object()
                .bucket(&bucket)
                .key(FILE_KEY)
                .body(body)
                .send()
                .await
                .unwrap();
        };
        write("people: [{ id: 1, login: ana, email: ana@example.org, teams: [release] }]\nrepositories: [{ id: 12, name: acme/shop }]\n").await;
        assert_eq!(
            machine.by_login("ana").await.unwrap().unwrap().id,
            PersonId(1)
        );
        assert_eq!(machine.team("release").await.unwrap().len(), 1);
        assert_eq!(
            machine
                .repository(RepositoryId(12))
                .await
                .unwrap()
                .unwrap()
                .name,
            "acme/shop"
        );
        assert_eq!(machine.repository(RepositoryId(13)).await.unwrap(), None);
        write("people: []\n").await;
        assert_eq!(machine.by_login("ana").await.unwrap(), None);
        write("people: nobody\n").await;
        assert!(matches!(
            machine.by_login("ana").await,
            Err(Fault::Malformed(_))
        ));
    });
}
