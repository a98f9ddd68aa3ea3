//! Purpose: JUnit XML, as pytest, Maven, Gradle, gotestsum, nextest, Jest, PHPUnit and googletest write it.
//!
//! There is no specification; read is what these tools have in common (<https://github.com/testmoapp/junitxml>): test
//! suites nested to any depth, a root `<testsuites>` or `<testsuite>`, `<failure>`, `<error>` and `<skipped>` in a test
//! case, and an `<error>` of a whole suite. Tests are counted one by one, since the totals in the attributes are wrong
//! in many files. A test that failed at first and passed at last (`flakyFailure`) has passed.

use domain::report::Report;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::locate::{Place, locate};
use crate::tests_seen::{TestsSeen, placed};
use crate::{Known, Unreadable, text};

/// Elements inside one another; real files have about five.
const MAX_DEPTH: usize = 64;

/// Reads the file into counts and failures.
pub(crate) fn read(bytes: &[u8], known: &Known, report: &mut Report) -> Result<(), Unreadable> {
    let xml = decode(bytes)?;
    let mut reader = Reader::from_str(&xml);
    let mut document = Document {
        known,
        tests: TestsSeen::default(),
        open: Vec::new(),
        case: None,
        rooted: false,
    };
    loop {
        let event = reader
            .read_event()
            .map_err(|error| not_xml(&xml, reader.buffer_position(), &error.to_string()))?;
        match event {
            Event::Start(element) => document.start(&element)?,
            Event::Empty(element) => {
                document.start(&element)?;
                document.end();
            }
            Event::End(_) => document.end(),
            Event::Text(text) => document.text(&String::from_utf8_lossy(&text)),
            Event::CData(text) => document.text(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(entity) => document.text(&resolve(&entity)?),
            // Entities are what a DTD is for in an attack: expansion without end, files of the reader's machine.
            Event::DocType(_) => {
                return Err(Unreadable::new(
                    "it has a document type (<!DOCTYPE …>), which is refused; write it without",
                ));
            }
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if !document.open.is_empty() {
        return Err(Unreadable::new(
            "it ends in the middle of an element; the tool was ended while it wrote",
        ));
    }
    if !document.rooted {
        return Err(Unreadable::new(
            "there is no <testsuites> and no <testsuite> in it, so it is not JUnit XML",
        ));
    }
    document.tests.into_report(report);
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, Unreadable> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Unreadable::new("it is UTF-16; let the tool write UTF-8"));
    }
    Ok(String::from_utf8_lossy(
        bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes),
    ))
}

fn not_xml(xml: &str, position: u64, why: &str) -> Unreadable {
    let end = usize::try_from(position)
        .unwrap_or(usize::MAX)
        .min(xml.len());
    let line = xml.as_bytes()[..end]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1;
    Unreadable::new(format!(
        "it is not well-formed XML near line {line}: {}",
        text::line(why, text::MAX_NAME)
    ))
}

fn resolve(entity: &BytesRef<'_>) -> Result<String, Unreadable> {
    let name = String::from_utf8_lossy(entity);
    match entity.resolve_char_ref() {
        Ok(Some(char)) => Ok(char.to_string()),
        Ok(None) => resolve_predefined_entity(&name)
            .map(str::to_owned)
            .ok_or_else(|| unknown_entity(&name)),
        Err(_) => Err(unknown_entity(&name)),
    }
}

fn unknown_entity(name: &str) -> Unreadable {
    let name = text::line(name, 40);
    Unreadable::new(format!(
        "it has the entity &{name};, and only &lt; &gt; &amp; &apos; &quot; and &#…; are read"
    ))
}

/// The elements that matter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Element {
    Suite {
        name: String,
    },
    Case,
    /// `<failure>` or `<error>` of the open test: its text is the message.
    Failure,
    /// `<system-out>` or `<system-err>` of the open test.
    Output,
    Other,
}

#[derive(Debug, Default)]
struct Case {
    name: String,
    file: Option<String>,
    line: Option<u32>,
    seconds: f64,
    outcome: Outcome,
    message: String,
    text: String,
    output: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Outcome {
    #[default]
    Passed,
    Skipped,
    Failed,
}

struct Document<'a> {
    known: &'a Known,
    tests: TestsSeen,
    open: Vec<Element>,
    case: Option<Case>,
    rooted: bool,
}

impl Document<'_> {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Unreadable> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Unreadable::new(format!(
                "its elements are nested more than {MAX_DEPTH} deep"
            )));
        }
        let name = tag.local_name();
        let element = match (name.as_ref(), self.open.last()) {
            (b"testsuites", None) => Element::Suite {
                name: String::new(),
            },
            (b"testsuite", None | Some(Element::Suite { .. })) => Element::Suite {
                name: attribute(tag, "name")?.unwrap_or_default(),
            },
            (b"testcase", Some(Element::Suite { name })) => {
                self.case = Some(Case::open(tag, name)?);
                Element::Case
            }
            (b"failure" | b"error", Some(Element::Suite { name })) => {
                let name = if name.is_empty() {
                    "test suite".to_owned()
                } else {
                    name.clone()
                };
                self.case = Some(Case {
                    name,
                    ..Case::default()
                });
                self.fail(tag)?
            }
            (b"failure" | b"error", Some(Element::Case)) => self.fail(tag)?,
            (b"skipped" | b"disabled", Some(Element::Case)) => {
                if let Some(case) = self
                    .case
                    .as_mut()
                    .filter(|case| case.outcome == Outcome::Passed)
                {
                    case.outcome = Outcome::Skipped;
                }
                Element::Other
            }
            (b"system-out" | b"system-err", Some(Element::Case)) => Element::Output,
            _ => Element::Other,
        };
        self.rooted |= matches!(element, Element::Suite { .. });
        self.open.push(element);
        Ok(())
    }

    /// The open test has failed; of several failures, the first one says why.
    fn fail(&mut self, tag: &BytesStart<'_>) -> Result<Element, Unreadable> {
        let Some(case) = &mut self.case else {
            return Ok(Element::Other);
        };
        if case.outcome == Outcome::Failed {
            return Ok(Element::Other);
        }
        case.outcome = Outcome::Failed;
        case.message = attribute(tag, "message")?.unwrap_or_default();
        if case.message.trim().is_empty() {
            case.message = attribute(tag, "type")?.unwrap_or_default();
        }
        Ok(Element::Failure)
    }

    fn text(&mut self, text: &str) {
        let Some(case) = &mut self.case else { return };
        match self.open.last() {
            Some(Element::Failure) => case.text.push_str(text),
            Some(Element::Output) => case.output.push_str(text),
            _ => {}
        }
    }

    fn end(&mut self) {
        let ended = self.open.pop();
        let in_suite = matches!(self.open.last(), Some(Element::Suite { .. }));
        let ends_case =
            ended == Some(Element::Case) || (ended == Some(Element::Failure) && in_suite);
        if let Some(case) = self.case.take_if(|_| ends_case) {
            self.count(&case);
        }
    }

    fn count(&mut self, case: &Case) {
        self.tests.took(case.seconds);
        match case.outcome {
            Outcome::Passed => self.tests.passed(1),
            Outcome::Skipped => self.tests.skipped(1),
            Outcome::Failed => self
                .tests
                .failure(|| placed(&case.name, &case.why(), case.place(), self.known)),
        }
    }
}

impl Case {
    fn open(tag: &BytesStart<'_>, suite: &str) -> Result<Self, Unreadable> {
        let name = attribute(tag, "name")?.unwrap_or_default();
        // Node's own reporter writes the class `test` everywhere; Jest repeats the class in the name.
        let class = attribute(tag, "classname")?.map(|class| {
            if class == "test" {
                suite.to_owned()
            } else {
                class
            }
        });
        let class = class.filter(|class| !class.is_empty() && !name.starts_with(class.as_str()));
        // googletest lists tests that are switched off, with this status and no child.
        let is_off = matches!(
            attribute(tag, "status")?.as_deref(),
            Some("notrun" | "disabled" | "skipped")
        );
        Ok(Self {
            name: class.map_or(name.clone(), |class| format!("{class}::{name}")),
            file: attribute(tag, "file")?.filter(|file| !file.is_empty()),
            line: attribute(tag, "line")?
                .and_then(|line| line.parse().ok())
                .filter(|line| *line > 0),
            // Maven writes `1,234.5`.
            seconds: attribute(tag, "time")?
                .and_then(|time| time.replace(',', "").parse().ok())
                .unwrap_or(0.0),
            outcome: if is_off {
                Outcome::Skipped
            } else {
                Outcome::Passed
            },
            ..Self::default()
        })
    }

    /// What the failure says: the attribute, unless the text has a Rust panic, of which the attribute has only the
    /// first line.
    fn why(&self) -> String {
        let panics = text::clean(&self.text)
            .lines()
            .any(|line| crate::locate::rust_panic(line).is_some());
        if panics || self.message.trim().is_empty() {
            self.text.clone()
        } else {
            self.message.clone()
        }
    }

    /// Where to look: the file in the attributes and the line in the text when both speak of the same file, for the
    /// attribute's line is where the test begins; else the attributes; else what the texts point at.
    fn place(&self) -> Option<Place> {
        let said = [&self.text, &self.message, &self.output]
            .into_iter()
            .find_map(|text| locate(&text::clean(text)));
        let Some(file) = &self.file else { return said };
        let file_name = |path: &str| path.rsplit(['/', '\\']).next().map(str::to_owned);
        match (said, self.line) {
            (Some(said), _) if file_name(&said.file) == file_name(file) => Some(Place {
                file: file.clone(),
                line: said.line,
            }),
            (_, Some(line)) => Some(Place {
                file: file.clone(),
                line,
            }),
            (Some(said), None) => Some(said),
            (None, None) => None,
        }
    }
}

/// An attribute's value; the last one, where a name is there twice.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    let mut attributes = tag.attributes();
    // The check for doubled names takes quadratic time.
    attributes.with_checks(false);
    let mut value = None;
    for attribute in attributes {
        let broken = |why: String| {
            Unreadable::new(format!("an attribute in it is not well-formed XML: {why}"))
        };
        let attribute = attribute.map_err(|error| broken(error.to_string()))?;
        if attribute.key.local_name().as_ref() == name.as_bytes() {
            let text = attribute.normalized_value(XmlVersion::Implicit1_0);
            value = Some(
                text.map_err(|error| broken(text::line(&error.to_string(), text::MAX_NAME)))?
                    .into_owned(),
            );
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests;
