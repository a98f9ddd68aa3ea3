use domain::ids::{CommitSha, EnvironmentName, JobId};
use proptest::prelude::*;

use super::*;

fn command() -> impl Strategy<Value = Command> {
    let name = || "[a-z0-9][a-z0-9_-]{0,10}";
    let release = || "[0-9a-f]{12,64}".prop_map(|text| ReleasePrefix::new(&text).unwrap());
    let reason = || "[!-~äß漢🚀]([ -~äß漢🚀]{0,30}[!-~])?";
    let environment = move || name().prop_map(EnvironmentName::new);
    prop_oneof![
        proptest::option::of("[a-z0-9][a-z0-9_-]{0,10}( \\([a-z]=[a-z0-9.]{1,5}\\))?").prop_map(
            |job| Command::Test {
                job: job.map(JobId::new)
            }
        ),
        "[0-9a-f]{40}".prop_map(|commit| Command::OkToTest {
            commit: CommitSha::new(commit)
        }),
        (environment(), release()).prop_map(|(environment, release)| Command::Approve {
            environment,
            release
        }),
        (environment(), proptest::option::of(release()), reason()).prop_map(
            |(environment, release, reason)| Command::Reject {
                environment,
                release,
                reason,
            }
        ),
        environment().prop_map(|environment| Command::Deploy { environment }),
        (environment(), release(), reason()).prop_map(|(environment, release, reason)| {
            Command::Rollback {
                environment,
                release,
                reason,
            }
        }),
        ("[a-z(][a-z0-9 /.()-]{0,20}[a-z)]", reason())
            .prop_map(|(check, reason)| Command::Override { check, reason }),
        reason().prop_map(|reason| Command::Freeze {
            reason: Some(reason)
        }),
        "[a-z]{1,8}(/[a-z0-9]{1,8})?".prop_map(|branch| Command::CherryPick { branch }),
        proptest::sample::select(vec![
            Command::Retest,
            Command::Cancel,
            Command::Hold { reason: None },
            Command::Unhold,
            Command::Promote,
            Command::Freeze { reason: None },
            Command::Unfreeze,
            Command::Why,
            Command::Skip,
            Command::Lgtm { cancel: false },
            Command::Lgtm { cancel: true },
            Command::Help,
        ]),
    ]
}

/// Text that is rich in commands and marks.
fn comment() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        ".{0,6}",
        "[\\x00-\\x7f]{0,6}",
        proptest::sample::select(vec![
            "\n",
            "\r\n",
            "\r",
            "\n\n",
            "/test",
            "/hold",
            "/approve production ",
            "/tets",
            " ",
            "    ",
            "> ",
            "- ",
            "```",
            "~~~",
            "`",
            "<!--",
            "-->",
            "<div>",
            "</div>",
            "<pre>",
            "\\",
            "*",
            "[a](b)",
            "| a |\n|-|\n",
            "---",
            "#",
            "\u{a0}",
            "0a1b2c3d4e5f",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in comment()) {
        let lines = parse(&text);
        prop_assert!(lines.len() <= MAX_COMMANDS + 1);
        let all = text.replace("\r\n", "\n").replace('\r', "\n");
        for line in lines {
            let own = all.split('\n').nth(line.number - 1).unwrap();
            prop_assert!(own.trim_start_matches(' ').starts_with('/'), "{:?}", own);
        }
    }

    #[test]
    fn what_is_written_is_read(command in command()) {
        let read = parse(&format!("words\n\n{command}\n"));
        prop_assert_eq!(read, vec![Line { number: 3, read: Ok(command) }]);
    }

    #[test]
    fn sec_28_what_is_wrapped_is_silent(text in comment()) {
        let longest = |mark: char| text.split(|c| c != mark).map(str::len).max().unwrap_or(0);
        for mark in ['`', '~'] {
            let fence = mark.to_string().repeat(3.max(longest(mark) + 1));
            prop_assert_eq!(parse(&format!("{fence}\n{text}\n{fence}\n")), vec![]);
            prop_assert_eq!(parse(&format!("{fence}\n{text}")), vec![]);
        }
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        let quoted: Vec<String> = lines.split('\n').map(|line| format!("> {line}")).collect();
        prop_assert_eq!(parse(&quoted.join("\n")), vec![]);
        let indented: Vec<String> = lines.split('\n').map(|line| format!("    {line}")).collect();
        prop_assert_eq!(parse(&indented.join("\n")), vec![]);
        let open = text.replace("--", "");
        prop_assert_eq!(parse(&format!("<!-- {open} -->")), vec![]);
        prop_assert_eq!(parse(&format!("<!--\n{open}")), vec![]);
        prop_assert_eq!(parse(&format!("words <!-- {open}")), vec![]);
    }

    #[test]
    fn sec_30_a_mistake_is_safe_to_publish(text in "[!-~ ]{0,80}", name in "(test|hold|approve|override|cherrypick|ok-to-test|tets)") {
        for line in parse(&format!("/{name} {text}")) {
            let Err(mistake) = line.read else { continue };
            let sentence = mistake.to_string();
            for event in pulldown_cmark::Parser::new(&sentence) {
                use pulldown_cmark::{Event, Tag};
                let plain = matches!(event, Event::Text(_) | Event::Code(_) | Event::End(_) | Event::Start(Tag::Paragraph));
                prop_assert!(plain, "{:?}", event);
            }
        }
    }
}
