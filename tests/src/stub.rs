//! Purpose: a tiny HTTP server: Lambda's Runtime API, and AWS with what a function asks of it at its start.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What is answered; `None` keeps the caller waiting, as the Runtime API does until there is an event.
type Reply = Option<(u16, Vec<(&'static str, String)>, String)>;

/// Serves until the process ends; tells the port.
fn serve(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            thread::spawn(move || converse(&stream, &*answer));
        }
    });
    port
}

fn converse(stream: &TcpStream, answer: &dyn Fn(&Asked) -> Reply) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let Some((status, headers, body)) = answer(&asked) else {
            // Until the caller is gone.
            thread::park();
            return;
        };
        let mut text = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("\r\n{body}");
        if (&mut &*stream).write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|bytes| *bytes > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Asked {
        method,
        path,
        headers,
        body,
    })
}

/// Where a program asks for its next event.
const NEXT: &str = "/2018-06-01/runtime/invocation/next";

/// The Runtime API: hands out these events one after another, and what the function says to each.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
pub fn runtime_api(events: &[Value]) -> (u16, Receiver<Asked>) {
    let (said, hears): (Sender<Asked>, Receiver<Asked>) = channel();
    let events: VecDeque<String> = events.iter().map(Value::to_string).collect();
    let events = Mutex::new(events);
    let port = serve(move |asked| {
        if asked.path == NEXT {
            let event = events.lock().unwrap().pop_front()?;
            let headers = vec![
                ("lambda-runtime-aws-request-id", "call-1".to_owned()),
                ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
                (
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:us-east-1:1:function:f".to_owned(),
                ),
                ("content-type", "application/json".to_owned()),
            ];
            return Some((200, headers, event));
        }
        said.send(asked.clone()).unwrap();
        Some((202, Vec::new(), String::new()))
    });
    (port, hears)
}

/// The Runtime API of a function that is never called: says when the program asks for its first event, and keeps it waiting.
pub fn idle_runtime_api() -> (u16, Receiver<()>) {
    let (asks, hears) = channel();
    let port = serve(move |asked| {
        if asked.path == NEXT {
            // Whoever measured may have gone on.
            asks.send(()).unwrap_or_default();
            return None;
        }
        Some((202, Vec::new(), String::new()))
    });
    (port, hears)
}

/// AWS: secrets, and stores in which there is nothing yet. Keeps the names of the operations that were called.
pub fn aws() -> (u16, Arc<Mutex<Vec<String>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let noted = calls.clone();
    let port = serve(move |asked| {
        let target = asked
            .headers
            .get("x-amz-target")
            .cloned()
            .unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let json = |status: u16, value: Value| {
            Some((
                status,
                vec![("content-type", "application/x-amz-json-1.0".to_owned())],
                value.to_string(),
            ))
        };
        if target.is_empty() {
            // `GET /` of a connection that is made ahead of time calls nothing; anything else is S3, where nothing is.
            if asked.path != "/" {
                noted
                    .lock()
                    .unwrap()
                    .push(format!("{} {}", asked.method, asked.path));
            }
            return Some((
                404,
                Vec::new(),
                "<Error><Code>NoSuchKey</Code></Error>".to_owned(),
            ));
        }
        noted.lock().unwrap().push(operation.clone());
        match operation.as_str() {
            "GetSecretValue" => {
                let webhook = asked.body.contains("webhook");
                let value = if webhook {
                    crate::lambda::WEBHOOK_SECRET.to_owned()
                } else {
                    "0b".repeat(32)
                };
                json(
                    200,
                    json!({"ARN": "arn", "Name": "n", "SecretString": value}),
                )
            }
            "Query" => json(200, json!({"Items": [], "Count": 0, "ScannedCount": 0})),
            "SendMessage" => json(200, json!({"MessageId": "m", "MD5OfMessageBody": "0"})),
            _ => json(200, json!({})),
        }
    });
    (port, calls)
}
