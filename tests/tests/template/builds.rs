//! What builds may do in AWS: they run code of strangers.

use super::access::granted;
use super::template::{PROJECTS, template};

#[test]
fn sec_05_builds_of_jobs_read_no_secret_and_builds_of_an_environment_their_own() {
    let template = template();
    for project in PROJECTS {
        let grants = granted(&template, &format!("{project}BuildRole"));
        let reads = grants
            .iter()
            .filter(|one| one.starts_with("secretsmanager:") || one.starts_with("ssm:"));
        let reads: Vec<_> = reads.collect();
        match project.strip_prefix("Deploy") {
            None => assert!(reads.is_empty(), "{project}: {reads:?}"),
            Some(environment) => {
                let own = format!("/{}/*", environment.to_lowercase());
                assert!(
                    reads.len() == 1 && reads[0].ends_with(&own),
                    "{project}: {reads:?}"
                );
            }
        }
        let foreign = [
            "dynamodb:",
            "sqs:",
            "kms:",
            "lambda:",
            "codebuild:",
            "iam:",
            "sts:",
        ];
        for grant in &grants {
            assert!(
                !foreign.iter().any(|service| grant.starts_with(service)),
                "{project}: {grant}"
            );
            let config = grant.contains("StateBucket") && grant.contains("/config");
            assert!(!config && !grant.contains("/blobs"), "{project}: {grant}");
        }
        if let Some(cache) = grants.iter().find(|one| one.contains("CacheBucket")) {
            assert!(
                cache.ends_with(&format!("/{}/*", project.to_lowercase())),
                "{cache}"
            );
        }
    }
}

#[test]
fn sec_45_only_builds_of_images_push_images() {
    let template = template();
    for project in PROJECTS {
        let grants = granted(&template, &format!("{project}BuildRole"));
        let pushes = grants.iter().any(|one| one.starts_with("ecr:PutImage"));
        assert_eq!(pushes, *project == "Images", "{project}");
    }
}

/// A build may overwrite neither what another project's builds were handed nor what they left.
#[test]
fn sec_05_projects_do_not_see_each_others_files() {
    let template = template();
    for project in PROJECTS {
        let grants = granted(&template, &format!("{project}BuildRole"));
        let name = project.to_lowercase().replace("deploy", "deploy-");
        for grant in grants
            .iter()
            .filter(|one| one.contains("/inputs/") || one.contains("/builds/"))
        {
            assert!(
                grant.ends_with(&format!("/${{AWS::StackName}}-{name}/*")),
                "{project}: {grant}"
            );
        }
        let writes = grants.iter().filter(|one| one.starts_with("s3:PutObject"));
        for grant in writes {
            assert!(
                grant.contains("/builds/") || grant.contains("CacheBucket/"),
                "{project}: {grant}"
            );
        }
    }
}
