//! Purpose: which processes carry a word in their environment, to see that no build is left.

/// The processes that were started with an environment entry that contains this text: number and command line.
/// Nothing where there is no `/proc`.
pub fn with_environment(entry: &str) -> Vec<(u32, String)> {
    let Ok(all) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ours = all.flatten().filter_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let environment = std::fs::read(process.path().join("environ")).ok()?;
        let has = environment
            .split(|byte| *byte == 0)
            .any(|text| String::from_utf8_lossy(text).contains(entry));
        let command = std::fs::read(process.path().join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        (has && pid != std::process::id()).then_some((pid, command))
    });
    ours.collect()
}
