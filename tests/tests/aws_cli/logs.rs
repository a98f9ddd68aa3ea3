//! The log of a build: its place from CodeBuild, its lines from CloudWatch.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use blackbox::Said;
use domain::run::{Attempt, Command as Wish, TaskId};
use serde_json::{Value, json};

use super::world::{STACK, World};

const RUN: &str = "455aaaaaaaaa";
const BUILD: &str = "ci-trusted:0001";
const GROUP: &str = "/ci/builds";

/// A CodeBuild that knows one build; gives its address. It ends with the test's process.
fn codebuild() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
        }
    });
    url
}

fn answer(mut stream: TcpStream) {
    let mut request = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        request.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    request.read_exact(&mut body).unwrap();
    let asked: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(asked["ids"], json!([BUILD]));
    let logs = json!({ "groupName": GROUP, "streamName": "one" });
    let build = json!({ "id": BUILD, "buildStatus": "SUCCEEDED", "logs": logs });
    let body = json!({ "builds": [build] }).to_string();
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\n";
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
}

#[test]
fn the_log_of_a_build_is_read_by_range() {
    let Some(world) = World::new("https://ci.example.org") else {
        return;
    };
    let attempt = Attempt {
        task: TaskId::Job("unit".into()),
        number: 1,
    };
    world.open_run(RUN);
    world.submit(RUN, &Wish::TakeTurn);
    world.submit(RUN, &Wish::GrantSlots(vec![attempt.clone()]));
    let build = BUILD.into();
    world.submit(RUN, &Wish::BuildStarted { attempt, build });
    world.aws(&["logs", "create-log-group", "--log-group-name", GROUP]);
    let place = ["--log-group-name", GROUP, "--log-stream-name", "one"];
    world.aws(&[&["logs", "create-log-stream"], &place[..]].concat());
    let now = jiff::Timestamp::now().as_millisecond();
    let lines = ["make test", "ok  shop", "done"];
    let events = lines.map(|line| json!({ "timestamp": now, "message": format!("{line}\n") }));
    let events = json!(events).to_string();
    let put = ["logs", "put-log-events", "--log-events", &events];
    world.aws(&[&put[..], &place[..]].concat());

    let url = codebuild();
    let logs = |more: &[&str]| {
        let words = ["--aws", STACK, "--json", "logs", RUN, "unit"];
        let mut command = world.command(&[&words[..], more].concat());
        command.env("AWS_ENDPOINT_URL_CODEBUILD", &url);
        let lines = Said::by(&mut command).expect(0).lines();
        let text = |line: &Value| line["text"].as_str().unwrap().to_owned();
        lines.iter().map(text).collect::<Vec<String>>()
    };
    assert_eq!(logs(&[]), lines);
    assert_eq!(logs(&["--after", "2"]), ["done"]);
}
