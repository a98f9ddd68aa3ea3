//! Purpose: the list of runs: order, pages, filters.

use domain::ids::RunId;

use crate::sample::plan::opening;
use crate::sample::stories::{self, AWAITING, FAILED, INVALID, QUEUED, RUNNING};
use crate::sample::story::Story;
use crate::sample::world::World;
use crate::{data, get, page};

fn ids(list: &serde_json::Value) -> Vec<String> {
    let runs = list["runs"].as_array().unwrap();
    let ids = runs
        .iter()
        .map(|run| run["run"].as_str().unwrap().to_owned());
    ids.collect()
}

/// So many runs, the newest with the highest number; two in each second.
fn many(count: usize) -> World {
    let world = World::new();
    for number in 0..count {
        let branch = if number % 3 == 0 { "main" } else { "topic" };
        let second = i64::try_from(number / 2).unwrap();
        let opening = opening(12, &format!("{number:012x}"), branch);
        Story::open(&world, second, &format!("Change {number}"), opening);
    }
    world
}

/// All pages from this address on.
fn walk(world: &World, first: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut path = first.to_owned();
    loop {
        let list = data(world, &path);
        pages.push(ids(&list));
        let Some(next) = list["next"].as_str() else {
            return pages;
        };
        assert!(pages.len() < 100, "it must end");
        let joint = if first.contains('?') { '&' } else { '?' };
        path = format!("{first}{joint}after={next}");
    }
}

#[test]
fn pages_hold_every_run_once_newest_first() {
    for count in [0, 1, 24, 25, 26, 50, 51, 130] {
        let world = many(count);
        let pages = walk(&world, "/");
        let full = count.div_ceil(25).max(1);
        assert_eq!(pages.len(), full, "{count} runs");
        let shown: Vec<String> = pages.concat();
        let expected: Vec<String> = (0..count).rev().map(|n| format!("{n:012x}")).collect();
        assert_eq!(shown, expected, "{count} runs");
    }
}

#[test]
fn a_filter_is_paged_as_exactly_as_the_whole() {
    let world = many(130);
    let pages = walk(&world, "/?branch=main");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [25, 19]);
    let expected: Vec<String> = (0..130)
        .rev()
        .filter(|n| n % 3 == 0)
        .map(|n| format!("{n:012x}"))
        .collect();
    assert_eq!(pages.concat(), expected);
}

#[test]
fn links_between_pages_keep_the_filter() {
    let world = many(130);
    let html = page(&world, "/?branch=main&repository=acme%2Fshop");
    let next = "/?repository=acme%2Fshop&#38;branch=main&#38;after=";
    assert!(html.contains(next), "{html}");
    assert!(!html.contains("Newest runs"));
    let older = page(&world, "/?after=1772366430000-run/12/00000000003c");
    assert!(older.contains("Newest runs"));
}

#[test]
fn runs_are_found_by_repository_branch_and_status() {
    let world = stories::sample();
    let found = |query: &str| ids(&data(&world, &format!("/?{query}")));
    assert_eq!(found("").len(), 9);
    assert_eq!(found("repository=acme%2Fdocs"), [stories::DOUBT]);
    assert_eq!(found("repository=13"), [stories::DOUBT]);
    assert_eq!(found("branch=feature/wish-list"), [RUNNING]);
    assert_eq!(found("branch=refs/heads/feature/wish-list"), [RUNNING]);
    assert_eq!(found("status=awaiting+approval"), [AWAITING]);
    assert_eq!(found("status=failed&repository=12"), [INVALID, FAILED]);
    assert_eq!(found("status=queued"), [QUEUED]);
    assert!(found("branch=nothing").is_empty());
}

#[test]
fn an_unknown_repository_and_an_empty_list_say_so() {
    let world = stories::sample();
    let html = page(&world, "/?repository=acme/none");
    assert!(html.contains("No repository here has the name or number acme/none."));
    assert!(page(&world, "/?branch=none").contains("No run matches."));
    assert!(page(&World::new(), "/").contains("There are no runs yet."));
}

#[test]
fn a_place_that_is_none_is_refused_with_a_sentence() {
    let (status, html) = get(&World::new(), "/?after=yesterday");
    assert_eq!(status, 400);
    assert!(html.contains("is no place in the list of runs; begin at the first page."));
}

#[test]
fn a_list_with_a_live_run_reads_itself_again_until_held_still() {
    let world = stories::sample();
    let refresh = r#"<meta http-equiv="refresh""#;
    assert!(page(&world, "/").contains(refresh));
    assert!(!page(&world, "/?refresh=off").contains(refresh));
    assert!(!page(&world, "/?status=failed").contains(refresh));
}

#[test]
fn a_commit_without_a_title_is_shown_by_its_run() {
    let world = stories::sample();
    world.titles.lock().unwrap().clear();
    let html = page(&world, "/");
    assert!(html.contains(&format!(">Run {}</a>", RunId::new(QUEUED))));
}
