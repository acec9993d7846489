//! README and `docs`: every block of commands or configuration is run, checked elsewhere, or says what it needs.
//!
//! A comment above a block says which. `<!-- run -->`: it is run here, in a folder of its own for each page, in which
//! `<!-- file: NAME -->` puts files. `<!-- config -->`: it is a configuration. `<!-- checked by FILE -->`: something
//! else reads the page and runs it. `<!-- needs ... -->`: it takes what is not here. `<!-- example -->`: its output
//! depends on the reader. `<!-- shows FILE from "BEGIN" to "END" -->`: it is a part of a file, which
//! `GRACEWATCH_WRITE_GOLDEN=1` writes anew. `<!-- all blocks: ... -->` holds for a page.

pub mod blocks;
mod quick_start;
mod reasons;
mod routes;
mod run;

use std::fs;
use std::path::{Path, PathBuf};

/// Where the project is.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// True where what is generated is to be written again.
pub fn is_writing() -> bool {
    std::env::var_os("GRACEWATCH_WRITE_GOLDEN").is_some()
}

/// README and all pages, in the order of their names.
pub fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}
