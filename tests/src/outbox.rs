//! Purpose: the approval mails that a machine without a mail server has written to its outbox.

use crate::home::Home;

/// What a person needs from an approval mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The run's id, out of the link.
    pub run: String,
    pub environment: String,
    /// `XXXXX-XXXXX`.
    pub code: String,
    /// The link.
    pub link: String,
}

/// All approval mails to this address.
pub fn approvals(home: &Home, address: &str) -> Vec<Approval> {
    let Ok(files) = std::fs::read_dir(home.data().join("outbox")) else {
        return Vec::new();
    };
    let mails = files.map(|file| file.unwrap().path());
    let mails = mails.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails
        .map(|path| std::fs::read_to_string(path).unwrap())
        .filter(|mail| {
            mail.lines()
                .any(|line| line.starts_with("To: ") && line.contains(address))
        })
        .filter_map(|mail| read_approval(&mail))
        .collect()
}

/// The link and the code of a mail's text.
pub fn read_approval(mail: &str) -> Option<Approval> {
    // Quoted-printable breaks long lines with `=` and writes `=` as `=3D`.
    let text = mail
        .replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=");
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
    let link = words.find(|word| word.starts_with("http://") && word.contains("/approvals/"))?;
    let code = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find(|word| is_code(word))?;
    let mut parts = link.split_once("/approvals/")?.1.split('/').skip(1);
    Some(Approval {
        run: parts.next()?.to_owned(),
        environment: parts.next()?.to_owned(),
        code: code.to_owned(),
        link: link.to_owned(),
    })
}

fn is_code(word: &str) -> bool {
    let plain = |part: &str| {
        part.len() == 5
            && part
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    };
    word.split_once('-')
        .is_some_and(|(left, right)| plain(left) && plain(right))
}
