//! Purpose: mail to one person at a time, and announcements to whoever listens.

use async_trait::async_trait;
use domain::ids::Digest;

use crate::fault::Fault;

/// Characters of the readable part of a mail's name.
const MAX_SLUG: usize = 60;

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Stable: the same mail sent twice has the same id, and becomes the `Message-ID`.
    pub id: String,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// What the mail of this id is called in files and in its headers: the same for the same id, different for different
    /// ones, and made of letters, digits and hyphens only.
    pub fn stem(id: &str) -> String {
        let mut slug = String::new();
        for c in id.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
                _ if slug.is_empty() || slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
            if slug.len() >= MAX_SLUG {
                break;
            }
        }
        let digest = Digest::of(id.as_bytes());
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() {
            return digest.short().to_owned();
        }
        format!("{slug}-{}", digest.short())
    }

    /// Text of strangers for a header: words with one space between them, so that no text begins a header of its own.
    pub fn one_line(text: &str) -> String {
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        words.join(" ")
    }
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), Fault>;
}

/// One sentence for whoever listens. It authorises nothing and names no person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    pub sentence: String,
    /// Where to read more.
    pub link: String,
}

/// Tells a topic that somebody has to decide.
#[async_trait]
pub trait Announcer: Send + Sync {
    async fn announce(&self, announcement: &Announcement) -> Result<(), Fault>;
}
