//! File systems that hang: what a program calls of them does not return while a file says so, as on a share whose
//! server is gone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::program;

/// Stands between a program and its C library. While the file exists that `HANG_WHILE` names, what is called of files
/// whose paths contain `HANG_IN` does not return.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void wait_for(const char *path) {
    const char *in = getenv("HANG_IN"), *until = getenv("HANG_WHILE");
    if (path && in && until && strstr(path, in))
        while (access(until, F_OK) == 0) usleep(10000);
}

DIR *opendir(const char *path) {
    static DIR *(*real)(const char *);
    if (!real) real = dlsym(RTLD_NEXT, "opendir");
    wait_for(path);
    return real(path);
}

int open64(const char *path, int flags, ...) {
    static int (*real)(const char *, int, ...);
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!real) real = dlsym(RTLD_NEXT, "open64");
    wait_for(path);
    return real(path, flags, mode);
}

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *found) {
    static int (*real)(int, const char *, int, unsigned, struct statx *);
    if (!real) real = dlsym(RTLD_NEXT, "statx");
    wait_for(path);
    return real(folder, path, flags, mask, found);
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    wait_for(from);
    return real(from, to);
}
"#;

/// A folder that hangs as long as the test wants.
#[derive(Debug)]
pub struct Hanging {
    directory: TemporaryDirectory,
    folder: PathBuf,
}

impl Hanging {
    /// The folder, which does not hang yet.
    pub fn new(folder: &Path) -> Self {
        let directory = TemporaryDirectory::new("hanging");
        let source = directory.write("shim.c", SHIM);
        let mut compiler = Command::new(program::find("cc", "gcc"));
        compiler.args(["-shared", "-fPIC", "-o"]).arg(directory.path().join("shim.so")).arg(source);
        assert!(compiler.status().is_ok_and(|status| status.success()), "the shim is compiled");
        Self { directory, folder: folder.to_owned() }
    }

    /// Puts it before what `command` runs.
    pub fn put_before(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.directory.path().join("shim.so"));
        command.env("HANG_IN", &self.folder).env("HANG_WHILE", self.directory.path().join("hangs"));
    }

    /// From now on it hangs.
    pub fn hang(&self) {
        self.directory.write("hangs", "");
    }

    /// From now on it does not hang any more.
    pub fn go_on(&self) {
        fs::remove_file(self.directory.path().join("hangs")).expect("it hangs");
    }
}
