//! Purpose: what a build left in S3: its result, and numbered files with a list of what they are.

use std::collections::BTreeMap;

use aws_sdk_codebuild::types::Build;
use aws_sdk_s3::Client;
use domain::buildspec::{MAX_ARTIFACT_FILES, MAX_REPORT_FILES, NOT_COLLECTED};
use domain::ids::Digest;
use domain::plan::ReportKind;
use domain::release::digest_of;
use engine::Fault;
use engine::ports::{Artifact, ArtifactFile, Blobs as _, BuildEnd, CollectedReport, Ending};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use sha2::Digest as _;

use super::CodeBuild;
use super::result::{Entry, Outcome, index, outcome};
use super::start::DECLARED;
use crate::client::fault;

/// Largest file of an artifact, bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;
/// Largest artifact, bytes.
const MAX_ARTIFACT_BYTES: u64 = 1 << 30;
/// Largest report file, bytes.
const MAX_REPORT_BYTES: u64 = 16 << 20;
/// Largest list of files, bytes.
const MAX_INDEX_BYTES: u64 = 8 << 20;
/// Largest result, bytes.
const MAX_RESULT_BYTES: u64 = 4 << 10;
/// Larger files are copied within S3 after they were read once; smaller ones are kept in memory meanwhile.
const SMALL_BYTES: u64 = 4 << 20;
/// Files at once.
const FILES: usize = 8;

/// What was asked for, out of a variable of the build that only CodeBuild's API can set.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Declared {
    artifacts: Vec<String>,
    pub reports: Vec<ReportKind>,
}

impl Declared {
    pub fn of(build: &Build) -> Result<Self, Fault> {
        let environment = build
            .environment()
            .map(|environment| environment.environment_variables());
        let variables = environment.unwrap_or_default();
        let Some(variable) = variables
            .iter()
            .find(|variable| variable.name() == DECLARED)
        else {
            return Ok(Self::default());
        };
        serde_json::from_str(variable.value())
            .map_err(|error| Fault::Malformed(format!("{DECLARED} of a build: {error}")))
    }
}

/// The result and the list of a build whose program came to its end.
pub struct Left {
    prefix: String,
    result: Outcome,
    files: Result<Vec<Entry>, String>,
}

impl Left {
    /// `None` when there is no result.
    pub async fn read(client: &Client, bucket: &str, build: &Build) -> Result<Option<Self>, Fault> {
        let location = build.artifacts().and_then(|artifacts| artifacts.location());
        // Ours only: the bucket's name ends the beginning.
        let marks = location.and_then(|location| location.split_once(":::"));
        let Some(prefix) = marks.and_then(|(_, path)| path.strip_prefix(&format!("{bucket}/")))
        else {
            return Ok(None);
        };
        let prefix = prefix.trim_end_matches('/').to_owned();
        let place = |name: &str| format!("{prefix}/{name}");
        let Some(result) = get_text(client, bucket, &place("result"), MAX_RESULT_BYTES).await?
        else {
            return Ok(None);
        };
        let Some(result) = result.ok().as_deref().and_then(outcome) else {
            return Ok(None);
        };
        let files = match get_text(client, bucket, &place("index"), MAX_INDEX_BYTES).await? {
            Some(Ok(text)) => index(&text),
            Some(Err(why)) => Err(why),
            None => Ok(Vec::new()),
        };
        Ok(Some(Self {
            prefix,
            result,
            files,
        }))
    }
}

impl CodeBuild {
    /// Fills in what the build left. An artifact that cannot be kept makes the build fail, as with the process builder.
    pub(super) async fn collect(
        &self,
        left: &Left,
        declared: &Declared,
        end: &mut BuildEnd,
    ) -> Result<(), Fault> {
        let result = &left.result;
        end.usage.cpu_ms = result.cpu_ms;
        end.ending = match result.timed_out {
            true => Ending::TimedOut,
            false => Ending::Exited {
                code: result.status,
            },
        };
        let good = end.ending == (Ending::Exited { code: 0 });
        let collected = match &left.files {
            Ok(files) => self.collect_files(left, files, declared, good, end).await?,
            Err(why) => Err(why.clone()),
        };
        if let Err(why) = collected {
            tracing::warn!(place = left.prefix, why, "what a build left cannot be kept");
            end.artifacts.clear();
            if good {
                end.ending = Ending::Exited {
                    code: NOT_COLLECTED,
                };
            }
        }
        Ok(())
    }

    async fn collect_files(
        &self,
        left: &Left,
        files: &[Entry],
        declared: &Declared,
        good: bool,
        end: &mut BuildEnd,
    ) -> Result<Result<(), String>, Fault> {
        let of = |is_artifact: bool, spec: usize| {
            let of = move |file: &&Entry| file.is_artifact == is_artifact && file.spec == spec;
            files.iter().filter(of).collect::<Vec<_>>()
        };
        for (spec, kind) in declared.reports.iter().enumerate() {
            let found = of(false, spec);
            if found.is_empty() || found.len() > MAX_REPORT_FILES {
                continue;
            }
            let Ok(kept) = self.keep(left, &found, MAX_REPORT_BYTES).await? else {
                continue;
            };
            end.missing_reports.retain(|missing| *missing != spec);
            end.reports
                .extend(kept.into_iter().map(|file| CollectedReport {
                    spec,
                    kind: *kind,
                    path: file.path,
                    digest: file.digest,
                }));
        }
        let names = declared.artifacts.iter().enumerate().filter(|_| good);
        for (spec, name) in names {
            let found = of(true, spec);
            if found.is_empty() || found.len() > MAX_ARTIFACT_FILES {
                return Ok(Err(format!(
                    "the artifact `{name}` has {} files",
                    found.len()
                )));
            }
            let files = match self.keep(left, &found, MAX_FILE_BYTES).await? {
                Ok(files) => files,
                Err(why) => return Ok(Err(format!("the artifact `{name}`: {why}"))),
            };
            if files.iter().map(|file| file.len).sum::<u64>() > MAX_ARTIFACT_BYTES {
                return Ok(Err(format!("the artifact `{name}` is too large")));
            }
            end.artifacts.push(Artifact {
                name: name.clone(),
                digest: digest_of(&files),
                files,
            });
        }
        Ok(Ok(()))
    }

    /// Makes blobs of files, sorted by their paths.
    async fn keep(
        &self,
        left: &Left,
        files: &[&Entry],
        limit: u64,
    ) -> Result<Result<Vec<ArtifactFile>, String>, Fault> {
        let mut keep = Vec::new();
        for file in files {
            keep.push(self.keep_one(left, file, limit).boxed());
        }
        let kept: Vec<Result<ArtifactFile, String>> = futures::stream::iter(keep)
            .buffered(FILES)
            .try_collect()
            .await?;
        let mut by_path = BTreeMap::new();
        for file in kept {
            match file {
                Ok(file) => drop(by_path.insert(file.path.clone(), file)),
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(by_path.into_values().collect()))
    }

    async fn keep_one(
        &self,
        left: &Left,
        file: &Entry,
        limit: u64,
    ) -> Result<Result<ArtifactFile, String>, Fault> {
        let bucket = &self.place.bucket;
        let key = format!("{}/{}", left.prefix, file.number);
        let object = match self.s3.get_object().bucket(bucket).key(&key).send().await {
            Ok(object) => object,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_no_such_key()) =>
            {
                return Ok(Err(format!("{:?} was not uploaded", file.path)));
            }
            Err(error) => return Err(fault("S3 GetObject", &error)),
        };
        let tag = object.e_tag.clone().unwrap_or_default();
        let (mut body, mut hash) = (object.body, sha2::Sha256::new());
        let (mut len, mut small) = (0_u64, Vec::new());
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| broken(&key, &error.to_string()))?;
            len += chunk.len() as u64;
            if len > limit {
                return Ok(Err(format!(
                    "{:?} has more than {} MiB",
                    file.path,
                    limit >> 20
                )));
            }
            hash.update(&chunk);
            if len <= SMALL_BYTES {
                small.extend_from_slice(&chunk);
            }
        }
        let digest = Digest::new(hex::encode(hash.finalize()));
        if len <= SMALL_BYTES {
            self.blobs.put(&small).await?;
        } else {
            // What was read is what is copied: the tag changes with the content.
            let copy = self.s3.copy_object().copy_source(format!("{bucket}/{key}"));
            let copy = copy
                .copy_source_if_match(tag)
                .bucket(bucket)
                .key(format!("blobs/{digest}"));
            let copied = copy.send().await;
            copied.map_err(|error| fault("S3 CopyObject", &error))?;
        }
        Ok(Ok(ArtifactFile {
            path: file.path.clone(),
            digest,
            len,
            executable: file.executable,
        }))
    }
}

fn broken(key: &str, why: &str) -> Fault {
    Fault::Unavailable(format!("S3 GetObject broke off in {key}: {why}"))
}

/// A text of bounded size; `None` when there is no such object, an inner error when it is too large or no text.
async fn get_text(
    client: &Client,
    bucket: &str,
    key: &str,
    limit: u64,
) -> Result<Option<Result<String, String>>, Fault> {
    let object = match client.get_object().bucket(bucket).key(key).send().await {
        Ok(object) => object,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_no_such_key()) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(fault("S3 GetObject", &error)),
    };
    let mut body = object.body;
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| broken(key, &error.to_string()))?;
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > limit {
            return Ok(Some(Err(format!("{key} has more than {limit} bytes"))));
        }
    }
    Ok(Some(
        String::from_utf8(bytes).map_err(|_| format!("{key} is not UTF-8")),
    ))
}
