//! Purpose: which address leads to which page.

use lambda_http::Body;
use lambda_http::http;

use super::*;

fn read(path: &str, accept: &str) -> Asked {
    let request = http::Request::get(path).header("accept", accept);
    Asked::read(&request.body(Body::Empty).unwrap())
}

fn route_of(path: &str) -> Route {
    read(path, "text/html").route
}

#[test]
fn every_page_has_its_address() {
    let run = || Route::Run {
        repository: RepositoryId(12),
        run: RunId::new("0a1b2c3d4e5f"),
    };
    assert_eq!(route_of("/"), Route::Runs);
    assert_eq!(route_of("/?after=1-run/1/a"), Route::Runs);
    assert_eq!(route_of("/runs/"), Route::Runs);
    assert_eq!(route_of("/environments"), Route::Environments);
    assert_eq!(route_of("/healthz"), Route::Health);
    assert_eq!(route_of("/runs/12/0a1b2c3d4e5f"), run());
    assert_eq!(route_of("/runs/12/0a1b2c3d4e5f/"), run());
    assert_eq!(
        route_of("/assets/x.css"),
        Route::Asset("/assets/x.css".to_owned())
    );
}

#[test]
fn what_cannot_be_read_is_nowhere() {
    let paths = [
        "/nothing",
        "/runs/acme/0a1b",
        "/runs/12/xyz",
        "/runs/12/../../etc/passwd",
        "/runs/12/0a1b/elsewhere",
        "/runs/12/0a1b/logs/unit~1",
        "/runs/12/0a1b/logs/job/unit",
        "/runs/12/0a1b/logs/job/unit~x",
        "/runs/12/0a1b/logs/job/%ff~1",
        "/runs/99999999999999999999/0a1b",
    ];
    for path in paths {
        assert_eq!(route_of(path), Route::Nowhere, "{path}");
    }
    let long = format!("/runs/12/{}", "a".repeat(65));
    assert_eq!(route_of(&long), Route::Nowhere);
}

#[test]
fn a_log_is_found_again_whatever_its_job_is_called() {
    let (repository, run) = (RepositoryId(12), RunId::new("0a1b"));
    for job in [
        "unit",
        "unit (go=1.24)",
        "a/b?c#d%20~1",
        "größe \"<&>",
        "x.json",
    ] {
        let attempt = Attempt::parse(&format!("job/{job}~3")).unwrap();
        let path = log_path(repository, &run, &attempt);
        let place = LogPlace {
            repository,
            run: run.clone(),
            attempt,
        };
        assert_eq!(route_of(&path), Route::Log(place.clone()), "{path}");
        let data = read(&format!("{path}.json?after=5"), "");
        assert_eq!((data.route, data.json), (Route::Log(place), true));
    }
}

#[test]
fn data_is_asked_for_by_header_or_suffix() {
    assert!(read("/", "application/json").json);
    assert!(read("/environments.json", "text/html").json);
    assert!(!read("/", "text/html,application/json;q=0.9").json);
    assert!(!read("/", "*/*").json);
    assert_eq!(read("/runs.json", "").route, Route::Runs);
}

#[test]
fn the_first_value_of_a_name_counts_and_an_empty_one_does_not() {
    let asked = read("/?branch=a%2Fb+c&branch=x&status=&tail", "");
    assert_eq!(asked.value("branch"), Some("a/b c"));
    assert_eq!(asked.value("status"), None);
    assert_eq!(asked.value("other"), None);
    assert!(asked.has("tail"));
    assert!(!asked.is_still());
    assert!(read("/?refresh=off", "").is_still());
}
