//! The three parts of a verdict: what is broken, whom it hurts, what to do; and what clients show.

use super::kms::{good, host, walk};
use crate::fleet::Runway;
use crate::knowledge::Language;
use crate::observation::{Reason, Stage};
use crate::text::{Words, client_codes, first_steps, impact, summary};
use crate::verdict::{Reported, Verdict, judge};
use crate::walk::Walk;
use crate::walk::kms::Target;
use jiff::Timestamp;

const EN: Words = Words::ENGLISH;

fn japanese() -> Words {
    Language::of("ja").unwrap().into()
}

fn judged(targets: Vec<Target>, runway: &Runway) -> Verdict {
    judge(&Walk::Kms(walk(targets)), Reported { runway: Some(runway), ..Reported::default() })
}

fn refusing() -> Vec<Target> {
    vec![host("kms01", "192.0.2.1", Stage::Tcp, Some(Reason::Refused))]
}

fn runway(machines: u64, lost: u64, first: Option<&str>) -> Runway {
    Runway {
        machines,
        lost,
        first_expiry: first.map(|moment| moment.parse().unwrap()),
        first_machine: first.map(|_| "ws0417".to_owned()),
        ..Runway::default()
    }
}

/// The same, where so many lose activation within a week.
fn within_week(count: u64, machines: u64, lost: u64) -> Runway {
    let moment: Timestamp = "2026-12-03T04:10:00Z".parse().unwrap();
    let names = ["ws0417", "ws0418", "ws0419"].into_iter().take(count.try_into().unwrap_or(3));
    Runway {
        expiring: [0, count, count, count],
        soonest: names.map(|name| (moment, name.to_owned())).collect(),
        ..runway(machines, lost, Some("2026-12-03T04:10:00Z"))
    }
}

#[test]
fn the_impact_says_who_is_lost_and_who_is_next() {
    let first = Some("2026-12-20T04:10:00Z");
    let expected = [
        (
            runway(412, 0, first),
            "412 machines depend on path corp. The next, ws0417, loses activation on 2026-12-20.",
            "経路 corp を使うコンピューターは 412 台です。次にライセンス認証が切れるのは ws0417 で、2026-12-20 です。",
        ),
        (runway(1, 0, None), "1 machine depends on path corp.", "経路 corp を使うコンピューターは 1 台です。"),
        (
            within_week(12, 412, 3),
            "412 machines depend on path corp; 3 have already lost activation. Within 7 days, 12 of them lose \
             activation unless they renew: ws0417, ws0418, ws0419 and 9 more; the first on 2026-12-03.",
            "経路 corp を使うコンピューターは 412 台で、うち 3 台はライセンス認証がすでに切れています。このまま更新されない場合、\
             7 日以内に 12 台のライセンス認証が切れます: ws0417、ws0418、ws0419 (ほか 9 件)。最も早い期限は \
             2026-12-03 です。",
        ),
        (
            within_week(1, 9, 0),
            "9 machines depend on path corp. Unless it renews, ws0417 loses activation within 7 days, on 2026-12-03.",
            "経路 corp を使うコンピューターは 9 台です。このまま更新されない場合、7 日以内に 1 台のライセンス認証が切れます: ws0417。最も早い期限は \
             2026-12-03 です。",
        ),
        (
            runway(2, 2, None),
            "2 machines depend on path corp and have already lost activation.",
            "経路 corp を使うコンピューター 2 台は、すべてライセンス認証が切れています。",
        ),
    ];
    for (runway, english, in_japanese) in expected {
        let verdict = judged(refusing(), &runway);
        assert_eq!(impact(EN, "corp", &verdict).as_deref(), Some(english));
        assert!(english.split(". ").all(|sentence| sentence.split_whitespace().count() <= 25), "{english}");
        assert_eq!(impact(japanese(), "corp", &verdict).as_deref(), Some(in_japanese));
    }
    assert_eq!(impact(EN, "corp", &judged(refusing(), &runway(0, 0, None))), None);
    assert_eq!(impact(EN, "corp", &judged(vec![good("kms01")], &runway(5, 0, first))), None);
}

#[test]
fn each_part_is_shown_by_itself() {
    let verdict = judged(refusing(), &runway(412, 0, None));
    assert_eq!(
        summary(EN, "corp", &verdict),
        "Path corp is blocked at tcp: kms01:1688 (192.0.2.1) refuses connections."
    );
    assert_eq!(
        client_codes(EN, &verdict).as_deref(),
        Some(
            "Clients show 0xC004F074 (no usable KMS host), with 0x800706BA (the RPC server is unavailable) in event \
             12288 of the Application log."
        )
    );
    assert_eq!(
        first_steps(EN, &verdict)[0],
        "On kms01, check whether it listens: `Get-NetTCPConnection -State Listen -LocalPort 1688`"
    );
    assert_eq!(
        summary(japanese(), "corp", &verdict),
        "経路 corp は tcp の段階で止まっています: kms01:1688 (192.0.2.1) が接続を拒否しています。"
    );
    assert_eq!(
        client_codes(japanese(), &verdict).as_deref(),
        Some(
            "クライアントには 0xC004F074 (KMS でライセンス認証できない) が表示され、イベント ID 12288 には 0x800706BA (RPC サーバーを\
             利用できない) が記録されます。"
        )
    );
    assert_eq!(
        first_steps(japanese(), &verdict)[0],
        "kms01 で待ち受けを確認する: `Get-NetTCPConnection -State Listen -LocalPort 1688`"
    );
}

#[test]
fn all_that_fail_alike_are_named_together() {
    let dead = |name: &str| host(name, "192.0.2.2", Stage::Tcp, Some(Reason::Refused));
    let nobody = Runway::default();
    assert_eq!(
        summary(EN, "corp", &judged(vec![dead("kms01"), dead("kms02")], &nobody)),
        "Path corp is blocked at tcp: kms01:1688 and kms02:1688 refuse connections."
    );
    let many = (1..=30).map(|number| dead(&format!("kms{number}"))).chain([good("kms00")]).collect();
    assert_eq!(
        summary(EN, "corp", &judged(many, &nobody)),
        "Path corp works through 1 of 31 KMS targets, but kms1:1688, kms2:1688, kms3:1688 and 27 more refuse \
         connections."
    );
    let twice = ["192.0.2.1", "[2001:db8::1]"].map(|at| host("kms01", at, Stage::Tcp, Some(Reason::TimedOut)));
    assert_eq!(
        summary(EN, "corp", &judged(twice.into(), &nobody)),
        "Path corp is blocked at tcp: kms01:1688 (192.0.2.1, 2001:db8::1) does not answer connection attempts."
    );
}

#[test]
fn a_copy_shares_what_is_long() {
    let verdict = judged(refusing(), &Runway::default());
    assert!(std::sync::Arc::ptr_eq(&verdict.problems, &verdict.clone().problems));
}
