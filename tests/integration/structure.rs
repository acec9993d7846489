//! The order of the modules, as `src/lib.rs` lists it: each uses only what is above it there, and no two that are
//! beside one another use each other in a circle. What is only compiled for tests may use anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, UseTree};

/// A module: the names that lead to it, the crate's own left out.
type Module = Vec<String>;

/// What a module names of the crate, each with the names that lead there.
#[derive(Default)]
struct Uses {
    /// The module itself, followed by those that are written within it.
    at: Module,
    named: BTreeSet<Module>,
    /// Those that are declared for tests alone.
    for_tests: BTreeSet<Module>,
}

impl Uses {
    /// Notes a path that begins in the crate, in this module or in the one above.
    fn note(&mut self, path: &[String]) {
        let (mut from, mut rest) = match path {
            [first, rest @ ..] if first == "crate" => (Module::new(), rest),
            [first, ..] if first == "super" || first == "self" => (self.at.clone(), path),
            // `use` of a module that is declared here needs no prefix.
            [_, ..] => (self.at.clone(), path),
            [] => return,
        };
        while let [first, others @ ..] = rest {
            match first.as_str() {
                "super" => drop(from.pop()),
                "self" => {}
                _ => break,
            }
            rest = others;
        }
        from.extend_from_slice(rest);
        self.named.insert(from);
    }

    fn note_tree(&mut self, tree: &UseTree, mut before: Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.note_tree(&path.tree, before);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(tree, before.clone())),
            UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.note(&before);
            }
            UseTree::Rename(name) => {
                before.push(name.ident.to_string());
                self.note(&before);
            }
            UseTree::Glob(_) => self.note(&before),
        }
    }
}

impl<'a> Visit<'a> for Uses {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Mod(module) => {
                self.at.push(module.ident.to_string());
                if is_for_tests(&module.attrs) {
                    self.for_tests.insert(self.at.clone());
                } else {
                    visit::visit_item(self, item);
                }
                self.at.pop();
            }
            Item::Use(import) if !is_for_tests(&import.attrs) => self.note_tree(&import.tree, Vec::new()),
            Item::Use(_) => {}
            Item::Fn(function) if is_for_tests(&function.attrs) => {}
            Item::Impl(block) if is_for_tests(&block.attrs) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if matches!(names.first().map(String::as_str), Some("crate" | "super")) {
            self.note(&names);
        }
        visit::visit_path(self, path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        Meta::Path(_) | Meta::NameValue(_) => false,
    })
}

/// Which modules name which, in the whole crate, without those for tests.
fn uses() -> BTreeMap<Module, BTreeSet<Module>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut known = BTreeMap::new();
    let mut for_tests = BTreeSet::new();
    for file in files(&source) {
        let mut module: Module = file
            .with_extension("")
            .strip_prefix(&source)
            .expect("a file of the source")
            .iter()
            .map(|name| name.to_str().expect("names are ASCII").to_owned())
            .collect();
        if module == ["main"] {
            continue;
        }
        if module == ["lib"] {
            module.clear();
        }
        let mut uses = Uses { at: module.clone(), ..Uses::default() };
        uses.visit_file(&syn::parse_file(&read(&file)).expect("it compiles"));
        for_tests.append(&mut uses.for_tests);
        known.insert(module, uses.named);
    }
    known.retain(|module, _| !(0..=module.len()).any(|length| for_tests.contains(&module[..length])));
    let modules: BTreeSet<Module> = known.keys().cloned().collect();
    for (module, named) in &mut known {
        let named_modules = named.iter().filter_map(|path| {
            let length = (1..=path.len()).rev().find(|length| modules.contains(&path[..*length]))?;
            Some(path[..length].to_vec())
        });
        *named = named_modules.filter(|named| named != module).collect();
    }
    known
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("it can be read")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("it can be read").map(|entry| entry.expect("it can be read").path());
    entries
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => files(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// The modules in the tour of `lib.rs`, in its order.
fn tour() -> Vec<String> {
    let source = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let names = source.lines().filter(|line| line.starts_with("//!")).flat_map(|line| {
        let links = line.split("[`").skip(1).filter_map(|rest| Some(rest.split_once("`]")?.0.to_owned()));
        links.collect::<Vec<_>>()
    });
    names.filter(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')).collect()
}

#[test]
fn each_module_uses_only_what_is_above_it_in_the_tour() {
    let (tour, uses) = (tour(), uses());
    let place = |name: &String| tour.iter().position(|shown| shown == name);
    let all: BTreeSet<&String> = uses.keys().filter_map(|module| module.first()).collect();
    assert_eq!(tour.iter().collect::<BTreeSet<_>>(), all, "the tour names each module");
    assert_eq!(tour.len(), all.len(), "and of each once");
    let mut wrong = BTreeSet::new();
    for (module, named) in &uses {
        let Some(room) = module.first() else { continue };
        for other in named.iter().filter(|other| place(&other[0]) > place(room)) {
            wrong.insert(format!("{} uses {}", module.join("::"), other.join("::")));
        }
    }
    assert_eq!(wrong, BTreeSet::new());
}

#[test]
fn no_modules_beside_one_another_use_each_other_in_a_circle() {
    // By the module that both are in: which of those in it uses which.
    let mut beside: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (module, named) in uses() {
        for other in named {
            let shared = module.iter().zip(&other).take_while(|(one, other)| one == other).count();
            if let (Some(user), Some(used)) = (module.get(shared), other.get(shared)) {
                let within = beside.entry(module[..shared].to_vec()).or_default();
                within.entry(user.clone()).or_default().insert(used.clone());
            }
        }
    }
    let mut circles = BTreeSet::new();
    for (parent, mut left) in beside {
        // Whoever uses none of those that are left is in no circle.
        while let Some(free) = {
            let users: BTreeSet<String> = left.keys().cloned().collect();
            left.iter().find(|(_, used)| used.is_disjoint(&users)).map(|(user, _)| user.clone())
        } {
            left.remove(&free);
        }
        circles.extend(left.into_keys().map(|module| [parent.clone(), vec![module]].concat().join("::")));
    }
    assert_eq!(circles, BTreeSet::new());
}
