//! The sentences; under this name the build, which has no other crate at hand, knows them too.

pub use adapters::Translations;
