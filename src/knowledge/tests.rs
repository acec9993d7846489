use super::*;
use crate::codes::{kms_stages, online_stages, predict_kms, predict_online};
use crate::observation::Reason;
use std::collections::BTreeSet;

/// The codes that a source explains in words, which every language has.
const DOCUMENTED: [u32; 64] = [
    0x4004_FC04,
    0x8000_4005,
    0x8004_D102,
    0x8004_FE21,
    0x8004_FE33,
    0x8007_0005,
    0x8007_000D,
    0x8007_0057,
    0x8007_007B,
    0x8007_0490,
    0x8007_05B4,
    0x8007_06BA,
    0x8007_139F,
    0x8007_232A,
    0x8007_232B,
    0x8007_2338,
    0x8007_251D,
    0x8007_267C,
    0x8007_2EE2,
    0x8007_2EE7,
    0x8007_2F8F,
    0x8009_2328,
    0x803F_7001,
    0xC002_0017,
    0xC004_B100,
    0xC004_C001,
    0xC004_C003,
    0xC004_C008,
    0xC004_C017,
    0xC004_C020,
    0xC004_C021,
    0xC004_D302,
    0xC004_D307,
    0xC004_D309,
    0xC004_E002,
    0xC004_E015,
    0xC004_F009,
    0xC004_F00F,
    0xC004_F011,
    0xC004_F014,
    0xC004_F015,
    0xC004_F025,
    0xC004_F02C,
    0xC004_F035,
    0xC004_F038,
    0xC004_F039,
    0xC004_F041,
    0xC004_F042,
    0xC004_F050,
    0xC004_F051,
    0xC004_F063,
    0xC004_F064,
    0xC004_F065,
    0xC004_F066,
    0xC004_F06B,
    0xC004_F06C,
    0xC004_F074,
    0xC004_F075,
    0xC004_F083,
    0xC004_F200,
    0xC004_F213,
    0xC004_F304,
    0xC004_F305,
    0xC004_FC03,
];

#[test]
fn the_table_of_codes_is_read_whole() {
    let lines = include_str!("codes.tsv").lines().skip(1).collect::<Vec<_>>();
    assert_eq!(lines.len(), 352);
    assert_eq!(facts::all().count(), lines.len(), "a line cannot be read, or a code is there twice");
    assert!(lines.is_sorted(), "the codes stand in their order");
}

#[test]
fn every_code_has_either_a_stage_or_a_subject() {
    for fact in facts::all() {
        assert!(fact.stage.is_some() != fact.subject.is_some(), "{fact:?}");
        assert_ne!(fact.confidence, Confidence::Decoded, "{fact:?}");
        assert!(
            fact.symbol
                .as_ref()
                .is_none_or(|symbol| symbol.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()))
        );
    }
}

#[test]
fn every_file_can_be_read_and_names_its_language() {
    for (language, text) in Language::ALL.iter().zip([include_str!("en.yaml"), include_str!("ja.yaml")]) {
        let texts = texts::Texts::parse(text).unwrap_or_else(|error| panic!("{language:?}: {error}"));
        assert!(!texts.language.is_empty() && !texts.phrases.steps.is_empty());
        for (code, entry) in &texts.codes {
            let fact = facts::hexadecimal(code).and_then(facts::fact);
            let fact = fact.unwrap_or_else(|| panic!("{language:?}: {code} is not in codes.tsv"));
            assert_eq!(fact.code.to_string(), *code, "the code is written as everywhere");
            assert!(texts.has(fact), "{language:?} {code}: neither steps nor a group with some");
            assert_eq!(
                entry.causes().is_empty(),
                entry.steps().is_empty(),
                "{language:?} {code}: causes go with steps"
            );
        }
        for name in texts.groups.keys() {
            assert!(facts::all().any(|fact| fact.group.as_ref() == Some(name)), "{language:?}: nothing is in {name}");
        }
    }
}

#[test]
fn english_has_every_code_and_every_language_the_documented_ones() {
    let documented: BTreeSet<_> = DOCUMENTED.into_iter().map(Code).collect();
    assert_eq!(documented.len(), DOCUMENTED.len());
    for fact in facts::all() {
        assert!(Language::ENGLISH.texts().has(fact), "{}", fact.code);
    }
    for &language in Language::ALL {
        for &code in &documented {
            let explanation = explain(code, language);
            assert_eq!((explanation.language, explanation.confidence), (language, Confidence::Documented), "{code}");
        }
    }
}

#[test]
fn no_text_is_empty_or_badly_broken() {
    for &language in Language::ALL {
        for fact in facts::all() {
            let Explanation { meaning, causes, steps, code, .. } = explain(fact.code, language);
            assert!(!causes.is_empty() && !steps.is_empty(), "{language:?} {code}");
            for text in causes.iter().chain(&steps).chain([&meaning]) {
                assert!(!text.trim().is_empty() && text.trim() == text, "{language:?} {code}: {text:?}");
                assert!(!text.contains(['\n', '\t']) && !text.contains("  "), "{language:?} {code}: {text:?}");
                assert!(text.matches('`').count() % 2 == 0, "{language:?} {code}: a command has no end in {text:?}");
            }
            assert!(meaning.ends_with(['.', '\u{3002}']), "{language:?} {code}: {meaning}");
        }
    }
}

/// The commands in some sentences, in no order: that of the words differs between languages.
fn commands<'a>(sentences: &'a [Cow<'_, str>]) -> BTreeSet<&'a str> {
    sentences.iter().flat_map(|sentence| sentence.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_language_gives_the_commands_that_english_gives() {
    for &language in Language::ALL {
        for fact in facts::all() {
            let (translated, english) = (explain(fact.code, language), explain(fact.code, Language::ENGLISH));
            let (own, expected) = (commands(&translated.steps), commands(&english.steps));
            assert!(own.is_superset(&expected), "{language:?} {}: {own:?} lack some of {expected:?}", fact.code);
            assert_eq!(
                (translated.causes.len(), translated.steps.len()),
                (english.causes.len(), english.steps.len()),
                "{language:?} {}",
                fact.code
            );
        }
    }
}

#[test]
fn no_command_is_taken_for_another_one_by_the_shell_it_is_for() {
    for fact in facts::all() {
        let Explanation { steps, code, .. } = explain(fact.code, Language::ENGLISH);
        for step in &steps {
            let is_for_powershell = !step.contains("Command Prompt");
            for command in commands(std::slice::from_ref(step)) {
                // `sc` writes a file there, and `curl` is another program in old versions.
                let is_alias = ["sc ", "curl "].iter().any(|alias| command.starts_with(alias));
                let is_unknown = ["%", "cd /d", "&&"].iter().any(|text| command.contains(text));
                assert!(!(is_for_powershell && (is_alias || is_unknown)), "{code}: {command}");
            }
        }
    }
}

#[test]
fn no_product_key_is_in_the_texts() {
    for text in [include_str!("en.yaml"), include_str!("ja.yaml")] {
        assert_eq!(crate::license::product_key::cut(text), text);
    }
}

#[test]
fn what_paths_are_blocked_with_is_explained_with_that_stage() {
    for stage in Stage::ALL {
        for reason in Reason::ALL {
            for prediction in [predict_kms(stage, reason), predict_online(stage, reason)] {
                for code in [prediction.code, prediction.inner_code].into_iter().flatten() {
                    let fact = facts::fact(code).unwrap_or_else(|| panic!("{code} is not explained"));
                    assert_eq!(fact.confidence, Confidence::Documented, "{code}");
                    let known = fact.stage.unwrap_or_else(|| panic!("{code} has no stage"));
                    assert!(
                        kms_stages(code).union(&online_stages(code)).any(|stage| *stage == known),
                        "{code} {known}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_code_without_a_text_in_a_language_is_explained_in_english() {
    let japanese = Language::of("ja").expect("there is Japanese");
    let explanation = explain(Code(0xC004_F074), japanese);
    assert_eq!(explanation.language, japanese);
    let unknown = explain(Code(0x8007_1234), japanese);
    assert_eq!((unknown.language, unknown.confidence), (Language::ENGLISH, Confidence::Decoded));
}

#[test]
fn an_event_is_no_code_and_no_typo() {
    for language in Language::ALL {
        let answer = &answers("12288", *language)[0];
        let event = answer.event.as_ref().expect("it is an event");
        assert_eq!((event.event.id, event.language, answer.explanation.as_ref()), (12288, *language, None));
        assert_eq!((event.fields.len(), event.fields[7].name), (10, "minutes_to_expiration"));
        assert!(answer.is_explained() && answer.did_you_mean.is_empty() && answer.candidates.is_empty());
    }
}

#[test]
fn a_message_is_explained_with_its_code_and_the_others_that_have_it() {
    let answer = &answers("DNS name does not exist.", Language::ENGLISH)[0];
    let shown = |code: &Code| code.to_string();
    assert_eq!(answer.explanation.as_ref().map(|known| shown(&known.code)).as_deref(), Some("0x8007007B"));
    assert_eq!(answer.candidates.iter().map(shown).collect::<Vec<_>>(), ["0x8007232B", "0x80092328"]);
    assert_eq!(answer.reading, Reading::Message);
    // A code that is there is believed, whatever the words beside it.
    let answers = answers("DNS name does not exist (0x8007232B)", Language::ENGLISH);
    assert_eq!((answers.len(), answers[0].reading), (1, Reading::Plain));
}

#[test]
fn what_no_source_describes_is_not_described() {
    for code in [0x803F_A067, 0x87E1_07F9] {
        assert_eq!(explain(Code(code), Language::ENGLISH).confidence, Confidence::Decoded);
    }
}

#[test]
fn typos_are_answered_with_what_may_have_been_meant() {
    let suggested = |text: &str| {
        answers(text, Language::ENGLISH)[0].did_you_mean.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(suggested("0xC040F074")[0], "0xC004F074");
    assert_eq!(suggested("0xC004F0Z4").len(), 5);
    assert_eq!(suggested("0xC004F074"), [""; 0]);
    assert!(suggested("0xC004F05").contains(&"0xC004F050".to_owned()));
    assert_eq!(suggested("12288"), [""; 0], "a number that was meant is no typo, known or not");
    assert_eq!(suggested("0x80072746"), [""; 0], "a Win32 error that is known by its number is no typo");
}
