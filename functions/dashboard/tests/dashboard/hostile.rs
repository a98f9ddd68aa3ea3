//! Purpose: text of strangers, in every field that can hold any: it is shown and never becomes part of a page.

use domain::ids::{EnvironmentName, JobId};
use domain::plan::Trigger;
use domain::release::Artifact;
use domain::report::{Finding, Report, TestFailure};
use domain::run::{Attempt, Command, EndFacts, Opening, StageOutcome, Verdict};
use engine::ports::Journal as _;
use futures::FutureExt as _;

use crate::crawl::crawl;
use crate::sample::plan::{failing, good, opening, with_artifact, with_findings};
use crate::sample::story::Story;
use crate::sample::world::World;

/// Breaks out of text, of both kinds of attribute, of a comment and of a script; turns the writing around.
const EVIL: &str = "</title></script>--><img src=x onerror=alert(1)>\"'><svg onload=alert(2)>{{7*7}}\u{202e}\u{200b}\u{1b}[31m&amp;";

fn evil(name: &str) -> String {
    format!("{name} {EVIL}")
}

fn evil_plan(opening: &mut Opening) {
    opening.plan.jobs.truncate(2);
    opening.plan.stages.truncate(1);
    let names = [evil("build"), evil("unit")];
    for (job, name) in opening.plan.jobs.iter_mut().zip(names) {
        job.id = JobId::new(name);
        job.needs.clear();
        job.step.run = vec![evil("run")];
        job.step.env.insert(evil("KEY"), evil("value"));
        job.retries = 0;
    }
    let first = opening.plan.jobs[0].id.clone();
    opening.plan.jobs[1].needs = vec![first];
    let stage = &mut opening.plan.stages[0];
    stage.environment = EnvironmentName::new(evil("staging"));
    stage.verify = None;
    opening.plan.concurrency.group = evil("group");
}

fn evil_end(mut end: EndFacts) -> EndFacts {
    let reports: &mut Vec<Report> = &mut end.reports;
    for report in reports {
        report.path = evil("path");
        report.notes = vec![evil("note")];
        report.broken_gates = vec![evil("gate")];
        report.failures = vec![TestFailure {
            test: evil("test"),
            file: Some(evil("file")),
            line: Some(1),
            message: evil("message"),
        }];
        report.details = vec![Finding {
            rule: evil("rule"),
            level: evil("level"),
            message: evil("finding"),
            file: Some(evil("place")),
            line: None,
            fingerprint: evil("print"),
            new: true,
        }];
    }
    let artifacts: &mut Vec<Artifact> = &mut end.artifacts;
    for artifact in artifacts {
        artifact.name = evil("artifact");
        artifact.files[0].path = evil("file");
    }
    end.headline = Some(evil("headline"));
    end
}

fn failed_job(world: &World) {
    let mut opening = opening(12, "e011", "x");
    evil_plan(&mut opening);
    opening.reference = format!("refs/heads/{EVIL}");
    opening.trigger = Trigger::Push {
        branch: evil("branch"),
    };
    opening.delivery = evil("delivery");
    let task = format!("job/{}", opening.plan.jobs[0].id);
    let story = Story::open(world, 10, &evil("title"), opening);
    story.turn().begin(11, &task);
    let mut end = evil_end(failing(11, 5));
    end.verdict = Verdict::Failed { why: evil("why") };
    story.end(20, &task, end);
    world.write_log(&story.build(&task), &[&evil(">line"), EVIL], true);
}

fn failed_deploy(world: &World) {
    let mut opening = opening(12, "e012", "x");
    evil_plan(&mut opening);
    let names: Vec<String> = opening
        .plan
        .jobs
        .iter()
        .map(|job| format!("job/{}", job.id))
        .collect();
    let environment = opening.plan.stages[0].environment.to_string();
    let story = Story::open(world, 30, &evil("title"), opening);
    story.turn();
    let ends = [with_artifact(good(31, 4)), with_findings(good(41, 4))];
    for (task, end) in names.iter().zip(ends) {
        story.begin(31, task);
        let mut end = evil_end(end);
        end.headline = None;
        story.end(40, task, end);
    }
    let task = format!("deploy/{environment}");
    story.take_lane(50, &environment).begin(51, &task);
    let mut end = good(51, 4);
    end.verdict = Verdict::Failed { why: evil("why") };
    story.end(60, &task, end);
    story.leave_lane(&environment, StageOutcome::Failed { why: evil("doubt") });
}

fn rejected(world: &World) {
    let story = Story::open(world, 100, &evil("title"), opening(12, "e013", "x"));
    story.jobs(101).deploy(230, "staging").ask(270);
    story.decide(280, false, &evil("reason"));
}

fn stopped(world: &World) {
    let mut invalid = opening(12, "e014", "x");
    invalid.problem = Some(evil("problem"));
    Story::open(world, 300, &evil("title"), invalid);
    let story = Story::open(world, 310, &evil("title"), opening(12, "e015", "x"));
    story.turn().begin(311, "job/build");
    let cancel = Command::Cancel {
        by: None,
        reason: evil("cancel"),
    };
    story.tell("person:2", &cancel);
    let story = Story::open(world, 320, &evil("title"), opening(12, "e016", "x"));
    story.turn();
    let attempt = Attempt::parse("job/build~1").unwrap();
    story.tell(
        "function:scheduler",
        &Command::GrantSlots(vec![attempt.clone()]),
    );
    let refuse = Command::RefuseBuild {
        attempt,
        why: evil("refused"),
    };
    story.tell(&evil("actor"), &refuse);
    let told = world
        .shelf
        .quarantine(&story.stream(), Some(EVIL))
        .now_or_never();
    told.unwrap().unwrap();
}

fn hostile() -> World {
    let mut world = World::new();
    for person in &mut world.people {
        person.name = evil("person");
        person.login = evil("login");
    }
    for repository in &mut world.repositories {
        repository.name = evil("repository");
    }
    failed_job(&world);
    failed_deploy(&world);
    rejected(&world);
    stopped(&world);
    world.at(400);
    world
}

/// The tags of a page, with the names of their attributes.
fn tags(html: &str) -> Vec<(String, Vec<String>)> {
    let mut tags = Vec::new();
    for part in html.split('<').skip(1) {
        let mut name = String::new();
        let (mut attributes, mut current, mut quoted, mut valued) =
            (Vec::new(), String::new(), false, false);
        for letter in part.chars() {
            match letter {
                '"' => quoted = !quoted,
                _ if quoted => {}
                '>' | ' ' | '\n' | '/' => {
                    let word = std::mem::take(&mut current);
                    if name.is_empty() {
                        name = word;
                    } else if !word.is_empty() {
                        attributes.push(word);
                    }
                    valued = false;
                    if letter == '>' {
                        break;
                    }
                }
                '=' => valued = true,
                _ if valued => {}
                _ => current.push(letter),
            }
        }
        assert!(!quoted, "a quote is open in <{part}");
        tags.push((name, attributes));
    }
    tags
}

#[test]
fn sec_23_hostile_text_never_becomes_a_tag_or_an_attribute() {
    let known = [
        "class",
        "href",
        "id",
        "title",
        "lang",
        "charset",
        "name",
        "content",
        "rel",
        "type",
        "d",
        "x",
        "y",
        "rx",
        "width",
        "height",
        "viewBox",
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "aria-current",
        "focusable",
        "tabindex",
        "method",
        "action",
        "for",
        "value",
        "selected",
        "placeholder",
        "autocomplete",
        "spellcheck",
        "role",
        "http-equiv",
        "open",
    ];
    let pages = crawl(&hostile());
    assert!(pages.len() > 20, "only {} pages", pages.len());
    for (path, html) in &pages {
        let page = html.strip_prefix("<!doctype html>").unwrap();
        for (tag, attributes) in tags(page) {
            assert!(
                !["img", "script", "iframe", "style", "object"].contains(&tag.as_str()),
                "{path}: <{tag}>"
            );
            for attribute in attributes {
                assert!(
                    known.contains(&attribute.as_str()),
                    "{path}: {attribute} of <{tag}>"
                );
            }
        }
    }
}

#[test]
fn sec_53_hostile_text_is_shown_with_its_invisible_letters() {
    let pages = crawl(&hostile());
    let all: String = pages.iter().map(|(_, html)| html.as_str()).collect();
    for hidden in ['\u{202e}', '\u{200b}', '\u{1b}'] {
        assert!(!all.contains(hidden), "{}", hidden.escape_unicode());
    }
    let shown = [
        "person",
        "repository",
        "title",
        "headline",
        "why",
        "reason",
        "problem",
        "cancel",
        "refused",
        "doubt",
        "test",
        "file",
        "message",
        "rule",
        "level",
        "finding",
        "path",
        "note",
        "gate",
        "artifact",
        "run",
        "group",
        "staging",
        "actor",
        "KEY",
    ];
    for name in shown {
        let text = format!("{name} &#60;/title&#62;");
        assert!(all.contains(&text), "{name} is not shown");
    }
}
