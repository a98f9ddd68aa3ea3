//! Purpose: tests of finding and ending processes.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use super::*;

/// A process that sleeps until it is ended, at the latest when the test ends.
pub struct Sleeper(pub Child);

impl Sleeper {
    /// In this process group; 0 = one of its own.
    pub fn new(mark: &str, group: i32) -> Self {
        let mut command = Command::new("sleep");
        command.arg("600").env(MARK, mark).process_group(group);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    pub fn process(&self) -> ProcessRef {
        ProcessRef::of(i32::try_from(self.0.id()).unwrap()).unwrap()
    }

    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Ends it; gives what it was.
    pub fn kill(&mut self) -> ProcessRef {
        let process = self.process();
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        process
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        if self.is_alive() {
            self.kill();
        }
    }
}

fn target(leader: ProcessRef, mark: &str, watched: bool) -> Target {
    let mark = mark.to_owned();
    Target {
        leader: Some(leader),
        mark,
        watched,
    }
}

#[tokio::test]
async fn a_group_and_what_carries_the_mark_are_ended_and_nobody_else() {
    let (mut leader, mut escaped) = (Sleeper::new("group", 0), Sleeper::new("p1", 0));
    let mut stranger = Sleeper::new("p11", 0);
    let target = target(leader.process(), "p1", false);
    assert!(target.is_alive().await);
    assert!(target.end(Duration::from_secs(10)).await);
    assert!(!target.is_alive().await);
    assert!(!leader.is_alive() && !escaped.is_alive());
    assert!(stranger.is_alive());
}

#[tokio::test]
async fn a_number_that_was_used_again_is_not_the_same_process() {
    let mut stranger = Sleeper::new("theirs", 0);
    let real = stranger.process();
    assert!(real.is_alive());
    let dead = ProcessRef {
        start: real.start - 1,
        ..real
    };
    assert!(!dead.is_alive());
    for watched in [false, true] {
        let target = target(dead, "p2", watched);
        assert!(!target.is_alive().await);
        assert!(target.end(Duration::ZERO).await);
    }
    assert!(stranger.is_alive());
    assert!(!stranger.kill().is_alive());
}

#[tokio::test]
async fn a_group_without_its_leader_is_only_ours_when_it_was_watched() {
    let mut leader = Sleeper::new("gone", 0);
    let mut member = Sleeper::new("other", leader.process().pid);
    let first = leader.kill();
    assert!(!target(first, "p3", false).is_alive().await);
    assert!(target(first, "p3", true).is_alive().await);
    assert!(target(first, "p3", true).end(Duration::from_secs(10)).await);
    assert!(!member.is_alive());
}

#[test]
fn this_process_is_known() {
    let this = ProcessRef::current().unwrap();
    assert!(this.is_alive() && this.start > 0);
    assert_eq!(ProcessRef::of(i32::MAX), None);
}
