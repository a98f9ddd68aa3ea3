//! Purpose: the program `slipway`.

fn main() -> std::process::ExitCode {
    slipway::main()
}
