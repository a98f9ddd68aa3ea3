//! Purpose: bare repositories for tests, written without a work tree.

use std::fmt::Write as _;
use std::io::{Error, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A bare repository on disk.
pub struct Bare {
    path: PathBuf,
}

impl Bare {
    /// Makes one in a folder that is made for it.
    pub fn init(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let bare = Self { path: path.into() };
        std::fs::create_dir_all(&bare.path)?;
        bare.git(&["init", "--quiet", "--bare", "--initial-branch=main"])?;
        Ok(bare)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a commit to a full ref, on top of what it points to; a file without content is removed.
    pub fn commit(
        &self,
        reference: &str,
        message: &str,
        files: &[(&str, Option<&str>)],
    ) -> Result<String, Error> {
        let parent = self
            .git(&["rev-parse", "--verify", "--quiet", reference])
            .ok();
        self.commit_on(parent.as_deref(), reference, message, files)
    }

    /// Adds a commit on top of any other and lets the ref point to it.
    pub fn commit_on(
        &self,
        parent: Option<&str>,
        reference: &str,
        message: &str,
        files: &[(&str, Option<&str>)],
    ) -> Result<String, Error> {
        let mut stream = format!(
            "commit {reference}\nauthor Ana <ana@example.org> 1767225600 +0000\ncommitter Bot <bot@example.org> 1767225660 +0000\ndata {}\n{message}\n",
            message.len()
        );
        let mut line = |text: String| {
            stream.push_str(&text);
            stream.push('\n');
        };
        if let Some(parent) = parent {
            line(format!("from {parent}"));
        }
        for (path, content) in files {
            match content {
                Some(content) => line(format!(
                    "M 100644 inline {path}\ndata {}\n{content}",
                    content.len()
                )),
                None => line(format!("D {path}")),
            }
        }
        self.import(&stream)?;
        self.git(&["rev-parse", reference])
    }

    /// Adds many commits at once, each with one file of its own.
    pub fn commits(&self, reference: &str, parent: &str, count: usize) -> Result<String, Error> {
        let mut stream = String::new();
        for number in 0..count {
            let message = format!("commit {number}");
            let from = match number {
                0 => format!("from {parent}\n"),
                _ => String::new(),
            };
            write!(
                stream,
                "commit {reference}\ncommitter Bot <bot@example.org> {} +0000\ndata {}\n{message}\n{from}M 100644 inline many/{number:04}\ndata 2\nx\n\n",
                1_767_226_000 + number,
                message.len(),
            )
            .map_err(Error::other)?;
        }
        self.import(&stream)?;
        self.git(&["rev-parse", reference])
    }

    /// An annotated tag.
    pub fn tag(&self, name: &str, of: &str) -> Result<(), Error> {
        self.git(&["tag", "--annotate", "--message=tagged", name, of])
            .map(|_| ())
    }

    /// Any other git command, with what it wrote.
    pub fn git(&self, args: &[&str]) -> Result<String, Error> {
        self.run(args, "")
    }

    fn import(&self, stream: &str) -> Result<(), Error> {
        self.run(&["fast-import", "--quiet", "--force"], stream)
            .map(|_| ())
    }

    fn run(&self, args: &[&str], input: &str) -> Result<String, Error> {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(&self.path)
            .args(["-c", "user.name=Bot", "-c", "user.email=bot@example.org"])
            .args(args)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::other(format!("git {}: {said}", args.join(" "))));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.trim_end().to_owned())
    }
}
