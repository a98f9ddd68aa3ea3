//! Purpose: `cargo testbed`: installs the counterparts that tests talk to, and says what there is.

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("The testbed is in {}.", testbed::folder().display());
    println!("What is missing is installed now; that takes some minutes the first time.");
    let mut missing = 0;
    for installed in testbed::install_all() {
        match installed.program {
            Ok(program) => println!("  {}: ready, {}", installed.name, program.display()),
            Err(why) => {
                missing += 1;
                println!("  {}: missing: {why}", installed.name);
            }
        }
    }
    match missing {
        0 => ExitCode::SUCCESS,
        _ => {
            println!("Tests that need what is missing are skipped; with CI set they fail.");
            ExitCode::FAILURE
        }
    }
}
