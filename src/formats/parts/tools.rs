//! Every format of text that may be beside others in one text, in the order in which they are asked for a line.

use crate::formats::tool::Tool;
use crate::formats::{aligned, listing, ospp, piped, slmgr, vnext};

pub(super) const TOOLS: &[Tool] = &[ospp::TOOL, slmgr::TOOL, listing::TOOL, aligned::TOOL, piped::TOOL, vnext::TOOL];
