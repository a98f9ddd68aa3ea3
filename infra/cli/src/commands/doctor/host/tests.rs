//! Purpose: versions, ports and programs as the doctor sees them.

use super::*;
use crate::commands::doctor::Health;

#[test]
fn versions_are_numbers_not_texts() {
    assert_eq!(version("git version 2.9.5"), Some((2, 9)));
    assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
    assert_eq!(version("git version 2.45.windows.1"), Some((2, 45)));
    assert_eq!(version("hello"), None);
    assert!(version("git version 2.9.5") < Some(GIT));
}

#[test]
fn a_taken_port_is_a_warning_that_names_another() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let number = taken.local_addr().unwrap().port();
    let check = port(number, false);
    assert_eq!(check.health, Health::Warn);
    assert!(check.help.unwrap().contains("--port"));
    assert_eq!(port(number, true).health, Health::Ok);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let why = ask("no-such-program-at-all", &[]).await.unwrap_err();
    assert_eq!(why, "`no-such-program-at-all` is not in PATH");
}
