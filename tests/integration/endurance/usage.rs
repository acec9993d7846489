//! What a process takes of the machine, and whether that grows.

use std::fs;
use std::path::Path;

/// What it took at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    pub memory_kilobytes: usize,
    pub descriptors: usize,
    pub threads: usize,
    /// Files in its folders.
    pub files: usize,
}

impl Usage {
    /// Of a process, and of folders that are its own; `None` where it is gone.
    pub fn of(process: u32, folders: &[&Path]) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        };
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).ok()?.count();
        let files = folders.iter().map(|folder| count(folder)).sum();
        Some(Self { memory_kilobytes: field("VmRSS:")?, descriptors, threads: field("Threads:")?, files })
    }
}

fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
}

/// Each figure, and what it is called.
pub const KINDS: [(&str, Figure); 4] = [
    ("memory in KiB", |usage| usage.memory_kilobytes),
    ("descriptors", |usage| usage.descriptors),
    ("threads", |usage| usage.threads),
    ("files", |usage| usage.files),
];

type Figure = fn(&Usage) -> usize;

/// What grew from the second third to the last of a run, by the medians of each; nothing where all is flat.
pub fn grown(samples: &[Usage]) -> Vec<String> {
    let third = samples.len() / 3;
    let (second, last) = (&samples[third..2 * third], &samples[samples.len() - third..]);
    // What is allowed is what probes under way and the memory allocator make of it.
    // A burst leaves threads behind, of which there may be many, for as long as there is something to do each second.
    let slack = [(10, 8192), (25, 32), (0, 16), (0, 2)];
    KINDS
        .iter()
        .zip(slack)
        .filter_map(|((name, of), (percent, more))| {
            let (before, after) = (median(second, of), median(last, of));
            (after > before + before * percent / 100 + more).then(|| format!("{name}: {before} before, {after} after"))
        })
        .collect()
}

/// The median of one figure.
pub fn median(samples: &[Usage], of: impl Fn(&Usage) -> usize) -> usize {
    let mut figures: Vec<_> = samples.iter().map(of).collect();
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
