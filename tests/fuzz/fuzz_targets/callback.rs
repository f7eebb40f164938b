//! Any bytes as the browser's answer: never a panic, never an accepted forgery.
#![no_main]

#[path = "../../../src-tauri/crates/oauth/tests/constant_server/mod.rs"]
mod constant_server;

use libfuzzer_sys::fuzz_target;
use oauth::Callback;

fuzz_target!(|bytes: &[u8]| {
    // The fuzzer cannot know this state, so whatever it makes is a forgery.
    let pending = constant_server::pending([0xA7; 32]);
    let address = String::from_utf8_lossy(bytes).into_owned();
    let stands_there = address.contains("p6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6c");
    let answer = pending.validate(&Callback::new(address), constant_server::NOW);
    assert!(answer.is_err() || stands_there, "a forgery was accepted");
});
