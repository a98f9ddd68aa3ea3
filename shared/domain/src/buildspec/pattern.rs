//! Purpose: the globs of a pipeline file as one POSIX extended regular expression, for the `grep -E` of a build.
//!
//! What a glob means is globset's to say, here as in the process builder: its own regular expression is rewritten, so the
//! two builders collect the same files.

use globset::GlobBuilder;

/// Characters that mean something outside of brackets.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap09.html#tag_09_04_03>
const SPECIAL: &[u8] = b".[]{}()*+?|$";

/// One expression that matches what any of the globs matches; a folder's name stands for everything in it.
///
/// # Errors
/// A sentence, when a pattern leaves the checkout or cannot be said as such an expression.
pub fn expression(patterns: &[String]) -> Result<String, String> {
    let mut all = Vec::new();
    for pattern in patterns {
        let plain = pattern.strip_prefix("./").unwrap_or(pattern);
        let plain = plain.trim_end_matches('/');
        if !super::is_below(plain) {
            return Err(format!("{pattern:?} is not a path below the checkout"));
        }
        for glob in [plain.to_owned(), format!("{plain}/**")] {
            all.push(rewritten(&glob).ok_or_else(|| format!("{pattern:?} is not a pattern"))?);
        }
    }
    Ok(format!("^({})$", all.join("|")))
}

fn rewritten(glob: &str) -> Option<String> {
    let glob = GlobBuilder::new(glob)
        .literal_separator(true)
        .backslash_escape(false)
        .build()
        .ok()?;
    let regex = glob.regex().strip_prefix("(?-u)^")?.strip_suffix('$')?;
    let mut rest = Rest(regex.as_bytes());
    let mut written = Vec::new();
    while let Some(byte) = rest.take() {
        match byte {
            b'(' if rest.0.starts_with(b"?:") => {
                rest.0 = &rest.0[2..];
                written.push(b'(');
            }
            b'[' => class(&mut rest, &mut written)?,
            b'\\' => literal(rest.escaped()?, &mut written),
            other => written.push(other),
        }
    }
    String::from_utf8(written).ok()
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The byte behind a backslash: `\.` or `\xc3`.
    fn escaped(&mut self) -> Option<u8> {
        match self.take()? {
            b'x' => {
                let digits = std::str::from_utf8(self.0.get(..2)?).ok()?;
                self.0 = &self.0[2..];
                u8::from_str_radix(digits, 16).ok()
            }
            other => Some(other),
        }
    }

    fn item(&mut self) -> Option<u8> {
        match self.take()? {
            b'\\' => self.escaped(),
            other => Some(other),
        }
    }
}

fn literal(byte: u8, written: &mut Vec<u8>) {
    match byte {
        b'^' | b'\\' => written.extend([b'\\', byte]),
        special if SPECIAL.contains(&special) => written.extend([b'[', special, b']']),
        plain => written.push(plain),
    }
}

/// Brackets, in the order in which POSIX gives none of their characters another meaning.
fn class(rest: &mut Rest<'_>, written: &mut Vec<u8>) -> Option<()> {
    let negated = rest.0.starts_with(b"^");
    if negated {
        rest.take()?;
    }
    let mut holds = [false; 256];
    while !rest.0.starts_with(b"]") {
        let first = rest.item()?;
        let mut last = first;
        if rest.0.starts_with(b"-") {
            rest.take()?;
            last = rest.item()?;
        }
        for byte in first..=last {
            holds[usize::from(byte)] = true;
        }
    }
    rest.take()?;
    let held: Vec<u8> = (1..=255).filter(|byte| holds[usize::from(*byte)]).collect();
    match (negated, held.as_slice()) {
        (false, []) => return None,
        (false, [only]) => literal(*only, written),
        (_, bytes) => {
            written.push(b'[');
            if negated {
                written.push(b'^');
            }
            let is = |wanted: u8| bytes.iter().filter(move |byte| **byte == wanted);
            let plain = |byte: &&u8| !b"]^-".contains(byte);
            written.extend(is(b']'));
            written.extend(bytes.iter().filter(plain));
            match bytes {
                // A caret in the first place would mean "none of".
                b"-^" if !negated => written.extend(b"-^"),
                _ => written.extend(is(b'^').chain(is(b'-'))),
            }
            written.push(b']');
        }
    }
    Some(())
}
