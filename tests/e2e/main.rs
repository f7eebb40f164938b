//! The integration tests: whole journeys on real parts.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod journeys;
