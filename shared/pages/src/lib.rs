//! Purpose: what every page of Slipway shares: layout, style, security headers, text made safe to show.
//!
//! A page is an askama template that extends `base.html`. Its crate has an `askama.toml` that names this crate's
//! `templates` folder and [`Escape`] as the escaper; `shared/pages/askama.toml` shows how. There is no script anywhere.

// Templates name this crate by `::pages`, here as in every other crate.
extern crate self as pages;

mod assets;
mod respond;
mod status;
mod text;

pub use assets::{asset, icon_path, style, style_path};
pub use domain::words;
pub use respond::{headers, html, json, plain, redirect, respond};
pub use status::Tone;
pub use text::{Escape, visible};

#[cfg(test)]
mod templates_tests;
