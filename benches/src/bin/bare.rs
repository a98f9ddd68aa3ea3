//! Purpose: the least that can be a function on Lambda in Rust: what ours are compared with at their start.

use std::convert::Infallible;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let answer = |_: LambdaEvent<Box<RawValue>>| async { Ok::<_, Infallible>(()) };
    lambda_runtime::run(service_fn(answer)).await
}
