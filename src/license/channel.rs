//! How a license is activated.

use super::product_key;
use std::fmt;
use std::sync::Arc;

/// The longest name of a channel, in bytes.
const MAX_LENGTH: usize = 40;

/// The channel of a license, in the word of its description: `VOLUME_KMSCLIENT`, `VOLUME_MAK`, `RETAIL(Grace)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(Arc<str>);

/// What a channel means for activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelKind {
    /// Renews with a KMS host, or in Active Directory.
    KmsClient,
    KmsHost,
    /// Was activated once, by a key for many.
    Mak,
    /// Ends on a day and does not renew: an evaluation.
    Evaluation,
    /// Renews with the machine it is virtual on.
    VirtualMachine,
    /// Was activated once: retail, by the maker, or whatever else.
    Other,
}

impl Channel {
    /// The channel named by this word; `None` where it is not a word.
    pub fn new(word: &str) -> Option<Self> {
        let word = word.trim();
        let is_word = !word.is_empty()
            && word.len() <= MAX_LENGTH
            && word.chars().all(|char| char.is_ascii_alphanumeric() || "_()-:".contains(char))
            && product_key::cut(word) == word;
        is_word.then(|| Self(Arc::from(word)))
    }

    /// The channel at the end of a description: what is between the last comma and ` channel`, in any language
    /// of those in which that part is not translated.
    pub fn from_description(description: &str) -> Option<Self> {
        let (_, last) = description.rsplit_once(',')?;
        Self::new(last.split_whitespace().next()?)
    }

    /// The channel of a `ProductKeyChannel`, such as `Volume:GVLK`.
    pub fn from_key_channel(key_channel: &str) -> Option<Self> {
        let key_channel = key_channel.trim();
        let is = |prefix: &str| key_channel.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let word = if is("Volume:GVLK") {
            "VOLUME_KMSCLIENT"
        } else if is("Volume:CSVLK") {
            "VOLUME_KMS"
        } else if is("Volume:MAK") {
            "VOLUME_MAK"
        } else if is("Retail:TB:Eval") {
            "TIMEBASED_EVAL"
        } else if is("Retail:TB") {
            "TIMEBASED_SUB"
        } else if is("Retail") {
            "RETAIL"
        } else if is("OEM:") {
            return Self::new(&key_channel.to_ascii_uppercase().replace(':', "_"));
        } else {
            return Self::new(key_channel);
        };
        Self::new(word)
    }

    /// The word for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for a license that always has an end, be it renewed or not. Where no minutes are reported of one that is
    /// activated, its end is not known; that of any other is never.
    pub fn ends(&self) -> bool {
        let word = self.0.to_ascii_uppercase();
        let has_ending_kind =
            matches!(self.kind(), ChannelKind::KmsClient | ChannelKind::Evaluation | ChannelKind::VirtualMachine);
        has_ending_kind || word.starts_with("TIMEBASED") || word.contains("SUBSCRIPTION")
    }

    /// What it means for activation.
    pub fn kind(&self) -> ChannelKind {
        ChannelKind::of(&self.0)
    }
}

/// The marks of a kind in the word for a channel, in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// It begins with this.
    Start(&'static str),
    /// It has this somewhere in it.
    Part(&'static str),
}

impl Mark {
    fn is_of(self, word: &str) -> bool {
        let is = |part: &[u8], mark: &str| part.eq_ignore_ascii_case(mark.as_bytes());
        match self {
            Self::Start(mark) => word.as_bytes().get(..mark.len()).is_some_and(|start| is(start, mark)),
            Self::Part(mark) => word.as_bytes().windows(mark.len()).any(|part| is(part, mark)),
        }
    }
}

impl ChannelKind {
    /// The marks of each kind. The first that a word has gives its kind, and one without any is of another.
    const MARKS: [(Mark, Self); 5] = [
        (Mark::Start("VOLUME_KMSCLIENT"), Self::KmsClient),
        (Mark::Start("VOLUME_KMS"), Self::KmsHost),
        (Mark::Start("VOLUME_MAK"), Self::Mak),
        (Mark::Part("EVAL"), Self::Evaluation),
        (Mark::Start("VIRTUAL_MACHINE"), Self::VirtualMachine),
    ];

    /// The kind of the channel with this word.
    pub fn of(word: &str) -> Self {
        let marked = Self::MARKS.iter().find(|(mark, _)| mark.is_of(word));
        marked.map_or(Self::Other, |(_, kind)| *kind)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(description: &str) -> Option<(String, ChannelKind)> {
        Channel::from_description(description).map(|channel| (channel.to_string(), channel.kind()))
    }

    #[test]
    fn a_channel_is_the_last_word_of_a_description() {
        let expected = [
            ("Windows(R) Operating System, VOLUME_KMSCLIENT channel", "VOLUME_KMSCLIENT", ChannelKind::KmsClient),
            (
                "Windows Operating System - Windows Server(R), VOLUME_KMS_C channel",
                "VOLUME_KMS_C",
                ChannelKind::KmsHost,
            ),
            ("Windows(R) Operating System, VOLUME_MAK channel", "VOLUME_MAK", ChannelKind::Mak),
            ("Office 19, RETAIL(Grace) channel", "RETAIL(Grace)", ChannelKind::Other),
            ("Windows(R) Operating System, TIMEBASED_EVAL channel", "TIMEBASED_EVAL", ChannelKind::Evaluation),
            (
                "Windows(R), VIRTUAL_MACHINE_ACTIVATION channel",
                "VIRTUAL_MACHINE_ACTIVATION",
                ChannelKind::VirtualMachine,
            ),
        ];
        for (description, word, kind) in expected {
            assert_eq!(of(description), Some((word.to_owned(), kind)), "{description}");
        }
    }

    #[test]
    fn the_first_mark_that_a_word_has_shows_its_kind() {
        let expected = [
            ("volume_kmsclient", ChannelKind::KmsClient),
            ("VOLUME_KMSCLIENT_X", ChannelKind::KmsClient),
            ("VOLUME_KMS", ChannelKind::KmsHost),
            ("Volume_Mak", ChannelKind::Mak),
            ("VOLUMEXMAK", ChannelKind::Other),
            ("RETAIL(Eval)", ChannelKind::Evaluation),
            ("VIRTUAL_MACHINE_EVAL", ChannelKind::Evaluation),
            ("EVA", ChannelKind::Other),
            ("MY_VOLUME_MAK", ChannelKind::Other),
        ];
        for (word, kind) in expected {
            assert_eq!(Channel::new(word).unwrap().kind(), kind, "{word}");
        }
    }

    #[test]
    fn what_renews_or_runs_for_a_time_ends() {
        let ends = |word| Channel::new(word).unwrap().ends();
        for word in
            ["VOLUME_KMSCLIENT", "TIMEBASED_EVAL", "timebased_sub", "VIRTUAL_MACHINE_ACTIVATION", "SUBSCRIPTION"]
        {
            assert!(ends(word), "{word}");
        }
        for word in ["VOLUME_KMS_WS22", "VOLUME_MAK", "RETAIL", "OEM_DM", "RETAIL(MAK)"] {
            assert!(!ends(word), "{word}");
        }
    }

    #[test]
    fn what_is_no_channel_is_not_known() {
        for description in
            ["", "no comma", "ends in a comma,", "a, <script> channel", &format!("a, {}", "A".repeat(41))]
        {
            assert_eq!(of(description), None, "{description}");
        }
    }

    #[test]
    fn the_channel_of_a_key_has_the_word_of_descriptions() {
        let expected = [
            ("Volume:GVLK", "VOLUME_KMSCLIENT"),
            ("Volume:CSVLK", "VOLUME_KMS"),
            ("volume:mak", "VOLUME_MAK"),
            ("Retail", "RETAIL"),
            ("Retail:TB:Eval", "TIMEBASED_EVAL"),
            ("OEM:DM", "OEM_DM"),
        ];
        for (key_channel, word) in expected {
            assert_eq!(Channel::from_key_channel(key_channel).unwrap().as_str(), word);
        }
    }
}
