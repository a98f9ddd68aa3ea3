//! Purpose: `slipway dashboard`: where the pages of the machine are.

use local::keys::FileKeys;

use crate::args::Global;
use crate::cloud;
use crate::data;
use crate::failure::Failure;
use crate::machine::lock;
use crate::machine::visitor::PageToken;
use crate::output;

/// Prints the address, with the token that lets its reader in.
pub async fn run(global: &Global) -> Result<u8, Failure> {
    if let Some(stack) = &global.aws {
        return cloud::dashboard(global, stack).await;
    }
    let dir = data::dir(global)?;
    let Some((pid, url)) = lock::running(&dir) else {
        return Err(
            Failure::unavailable(format!("no machine is running on {}", dir.display()))
                .help("start it with `slipway up`, or name another directory with --data DIR"),
        );
    };
    let token = PageToken::of(&FileKeys::open(&dir)?).await?;
    let address = token.address(&url);
    if global.json {
        output::document(&serde_json::json!({ "pid": pid, "url": url, "dashboard": address }))?;
    } else {
        output::line(address)?;
    }
    Ok(0)
}
