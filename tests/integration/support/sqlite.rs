//! A file of `SQLite`, used by another program.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use crate::servers::program;

/// Runs SQL on a file by Python's own `SQLite`, and says what comes of it, a row a line.
pub fn sqlite(file: &Path, sql: &str) -> String {
    let script = "import sqlite3, sys\nconnection = sqlite3.connect(sys.argv[1])\nsql = sys.stdin.read()\n\
                  if sql.lstrip().startswith('SELECT'):\n    rows = connection.execute(sql)\n    \
                  print('\\n'.join('|'.join(map(str, row)) for row in rows))\nelse:\n    connection.executescript(sql)";
    let input = file.with_extension("sql");
    fs::write(&input, sql).expect("it can be written");
    let mut command = Command::new(program::python());
    command.args(["-c", script]).arg(file).stdin(File::open(&input).expect("it is there"));
    let output = command.output().expect("python can be run");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    fs::remove_file(input).expect("it is there");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
