//! Finding KMS hosts in DNS, with the servers of the field and the answers they give.

mod addresses;
mod allowed;
mod expectations;
mod hosts_file;
mod names;
mod nameservers;
mod records;
mod resolvers;
mod settings;
