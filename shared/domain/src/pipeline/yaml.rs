//! Purpose: YAML text into a tree with places, within limits; a small text must not make a large tree.
//!
//! Merge keys (`<<`), tags and several documents are refused: they make a file mean something that it does not show.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput};
use serde_saphyr::granit_parser::{ScanError, options};

use super::diagnostic::{Complaint, Diagnostics, Place, shown};
use super::node::{Key, Kind, Node};

/// A longer file is not read: 256 KiB.
pub const MAX_BYTES: usize = 256 * 1024;
/// Keys, values, lists and mappings together, counted again wherever an alias repeats them.
pub const MAX_NODES: usize = 5_000;
/// Lists and mappings within each other.
pub const MAX_DEPTH: usize = 24;
/// Uses of aliases (`*name`).
pub const MAX_ALIASES: usize = 64;

/// Reading cannot go on; the reason is among the diagnostics.
#[derive(Debug)]
struct Stop;

/// Reads one document. Mistakes go to `out`; `None` = there is no tree to look at.
pub fn parse(text: &str, out: &mut Diagnostics) -> Option<Node> {
    Reader::new(text, out).document().ok()
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    lines: Vec<&'a str>,
    out: &'a mut Diagnostics,
    /// By the parser's number: the value, and how many nodes it is.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    aliases: usize,
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, out: &'a mut Diagnostics) -> Self {
        let options = options! { emit_comments: false, emit_unresolved_aliases: true };
        Self {
            parser: Parser::new_from_str_with_options(text, options),
            lines: text.lines().collect(),
            out,
            anchors: BTreeMap::new(),
            nodes: 0,
            aliases: 0,
            bytes: text.len(),
        }
    }

    fn document(&mut self) -> Result<Node, Stop> {
        if self.bytes > MAX_BYTES {
            let message = format!("the file has {} bytes, more than {MAX_BYTES}", self.bytes);
            return self.stop(Place::START, Complaint::new("file-too-large", message));
        }
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    let complaint =
                        Complaint::new("several-documents", "a second document begins here")
                            .help("the file holds one document: remove `---` and what follows");
                    return self.stop(self.place(span), complaint);
                }
                Event::DocumentStart(..) => {}
                event => root = Some(self.node(event, span, 0)?),
            }
        }
        match root {
            Some(Node {
                kind:
                    Kind::Scalar {
                        text,
                        quoted: false,
                    },
                ..
            }) if text.is_empty() => self.empty(),
            Some(root) => Ok(root),
            None => self.empty(),
        }
    }

    fn empty(&mut self) -> Result<Node, Stop> {
        let complaint = Complaint::new("empty-file", "the file says nothing")
            .help("the smallest file is: version: 1, jobs: { test: { run: make test } }");
        self.stop(Place::START, complaint)
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Stop> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => self.syntax(&error),
        }
    }

    fn syntax<T>(&mut self, error: &ScanError) -> Result<T, Stop> {
        let place = self.place_at(*error.marker());
        let message = format!("this is not YAML: {}", error.info());
        let complaint = Complaint::new("syntax", message)
            .help("mistakes after this place show once it is mended");
        self.stop(place, complaint)
    }

    fn stop<T>(&mut self, place: Place, complaint: Complaint) -> Result<T, Stop> {
        self.out.add(place, complaint);
        Err(Stop)
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message = format!("the file has more than {MAX_NODES} keys and values");
            let complaint = Complaint::new("too-many-nodes", message)
                .help("aliases count as often as they are used");
            return self.stop(place, complaint);
        }
        Ok(())
    }

    /// The value that begins with this event; reads up to its end.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Stop> {
        let place = self.place(span);
        self.count(1, place)?;
        if event.tag().is_some() {
            let complaint = Complaint::new("tag", "tags such as `!name` are not read here")
                .help("remove the tag; put a text that looks like a number in quotes");
            self.out.add(place, complaint);
        }
        let before = self.nodes;
        let anchor = event.anchor_id();
        let node = match event {
            Event::Scalar(text, style, ..) => Node {
                place,
                kind: Kind::Scalar {
                    text: text.into_owned(),
                    quoted: style != ScalarStyle::Plain,
                },
            },
            Event::SequenceStart(..) => self.list(place, depth + 1)?,
            Event::MappingStart(..) => self.map(place, depth + 1)?,
            Event::Alias(id) => self.alias(id, place)?,
            Event::UnresolvedAlias(name) => {
                let message = format!("nothing before this line is called {}", shown(&name));
                self.out
                    .add(place, Complaint::new("unknown-alias", message));
                Node {
                    place,
                    kind: Kind::Scalar {
                        text: String::new(),
                        quoted: false,
                    },
                }
            }
            _ => return self.stop(place, Complaint::new("syntax", "a value is missing here")),
        };
        if let Some(id) = anchor {
            self.anchors
                .insert(id, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn alias(&mut self, id: usize, place: Place) -> Result<Node, Stop> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            let message = format!("more than {MAX_ALIASES} aliases are used");
            return self.stop(place, Complaint::new("too-many-aliases", message));
        }
        // An anchor whose value has not ended yet is not in the map: a value cannot hold itself.
        let Some((node, nodes)) = self.anchors.get(&id).cloned() else {
            return self.stop(
                place,
                Complaint::new("unknown-alias", "this alias is part of itself"),
            );
        };
        self.count(nodes, place)?;
        Ok(node)
    }

    fn deeper(&mut self, place: Place, depth: usize) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} lists and mappings within each other");
            return self.stop(place, Complaint::new("too-deep", message));
        }
        Ok(())
    }

    fn list(&mut self, place: Place, depth: usize) -> Result<Node, Stop> {
        self.deeper(place, depth)?;
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.push(self.node(event, span, depth)?);
        }
        Ok(Node {
            place,
            kind: Kind::List(items),
        })
    }

    fn map(&mut self, place: Place, depth: usize) -> Result<Node, Stop> {
        self.deeper(place, depth)?;
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, span, depth)?;
            let Some((event, span)) = self.next()? else {
                break;
            };
            let mut value = self.node(event, span, depth)?;
            let Kind::Scalar { text, .. } = key.kind else {
                let complaint = Complaint::new("bad-key", "a key must be a text");
                self.out.add(key.place, complaint);
                continue;
            };
            if let Some(line) = seen.get(&text) {
                let message = format!("{} is given twice", shown(&text));
                let complaint = Complaint::new("duplicate-key", message)
                    .help(format!("it is already given in line {line}"));
                self.out.add(key.place, complaint);
            } else {
                seen.insert(text.clone(), key.place.line);
            }
            if text == "<<" {
                let complaint = Complaint::new("merge-key", "merge keys (`<<`) are not read here")
                    .help("what all jobs share goes under `defaults`");
                self.out.add(key.place, complaint);
            }
            // What has no character of its own, or begins on a later line, is pointed at by its key.
            let elsewhere =
                value.place.line > key.place.line && !matches!(value.kind, Kind::Scalar { .. });
            if value.place.length == 0 || elsewhere {
                value.place = key.place;
            }
            entries.push((
                Key {
                    place: key.place,
                    text,
                },
                value,
            ));
        }
        let place = match entries.first() {
            Some((key, _)) if place.length == 0 => key.place,
            _ => place,
        };
        Ok(Node {
            place,
            kind: Kind::Map(entries),
        })
    }

    fn place_at(&self, marker: Marker) -> Place {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            line: number(marker.line().max(1)),
            column: number(marker.col() + 1),
            length: 1,
        }
    }

    /// The span's place; one that goes over several lines is cut at the end of its first.
    fn place(&self, span: Span) -> Place {
        let start = self.place_at(span.start);
        let length = if span.start.line() == span.end.line() {
            span.end.col().saturating_sub(span.start.col())
        } else {
            let line = self
                .lines
                .get(span.start.line().saturating_sub(1))
                .copied()
                .unwrap_or("");
            line.trim_end()
                .chars()
                .count()
                .saturating_sub(span.start.col())
        };
        Place {
            length: u32::try_from(length).unwrap_or(u32::MAX),
            ..start
        }
    }
}

#[cfg(test)]
mod tests;
