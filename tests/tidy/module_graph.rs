//! Which module uses which, read from the source. What a module passes on
//! (`pub use`) is not a use of it; what tests use is not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Attribute, Item, UseTree, Visibility};

/// The modules of a crate by their paths, each with those that it uses.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// One module, as far as its source tells.
#[derive(Default)]
struct Module {
    /// What a name here stands for: where it comes from.
    names: BTreeMap<String, Vec<String>>,
    /// What is brought in for its own use.
    imports: Vec<Vec<String>>,
    /// The beginnings of all paths in its code, and the words inside of its macros.
    words: BTreeSet<String>,
    /// Paths that begin at the crate, or at a module beside this one.
    paths: Vec<Vec<String>>,
}

/// The graph of the crate that begins with this file.
pub fn of_crate(root: &Path) -> Graph {
    let source = std::fs::read_to_string(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let folder = root.parent().unwrap();
    let mut modules = BTreeMap::new();
    read(&mut modules, &[], &source, &|path: &[String]| {
        let file = folder.join(path.join("/")).with_extension("rs");
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    });
    edges(&modules)
}

/// The graph of a crate whose modules are given as text, the root under an empty name.
pub fn of_sources(sources: &[(&str, &str)]) -> Graph {
    let text = |name: &str| sources.iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
    let mut modules = BTreeMap::new();
    read(&mut modules, &[], &text(""), &|path: &[String]| text(&path.join("::")));
    edges(&modules)
}

/// A way from a module back to itself, if there is one.
pub fn circle(graph: &Graph) -> Option<Vec<&str>> {
    graph.keys().find_map(|start| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![vec![start.as_str()]]);
        while let Some(way) = open.pop() {
            for next in graph.get(way[way.len() - 1]).into_iter().flatten() {
                let way = [&way[..], &[next.as_str()]].concat();
                if next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    open.push(way);
                }
            }
        }
        None
    })
}

type Modules = BTreeMap<Vec<String>, Module>;

fn read(modules: &mut Modules, path: &[String], source: &str, file_of: &dyn Fn(&[String]) -> String) {
    let file = syn::parse_file(source).unwrap_or_else(|error| panic!("{}: {error}", path.join("::")));
    let mut reader = Reader { modules: Vec::new(), module: Module::default() };
    reader.visit_file(&file);
    let Reader { modules: inner, module, .. } = reader;
    modules.insert(path.to_vec(), module);
    for name in inner {
        let path: Vec<_> = path.iter().cloned().chain([name]).collect();
        let source = file_of(&path);
        read(modules, &path, &source, file_of);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
        let mut words = condition.split(|c: char| !c.is_alphanumeric() && c != '_');
        attribute.path().is_ident("cfg")
            && words.any(|word| word == "test")
            && !condition.contains("not (test)")
    })
}

struct Reader {
    /// The modules in files of their own.
    modules: Vec<String>,
    module: Module,
}

impl Reader {
    fn bring_in(&mut self, tree: &UseTree, before: &[String], is_passed_on: bool) {
        match tree {
            UseTree::Path(path) => {
                let before: Vec<_> = before.iter().cloned().chain([path.ident.to_string()]).collect();
                self.bring_in(&path.tree, &before, is_passed_on);
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.bring_in(item, before, is_passed_on));
            }
            UseTree::Name(name) => self.name(before, &name.ident.to_string(), None, is_passed_on),
            UseTree::Rename(name) => {
                self.name(before, &name.ident.to_string(), Some(name.rename.to_string()), is_passed_on);
            }
            UseTree::Glob(_) => self.module.imports.push(before.to_vec()),
        }
    }

    fn name(&mut self, before: &[String], name: &str, renamed: Option<String>, is_passed_on: bool) {
        let mut from = before.to_vec();
        if name != "self" {
            from.push(name.to_owned());
        }
        let known_as = renamed.unwrap_or_else(|| from.last().cloned().unwrap_or_default());
        if !is_passed_on {
            self.module.imports.push(from.clone());
        }
        self.module.names.insert(known_as, from);
    }

    fn words_of(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => drop(self.module.words.insert(word.to_string())),
                TokenTree::Group(group) => self.words_of(group.stream()),
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => {}
            // A module inside of another's file is a part of that file.
            Item::Mod(module) => match &module.content {
                Some((_, items)) => items.iter().for_each(|item| self.visit_item(item)),
                None => self.modules.push(module.ident.to_string()),
            },
            Item::Use(item) => {
                let is_passed_on = !matches!(item.vis, Visibility::Inherited);
                self.bring_in(&item.tree, &[], is_passed_on);
            }
            other => syn::visit::visit_item(self, other),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.module.words.insert(words[0].clone());
        if words.len() > 1 {
            self.module.paths.push(words);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.words_of(invoked.tokens.clone());
        self.visit_path(&invoked.path);
    }
}

fn edges(modules: &Modules) -> Graph {
    let mut graph = Graph::new();
    for (path, module) in modules {
        let used = module.words.iter().filter_map(|word| module.names.get(word));
        let used = used.chain(&module.imports).chain(&module.paths);
        let uses = used.filter_map(|used| resolve(modules, path, used, 0));
        let uses = uses.filter(|used| used != path).map(|used| name_of(&used)).collect();
        graph.insert(name_of(path), uses);
    }
    graph
}

fn name_of(path: &[String]) -> String {
    if path.is_empty() { "crate".to_owned() } else { path.join("::") }
}

/// The module in which what a path names is defined; `None` if it is another crate's.
fn resolve(modules: &Modules, here: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
    let mut at = here.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|word| word == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let child: Vec<_> = here.iter().cloned().chain([first.to_owned()]).collect();
            let is_known = modules.contains_key(&child);
            let brought_in = modules[here].names.get(first).filter(|from| from.as_slice() != path);
            if !is_known {
                let from = brought_in.filter(|_| depth < 8)?;
                return resolve(modules, here, from, depth + 1);
            }
        }
    }
    while let Some(word) = rest.first() {
        let next: Vec<_> = at.iter().cloned().chain([word.clone()]).collect();
        if modules.contains_key(&next) {
            at = next;
            rest = &rest[1..];
            continue;
        }
        // Passed on from where it is defined.
        if let Some(from) = modules.get(&at)?.names.get(word)
            && depth < 8
        {
            return resolve(modules, &at, from, depth + 1).or(Some(at));
        }
        break;
    }
    Some(at)
}
