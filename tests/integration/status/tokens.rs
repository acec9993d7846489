//! `gracewatch token`: tokens that are made, listed and revoked.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::thread;

use crate::support::post::Sender;
use crate::support::program::{Printed, run};
use crate::support::reports::Client;
use crate::support::status::Kept;

/// Runs `gracewatch token`.
fn token(kept: &Kept, arguments: &[&str]) -> Printed {
    let mut command = crate::support::program::gracewatch();
    let config = kept.directory().write("gracewatch.yaml", kept.configuration());
    command.arg("token").args(arguments).arg("--config").arg(config);
    run(command)
}

/// The token that was made.
fn made(kept: &Kept, arguments: &[&str]) -> String {
    let printed = token(kept, &[&["add"], arguments].concat());
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    let token = printed.stdout.trim().to_owned();
    assert!(token.starts_with("gracewatch_") && token.len() > 40 && !printed.stderr.contains(&token), "{printed:?}");
    token
}

fn text(kept: &Kept) -> String {
    fs::read_to_string(kept.directory().path().join("tokens")).expect("it is there")
}

#[test]
fn a_token_is_made_listed_used_and_revoked() {
    let kept = Kept::new();
    kept.directory().write_private("tokens", "# Who may send.\nold 0123456789abcdef *   # all");
    kept.directory().set_mode("tokens", 0o600);
    // What is after a `#` in a line is not a comment.
    assert!(token(&kept, &["list"]).stderr.contains("line 2: word 4 is not a name pattern"));
    kept.directory().write_private("tokens", "# Who may send.\nold 0123456789abcdef *");
    kept.directory().set_mode("tokens", 0o600);

    let floor = made(&kept, &["floor2", "ws2*", "*.floor2.corp.example"]);
    let other = made(&kept, &["floor3", "ws3*"]);
    assert_ne!(floor, other);
    assert!(text(&kept).starts_with("# Who may send.\nold 0123456789abcdef *\nfloor2 sha256:"), "{}", text(&kept));
    assert!(!text(&kept).contains(&floor) && !text(&kept).contains(&other));
    let mode = fs::metadata(kept.directory().path().join("tokens")).expect("it is there").mode();
    assert_eq!(mode & 0o777, 0o600);

    let listed = token(&kept, &["list"]);
    assert_eq!(listed.stdout, "old     *\nfloor2  ws2* *.floor2.corp.example\nfloor3  ws3*\n", "{listed:?}");

    let daemon = kept.serve();
    let send =
        |token: &str, machine: &str| Sender::with_token(daemon.address(), token).send(Client::new(machine).text());
    assert_eq!((send(&floor, "ws21").status, send(&floor, "ws31").status), (202, 403));
    assert_eq!(send(&other, "ws31").status, 202);

    let revoked = token(&kept, &["revoke", "floor2"]);
    assert_eq!((revoked.exit_code, revoked.stdout.as_str()), (Some(0), ""), "{revoked:?}");
    assert!(text(&kept).starts_with("# Who may send.\nold 0123456789abcdef *\nfloor3 sha256:"), "{}", text(&kept));
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!((send(&floor, "ws21").status, send(&other, "ws32").status), (401, 202));

    // Nobody is left.
    for name in ["old", "floor3"] {
        assert_eq!(token(&kept, &["revoke", name]).exit_code, Some(0));
    }
    assert_eq!(text(&kept), "# Who may send.\n");
    assert_eq!(daemon.post("/-/reload").status, 200);
    assert_eq!(send(&other, "ws32").status, 401);
}

#[test]
fn the_first_token_makes_the_file_which_others_cannot_read() {
    let kept = Kept::new();
    let file = kept.directory().path().join("tokens");
    fs::remove_file(&file).expect("it is there");
    made(&kept, &["all", "*"]);
    assert_eq!(fs::metadata(&file).expect("it is made").mode() & 0o777, 0o640);
    // A file that others can read is closed to them.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).expect("it is ours");
    made(&kept, &["more", "*"]);
    assert_eq!(fs::metadata(&file).expect("it is there").mode() & 0o777, 0o660);
    assert_eq!(fs::read_dir(kept.directory().path()).expect("it is there").count(), 3, "nothing is left behind");
}

#[test]
fn what_is_wrong_changes_nothing() {
    let kept = Kept::new();
    let before = text(&kept);
    let secret = "0123456789abcdef0123456789abcdef-secret";
    for (arguments, said) in [
        (&["add", "everything", "*"][..], "line 2: line 1 has this name as well"),
        (&["add", secret, "*"], "it does not begin with a name"),
        (&["add", "a", "{x}"], "word 3 is not a name pattern"),
        (&["add", "a b", "*"], "it does not begin with a name"),
        (&["revoke", secret], "has no token of this name"),
    ] {
        let printed = token(&kept, arguments);
        assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(1), ""), "{printed:?}");
        assert!(printed.stderr.contains(said) && !printed.stderr.contains(secret), "{arguments:?}: {printed:?}");
        assert_eq!(text(&kept), before);
    }
    kept.directory().write("tokens.new", "");
    let printed = token(&kept, &["add", "a", "*"]);
    assert!(printed.exit_code == Some(1) && printed.stderr.contains("tokens.new and try again"), "{printed:?}");
    assert_eq!(text(&kept), before);
}

#[test]
fn tokens_that_are_made_at_once_are_all_kept() {
    let kept = Kept::new();
    let config = kept.directory().write("gracewatch.yaml", kept.configuration());
    let making: Vec<_> = (0..16)
        .map(|number| {
            let config = config.clone();
            thread::spawn(move || {
                let mut command = crate::support::program::gracewatch();
                run({
                    command.args(["token", "add", &format!("t{number}"), "*", "--config"]).arg(config);
                    command
                })
            })
        })
        .collect();
    for made in making {
        let printed = made.join().expect("it runs");
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    }
    assert_eq!(text(&kept).lines().count(), 17);
}
