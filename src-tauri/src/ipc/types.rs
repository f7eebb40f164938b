//! The window's types, generated from those that cross to it and from it.
#![allow(clippy::disallowed_methods)] // It reads and writes a file of the repository.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};

use background::{CommandError, ImportResult, LocalKeyRequest, Preference};
use connection::Request;
use ts_rs::{Config, TS, TypeVisitor};

use super::{
    AccountChange, AccountForm, ComputerTask, Discovery, KnownAccount, Message, News, Reading, UpdateRequest,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/types.d.ts");
const HEAD: &str = "// What crosses between the program and the window. Generated from the program's own types:\n\
                    // `make types` writes it, and a test holds it against them. Times are in seconds since the epoch.\n";

/// Collects the declarations of a type and of all that it is made of.
struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // What has no file of its own is built in, or a generic around others.
        if T::output_path().is_some() {
            let declaration = format!("export {}\n", T::decl(&self.config));
            self.found.insert(T::ident(&self.config), declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

#[test]
fn the_windows_types_are_those_of_the_program() {
    let mut all = Declarations {
        config: Config::new().with_large_int("number"),
        seen: HashSet::new(),
        found: BTreeMap::new(),
    };
    all.visit::<Message>();
    all.visit::<Request>();
    all.visit::<AccountForm>();
    all.visit::<AccountChange>();
    all.visit::<KnownAccount>();
    all.visit::<ComputerTask>();
    all.visit::<Reading>();
    all.visit::<News>();
    all.visit::<UpdateRequest>();
    all.visit::<Preference>();
    all.visit::<Discovery>();
    all.visit::<ImportResult>();
    all.visit::<CommandError>();
    all.visit::<LocalKeyRequest>();
    let generated: String =
        std::iter::once(HEAD.to_owned()).chain(all.found.into_values()).collect::<Vec<_>>().join("\n");
    if std::env::var_os("WRITE_TYPES").is_some() {
        std::fs::write(FILE, &generated).unwrap();
    }
    assert_eq!(std::fs::read_to_string(FILE).unwrap_or_default(), generated, "`make types` writes it anew");
}
