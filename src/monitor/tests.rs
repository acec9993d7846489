//! Paths that monitor themselves.
