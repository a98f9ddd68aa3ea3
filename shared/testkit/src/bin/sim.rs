//! Purpose: the simulator on the command line: many seeds, one seed with its log, every crash point, every mutant.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use domain::guard::Guard;
use serde_json::json;
use testkit::sim::crash::every_crash;
use testkit::sim::mutants::{Mutant, hunt};
use testkit::sim::{Options, Outcome, Stats, run_seed};

/// Runs the real worker and handlers over a world that fails, and holds every law against every step.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  sim --seeds 20000\n  sim --seed 4711 --trace\n  sim --seeds 2000 --mutants --json"
)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Run this one seed only.
    #[arg(long)]
    seed: Option<u64>,
    /// Print every step of that seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Also switch off each guard in turn: some seed has to notice.
    #[arg(long)]
    mutants: bool,
    /// Seeds that each mutant is given to be noticed.
    #[arg(long, default_value_t = 2_000)]
    mutant_seeds: u64,
    /// Also crash at every step of one full road, one by one.
    #[arg(long)]
    crashes: bool,
    /// Threads; without it: one for each processor.
    #[arg(long)]
    threads: Option<usize>,
    /// One JSON object at the end instead of lines.
    #[arg(long)]
    json: bool,
}

/// What all seeds came to.
#[derive(Default)]
struct Sum {
    seeds: u64,
    stats: Stats,
    violations: Vec<Outcome>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let threads = arguments
        .threads
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
        .max(1);
    let began = Instant::now();
    let sum = match arguments.seed {
        Some(seed) => one(seed, arguments.trace),
        None => many(&arguments, threads),
    };
    let seconds = began.elapsed().as_secs_f64();
    let mutants = if arguments.mutants {
        all_mutants(&arguments, threads)
    } else {
        Vec::new()
    };
    let crashes = if arguments.crashes {
        all_crashes(threads)
    } else {
        Vec::new()
    };
    if arguments.json {
        print_json(&sum, seconds, &mutants, &crashes);
    } else {
        print_lines(&sum, seconds, &mutants, &crashes);
    }
    let survived = mutants.iter().any(|mutant| mutant.caught.is_empty());
    let bad_crash = crashes.iter().any(|(_, _, bad)| !bad.is_empty());
    if sum.violations.is_empty() && !survived && !bad_crash {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn one(seed: u64, trace: bool) -> Sum {
    let outcome = run_seed(
        seed,
        Options {
            trace,
            ..Options::default()
        },
    );
    for line in &outcome.trace {
        println!("{line}");
    }
    let mut sum = Sum {
        seeds: 1,
        stats: outcome.stats,
        violations: Vec::new(),
    };
    if outcome.violation.is_some() {
        sum.violations.push(outcome);
    }
    sum
}

fn many(arguments: &Arguments, threads: usize) -> Sum {
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Sum::default());
    let total = arguments.seeds;
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let offset = next.fetch_add(1, Ordering::Relaxed);
                    if offset >= total {
                        break;
                    }
                    let outcome = run_seed(arguments.first + offset, Options::default());
                    add(&sum, outcome);
                }
            });
        }
        scope.spawn(|| progress(&next, total));
    });
    sum.into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn add(sum: &Mutex<Sum>, outcome: Outcome) {
    let mut sum = sum
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    sum.seeds += 1;
    sum.stats.add(&outcome.stats);
    if let Some(violation) = &outcome.violation {
        eprintln!("seed {}: {violation}", outcome.seed);
        sum.violations.push(outcome);
    }
}

fn progress(next: &AtomicU64, total: u64) {
    let mut told = 0;
    while next.load(Ordering::Relaxed) < total {
        thread::sleep(Duration::from_millis(100));
        let done = next.load(Ordering::Relaxed).min(total);
        if done >= told + total.div_ceil(20).max(500) {
            told = done;
            eprintln!("{done} of {total} seeds");
        }
    }
}

/// Each guard on a thread of its own: the switch is the thread's.
fn all_mutants(arguments: &Arguments, threads: usize) -> Vec<Mutant> {
    let next = AtomicU64::new(0);
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let index = usize::try_from(index).unwrap_or(usize::MAX);
                    let Some(guard) = Guard::ALL.get(index).copied() else {
                        break;
                    };
                    let mutant = hunt(guard, arguments.first, arguments.mutant_seeds, usize::MAX);
                    eprintln!(
                        "{guard:?}: {} of {} seeds",
                        mutant.caught.len(),
                        mutant.tried
                    );
                    found
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push(mutant);
                }
            });
        }
    });
    let mut found = found
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_by_key(|mutant: &Mutant| mutant.guard);
    found
}

/// What crashed, how many points there are, and those after which something was wrong.
type CrashReport = (&'static str, u64, Vec<(u64, String)>);

fn all_crashes(threads: usize) -> Vec<CrashReport> {
    let mut reports = Vec::new();
    for (what, whole_process) in [("task", false), ("process", true)] {
        let of = threads as u64;
        let parts = thread::scope(|scope| {
            let handles: Vec<_> = (0..of)
                .map(|part| scope.spawn(move || every_crash(0, whole_process, part, of)))
                .collect();
            handles
                .into_iter()
                .filter_map(|handle| handle.join().ok())
                .collect::<Vec<_>>()
        });
        let points = parts.first().map_or(0, |crashes| crashes.points);
        reports.push((
            what,
            points,
            parts.into_iter().flat_map(|crashes| crashes.bad).collect(),
        ));
    }
    reports
}

fn print_json(sum: &Sum, seconds: f64, mutants: &[Mutant], crashes: &[CrashReport]) {
    let violations: Vec<_> = sum
        .violations
        .iter()
        .map(|outcome| json!({ "seed": outcome.seed, "violation": outcome.violation }))
        .collect();
    let mutants: Vec<_> = mutants
        .iter()
        .map(|mutant| {
            json!({
                "guard": format!("{:?}", mutant.guard),
                "seeds": mutant.tried,
                "caught": mutant.caught.len(),
                "first": mutant.caught.first().map(|(seed, _)| seed),
                "laws": laws(mutant),
            })
        })
        .collect();
    let crashes: Vec<_> = crashes
        .iter()
        .map(|(what, points, bad)| json!({ "of": what, "points": points, "bad": bad }))
        .collect();
    let report = json!({
        "seeds": sum.seeds,
        "seconds": seconds,
        "stats": sum.stats,
        "violations": violations,
        "mutants": mutants,
        "crashes": crashes,
    });
    println!("{report}");
}

fn laws(mutant: &Mutant) -> String {
    let list = |found: &[(u64, &'static str)]| {
        let mut laws: Vec<&str> = found.iter().map(|(_, law)| *law).collect();
        laws.sort_unstable();
        laws.dedup();
        laws.join(" ")
    };
    let caught = list(&mutant.caught);
    match mutant.elsewhere.first() {
        Some((seed, _)) => {
            let others = list(&mutant.elsewhere);
            format!(
                "{caught} (also {others} in {} seeds, first {seed})",
                mutant.elsewhere.len()
            )
        }
        None => caught,
    }
}

fn print_lines(sum: &Sum, seconds: f64, mutants: &[Mutant], crashes: &[CrashReport]) {
    let Stats {
        steps,
        commits,
        runs,
        succeeded,
        deploys,
        crashes: crashed,
        failed_calls,
        ambiguous,
        duplicates,
        lost_messages,
        refused,
    } = sum.stats;
    let rate = sum.seeds as f64 / seconds.max(0.001);
    println!(
        "seeds                     {} in {seconds:.1} s, {rate:.0} a second",
        sum.seeds
    );
    println!("steps                     {steps}");
    println!("commits                   {commits}");
    println!("runs                      {runs}, of which succeeded {succeeded}");
    println!("deploys that ran          {deploys}");
    println!("crashes                   {crashed}");
    println!("failed calls              {failed_calls}");
    println!("ambiguous replies         {ambiguous}");
    println!("duplicate messages        {duplicates}");
    println!("lost messages             {lost_messages}");
    println!("duplicate effects refused {refused}");
    println!("violations                {}", sum.violations.len());
    for outcome in &sum.violations {
        if let Some(violation) = &outcome.violation {
            println!("  seed {}: {violation}", outcome.seed);
            println!("    again: sim --seed {} --trace", outcome.seed);
        }
    }
    for (what, points, bad) in crashes {
        println!("crash of the {what:<12} {points} points, {} bad", bad.len());
        for (at, why) in bad {
            println!("  at step {at}: {why}");
        }
    }
    for mutant in mutants {
        let caught = match mutant.caught.first() {
            Some((seed, _)) => format!(
                "caught by {} of {} seeds, first {seed}",
                mutant.caught.len(),
                mutant.tried
            ),
            None => format!("SURVIVED {} seeds", mutant.tried),
        };
        println!(
            "without {:<26} {caught}  {}",
            format!("{:?}", mutant.guard),
            laws(mutant)
        );
    }
}
