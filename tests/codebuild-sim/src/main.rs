//! The simulator as a process of its own, until it is ended.
//!
//! `CODEBUILD_SIM_PORT` (0 = any), `AWS_ENDPOINT_URL`, `CODEBUILD_SIM_FUNCTIONS` (names, divided by commas),
//! `CODEBUILD_SIM_LIMITS` (`project=1,…`), `CODEBUILD_SIM_CACHES` (`bucket/prefix`). Prints its address in one line. `POST /_sim/switches` changes its faults.

use std::collections::BTreeMap;
use std::io::Write as _;

use codebuild_sim::{Settings, Simulator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let endpoint = variable("AWS_ENDPOINT_URL");
    if endpoint.is_empty() {
        return Err("AWS_ENDPOINT_URL says where S3 and the others are; it is not set".into());
    }
    let list = |name: &str| -> Vec<String> {
        let text = variable(name);
        let words = text.split(',').filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let mut limits = BTreeMap::new();
    for limit in list("CODEBUILD_SIM_LIMITS") {
        let (project, most) = limit
            .split_once('=')
            .ok_or("CODEBUILD_SIM_LIMITS: project=number")?;
        limits.insert(project.to_owned(), most.parse()?);
    }
    let settings = Settings {
        functions: list("CODEBUILD_SIM_FUNCTIONS"),
        limits,
        caches: Some(variable("CODEBUILD_SIM_CACHES")).filter(|caches| !caches.is_empty()),
        ..Settings::on(&endpoint)
    };
    let port = variable("CODEBUILD_SIM_PORT");
    let simulator = Simulator::start(settings, port.parse().unwrap_or(0))?;
    println!("{}", simulator.url());
    std::io::stdout().flush()?;
    loop {
        std::thread::park();
    }
}
