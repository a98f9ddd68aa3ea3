//! Purpose: prints the table of performance.

use std::process::ExitCode;

use benches::rows;
use benches::table::Row;
use clap::Parser;

/// Measures our figures beside those of a peer or of what is possible, in one run, and prints them as one table.
#[derive(Parser)]
#[command(
    name = "benches",
    after_help = "Examples:\n  cargo bench-table\n  cargo bench-table --rows 3,7,10 --json\n\n\
                  Row 4 starts the functions' programs and row 5 packs them: build them first with\n  \
                  cargo build --profile lambda --workspace --bins"
)]
struct Arguments {
    /// Only these rows.
    #[arg(long, value_delimiter = ',')]
    rows: Vec<u8>,
    /// One JSON object a line instead of the table.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut complete = true;
    let mut all: Vec<Row> = Vec::new();
    for (number, measure) in rows::ALL {
        if !arguments.rows.is_empty() && !arguments.rows.contains(&number) {
            continue;
        }
        match measure() {
            Ok(rows) => all.extend(rows),
            Err(error) => {
                eprintln!("row {number} could not be measured: {error}");
                complete = false;
            }
        }
    }
    if arguments.json {
        for row in &all {
            match serde_json::to_string(row) {
                Ok(line) => println!("{line}"),
                Err(error) => eprintln!("row {}: {error}", row.number),
            }
        }
    } else {
        print!("{}", benches::table::text(&all));
    }
    if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
