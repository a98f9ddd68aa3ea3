//! Purpose: processor time of two things in turns: noise of the machine meets both, and the lowest decile leaves most of it out.

use nix::sys::time::TimeValLike as _;
use nix::time::{ClockId, clock_gettime};

use crate::Error;

/// Nanoseconds of processor time of each, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub ours: f64,
    pub other: f64,
}

impl Pair {
    /// Ours over the other.
    pub fn ratio(&self) -> f64 {
        self.ours / self.other
    }
}

/// Nanoseconds of processor time that this thread has used.
///
/// # Errors
/// When the system has no such clock.
pub fn thread_ns() -> Result<i64, Error> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.num_nanoseconds())
}

/// Measures both `samples` times in turns, each sample with `repeat` calls.
///
/// # Errors
/// As [`thread_ns`].
pub fn in_turns(
    samples: usize,
    repeat: u32,
    mut ours: impl FnMut(),
    mut other: impl FnMut(),
) -> Result<Pair, Error> {
    let time = |work: &mut dyn FnMut()| -> Result<f64, Error> {
        let from = thread_ns()?;
        for _ in 0..repeat {
            work();
        }
        Ok((thread_ns()? - from) as f64 / f64::from(repeat))
    };
    time(&mut ours)?;
    time(&mut other)?;
    let (mut of_ours, mut of_other) = (Vec::new(), Vec::new());
    for _ in 0..samples {
        of_ours.push(time(&mut ours)?);
        of_other.push(time(&mut other)?);
    }
    Ok(Pair {
        ours: lowest_decile(of_ours),
        other: lowest_decile(of_other),
    })
}

/// The sample that a tenth of all lie below; nothing of nothing.
pub fn lowest_decile(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 10).copied().unwrap_or_default()
}

/// `12.3 µs`
pub fn time(ns: f64) -> String {
    if ns < 10_000.0 {
        return format!("{ns:.0} ns");
    }
    if ns < 10_000_000.0 {
        return format!("{:.1} µs", ns / 1e3);
    }
    format!("{:.1} ms", ns / 1e6)
}
