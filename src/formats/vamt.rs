//! Exports of the Volume Activation Management Tool: its list of products as CSV, its table `base.ActiveProduct` as CSV,
//! and its computer information lists (CILX), which are XML.
//!
//! No list of the names of columns and elements is public. They are recognized in any case and spelling, as far as they
//! are known; what is not known is passed by.

mod csv;
mod product;
mod xml;

pub(super) use csv::{read_csv, recognizes_csv};
pub(super) use xml::{read_xml, recognizes_xml};

#[cfg(test)]
mod tests;
