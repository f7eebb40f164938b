//! The integration tests: whole journeys on real parts.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used)] // It is all tests.

mod accounts;
mod canary;
mod chunked_records;
mod clients;
mod custody;
mod demo;
mod distributor;
mod environments;
mod first_run;
mod forgeries;
mod forget;
mod full_disk;
mod hostile_server;
mod http_client;
mod interoperability;
mod journeys;
mod keyboard;
mod keyrings;
mod mistakes;
mod one_refresh;
mod practice_as_hotmart;
mod practice_is_strict;
mod proxies;
mod screen_reader;
mod screens;
mod settings;
mod settings_files;
mod simulation;
mod surroundings;
mod token;
mod token_clocks;
mod token_connect;
mod token_keyrings;
mod tray;
mod ways_back;
