//! What a connection does, from outside: one binary, so that it is linked once.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod support;

mod account_settings;
mod api_check;
mod deployments;
mod developer_credentials;
mod forgetting;
mod hardening;
mod id_tokens;
mod keyring;
mod login;
mod pasted;
mod recognition;
mod recorded_shapes;
mod resolved_accounts;
mod session;
mod token_formats;
mod transition;
mod ways_back;
