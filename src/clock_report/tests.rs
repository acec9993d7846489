//! Findings in, reports out.
