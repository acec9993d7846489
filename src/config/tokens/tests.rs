use super::*;

const FILE: &str = "\
# who         token                         machines
collector     0123456789abcdef-collector    *.corp.example ws-*
kms01         sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  *

";

/// The SHA-256 of `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn machine(name: &str) -> MachineName {
    name.parse().unwrap()
}

#[test]
fn a_token_speaks_for_the_machines_of_its_patterns_alone() {
    let tokens = Tokens::parse(FILE).unwrap();
    let grant = tokens.grant("0123456789abcdef-collector").unwrap();
    assert_eq!(&*grant.name, "collector");
    for name in ["WS0417.corp.example", "a.b.corp.example", "ws-17", "WS-"] {
        assert!(grant.covers(&machine(name)), "{name}");
    }
    for name in ["ws0417", "corp.example", "ws0417.corp.example.evil", "xws-17"] {
        assert!(!grant.covers(&machine(name)), "{name}");
    }
}

#[test]
fn a_token_may_be_there_as_its_digest_in_any_case() {
    for digest in [format!("sha256:{ABC}"), format!("SHA256:{ABC}"), format!("Sha256:{}", ABC.to_uppercase())] {
        let tokens = Tokens::parse(&format!("kms01 {digest} *")).unwrap();
        assert!(tokens.grant("abc").unwrap().covers(&machine("any")));
        // What is in the file is not a token.
        for other in ["abd", ABC, &digest] {
            assert!(tokens.grant(other).is_none(), "{digest}: {other}");
        }
    }
}

#[test]
fn a_token_that_enrols_reports_nothing_and_the_other_way_round() {
    let tokens = Tokens::parse("enrol: site 0123456789abcdef-site *.corp.example\nfloor2 0123456789abcdef *").unwrap();
    let enrols = tokens.enrolment("0123456789abcdef-site").unwrap();
    assert!(enrols.covers(&machine("ws1.corp.example")) && !enrols.covers(&machine("ws1")));
    assert_eq!((&*enrols.name, tokens.grant("0123456789abcdef-site")), ("site", None));
    assert!(tokens.grant("0123456789abcdef").is_some() && tokens.enrolment("0123456789abcdef").is_none());
    // A name is that of one token, whatever it is for, and the words after it are counted on.
    for (line, fault) in [
        ("enrol: floor2 0123456789abcdeg *", LineFault::SameName(1)),
        ("enrol: a 0123456789abcdef *", LineFault::SameToken(1)),
        ("enrol:", LineFault::Words),
        ("enrol: a", LineFault::Words),
        ("enrol: {a} 0123456789abcdeg *", LineFault::Name),
        ("enrol: a 0123456789abcdeg", LineFault::NoPatterns),
        ("enrol: a 0123456789abcdeg * {x}", LineFault::Pattern(5)),
        ("Enrol: a 0123456789abcdeg *", LineFault::Name),
    ] {
        let parsed = Tokens::parse(&format!("floor2 0123456789abcdef *\n{line}"));
        assert_eq!(parsed.unwrap_err(), TokensError::Line { number: 2, fault }, "{line}");
    }
    let line = new_line("site", "0123456789abcdef-site", &["*".to_owned()], true).unwrap();
    assert!(line.starts_with("enrol: site sha256:") && Tokens::parse(&line).unwrap().grant("site").is_none());
}

#[test]
fn the_own_token_of_a_machine_speaks_for_exactly_its_name() {
    let grant = Grant::of_machine("site".into(), &machine("WS0417.corp.example"));
    assert!(grant.covers(&machine("ws0417.corp.example")) && !grant.covers_all());
    for other in ["ws0417", "ws0417.corp.example.evil", "ws041", "xws0417.corp.example"] {
        assert!(!grant.covers(&machine(other)), "{other}");
    }
}

#[test]
fn a_file_without_tokens_lets_nobody_send() {
    assert!(Tokens::parse("# nobody yet\n").unwrap().grant("").is_none());
}

#[test]
fn no_token_is_shown() {
    let shown = format!("{:?}", Tokens::parse(FILE).unwrap());
    assert!(shown.contains("collector") && !shown.contains("0123456789abcdef") && !shown.contains("186"), "{shown}");
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_no_word_of_it() {
    let many = format!("a 0123456789abcdef {}", "ws* ".repeat(MAX_PATTERNS + 1));
    let expected = [
        ("\na", 2, LineFault::Words),
        ("0123456789abcdef0123456789abcdef *", 1, LineFault::Name),
        ("a/b 0123456789abcdef *", 1, LineFault::Name),
        ("0123456789abcdef *.corp.example.and.more", 1, LineFault::PatternAsToken),
        ("0123456789abcdef *.corp.example.and.more ws2*", 1, LineFault::PatternAsToken),
        ("a 0123456789abcdef", 1, LineFault::NoPatterns),
        ("a short *", 1, LineFault::Short),
        ("a sha256:12 *", 1, LineFault::Digest),
        ("a SHA256:zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad *", 1, LineFault::Digest),
        ("a sha-256:ba7816bf8f01cfea414140de5dae2223 *", 1, LineFault::OtherDigest),
        ("a MD5:ba7816bf8f01cfea414140de5dae2223 *", 1, LineFault::OtherDigest),
        ("a $2y$10$ba7816bf8f01cfea414140de5dae2223 *", 1, LineFault::OtherDigest),
        ("a 0123456789abcdef ws1 {x}", 1, LineFault::Pattern(4)),
        (&many, 1, LineFault::TooManyPatterns),
        ("a 0123456789abcdef *\n\na 0123456789abcdeg *", 3, LineFault::SameName(1)),
        ("a 0123456789abcdef *\nb 0123456789abcdef *", 2, LineFault::SameToken(1)),
    ];
    for (text, number, fault) in expected {
        assert_eq!(Tokens::parse(text).unwrap_err(), TokensError::Line { number, fault }, "{text}");
        let said = fault.to_string();
        assert!(!said.contains("0123456789abcdef") && !said.contains("ba7816"), "{said}");
    }
    let many: Vec<_> = (0..=MAX_TOKENS).map(|number| format!("t{number} 0123456789abcdef{number} *")).collect();
    assert_eq!(Tokens::parse(&many.join("\n")).unwrap_err(), TokensError::TooMany);
}

#[test]
fn a_new_line_holds_the_digest_of_its_token_alone() {
    let line = new_line("floor2", "gracewatch-0123456789", &["ws2*".to_owned(), "*.floor2.example".to_owned()], false)
        .unwrap();
    assert!(!line.contains("0123456789"), "{line}");
    let tokens = Tokens::parse(&line).unwrap();
    for (name, pattern) in [("", "*"), ("a b", "*"), ("#a", "*"), ("a", ""), ("a", "a b"), ("a", "#")] {
        assert!(new_line(name, "gracewatch-0123456789", &[pattern.to_owned()], false).is_err(), "{name:?} {pattern:?}");
    }
    assert!(tokens.grant("gracewatch-0123456789").unwrap().covers(&machine("a.floor2.example")));
}
