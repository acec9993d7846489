use super::archive::{delete, file, find_old, take_back};
use super::folder::{DONE, FAILED};
use super::*;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gracewatch-inbox-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Writes a file, and the folders it is in.
    fn put(&self, name: &str) -> (PathBuf, Stamp) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "{}").unwrap();
        let stamp = Stamp::of(&fs::symlink_metadata(&path).unwrap());
        (path, stamp)
    }

    fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.0.join(name)).is_ok()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn verdict(fault: Option<&str>) -> Verdict {
    Verdict { fault: fault.map(str::to_owned), has_keys: false, is_cut_off: false }
}

#[test]
fn files_are_kept_by_the_day_and_one_of_a_name_that_was_there_has_the_time_before_it() {
    let folder = Folder::new();
    let now = moment("2026-11-30T14:22:33.000417Z");
    for expected in ["done/2026-11-30/ws01.json", "done/2026-11-30/142233.000417-ws01.json"] {
        let (path, stamp) = folder.put("ws01.json");
        let (filed, _) =
            file(&folder.0, OsStr::new("ws01.json"), &stamp, &verdict(None), now, &Progress::default()).unwrap();
        assert_eq!(filed, Filed::Moved(expected.into()));
        assert!(folder.has(expected) && !path.exists());
    }
    let (_, stamp) = folder.put("ws02.json");
    file(&folder.0, OsStr::new("ws02.json"), &stamp, &verdict(Some("why")), now, &Progress::default()).unwrap();
    let reason = fs::read_to_string(folder.0.join("failed/2026-11-30/ws02.json.reason.txt")).unwrap();
    assert_eq!(reason, "why\n");
}

#[test]
fn a_reason_is_written_to_no_file_that_somebody_else_chose() {
    let folder = Folder::new();
    let now = moment("2026-11-30T14:22:33.000417Z");
    let (store, _) = folder.put("elsewhere/store.db");
    let reason = folder.0.join("failed/2026-11-30/ws01.json.reason.txt");
    fs::create_dir_all(reason.parent().unwrap()).unwrap();
    let link = |to: &Path| std::os::unix::fs::symlink(to, &reason).unwrap();
    let pipe = || assert!(std::process::Command::new("mkfifo").arg(&reason).status().unwrap().success());
    let in_the_way: [&dyn Fn(); 3] = [&|| link(&store), &|| link(&folder.0.join("elsewhere/new")), &pipe];
    for put in in_the_way {
        put();
        let (_, stamp) = folder.put("ws01.json");
        let filed = file(&folder.0, OsStr::new("ws01.json"), &stamp, &verdict(Some("why")), now, &Progress::default());
        assert!(filed.unwrap().1.is_none());
        assert_eq!(fs::read_to_string(&reason).unwrap(), "why\n");
        assert!(fs::symlink_metadata(&reason).unwrap().is_file());
        fs::remove_dir_all(folder.0.join("failed/2026-11-30")).unwrap();
        fs::create_dir(folder.0.join("failed/2026-11-30")).unwrap();
    }
    assert_eq!(fs::read_to_string(&store).unwrap(), "{}");
    assert!(!folder.has("elsewhere/new"));
}

#[test]
fn a_file_that_is_another_by_now_stays() {
    let folder = Folder::new();
    let (path, stamp) = folder.put("ws01.json");
    fs::write(&path, "{}{}").unwrap();
    let filed =
        file(&folder.0, OsStr::new("ws01.json"), &stamp, &verdict(None), Timestamp::now(), &Progress::default());
    assert_eq!(filed.unwrap().0, Filed::Changed);
    assert!(path.exists());
}

#[test]
fn a_name_as_long_as_names_may_be_is_kept_with_its_ending() {
    let folder = Folder::new();
    let name = format!("{}.json", "\u{e9}".repeat(125));
    assert_eq!(name.len(), 255);
    for _ in 0..2 {
        let (_, stamp) = folder.put(&name);
        let filed =
            file(&folder.0, OsStr::new(&name), &stamp, &verdict(Some("why")), Timestamp::now(), &Progress::default());
        let (Filed::Moved(kept), None) = filed.unwrap() else { panic!("it is not moved") };
        assert!(kept.to_str().unwrap().ends_with("\u{e9}.json"), "{}", kept.display());
    }
}

#[test]
fn a_file_that_was_swapped_is_neither_read_nor_waited_for() {
    let folder = Folder::new();
    let (path, stamp) = folder.put("ws01.json");
    let read = || folder::read(&path, &stamp, &Progress::default());
    assert!(read().is_ok());
    fs::rename(&path, folder.0.join("elsewhere")).unwrap();
    assert!(matches!(read(), Err(Unread::Changed)), "gone");
    fs::create_dir(&path).unwrap();
    assert!(matches!(read(), Err(Unread::Changed)), "a folder");
    fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink(folder.0.join("elsewhere"), &path).unwrap();
    assert!(matches!(read(), Err(Unread::Changed)), "a link to the very same");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert!(matches!(read(), Err(Unread::Changed)), "a device");
    fs::remove_file(&path).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(matches!(read(), Err(Unread::Changed)), "a socket");
    drop(socket);
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    // Nobody writes to it, and nobody ever will.
    assert!(matches!(read(), Err(Unread::Changed)), "a pipe");
}

#[test]
fn a_file_that_changed_after_it_was_moved_comes_back_under_a_name_that_is_free() {
    let folder = Folder::new();
    let (still, still_stamp) = folder.put("done/2026-11-30/ws01.json");
    let (grows, grown_stamp) = folder.put("failed/2026-11-30/ws02.json");
    folder.put("failed/2026-11-30/ws02.json.reason.txt");
    folder.put("ws02.json");
    fs::write(&grows, "{}{}").unwrap();
    let way = |file: &Path| file.strip_prefix(&folder.0).unwrap().to_owned();
    let watched = vec![(way(&still), still_stamp), (way(&grows), grown_stamp)];
    let now = moment("2026-11-30T14:22:33.000417Z");
    let (gone, back) = take_back(&folder.0, watched, now, &Progress::default());
    assert_eq!((gone, back), ([way(&grows)].into(), vec!["ws02.json".to_owned()]));
    assert!(folder.has("142233.000417-ws02.json") && folder.has("done/2026-11-30/ws01.json"));
    assert!(!folder.has("failed/2026-11-30/ws02.json.reason.txt"));
}

#[test]
fn what_is_old_goes_and_all_else_stays() {
    let folder = Folder::new();
    for name in [
        "done/2026-10-30/ws01.json",
        "done/2026-10-31/ws01.json",
        "failed/2026-10-01/ws01.json",
        "failed/2026-10-01/ws01.json.reason.txt",
        "done/2026-10-01/mine/ws01.json",
        "done/20261001/ws01.json",
        "done/notes/ws01.json",
        "2026-10-01/ws01.json",
    ] {
        folder.put(name);
    }
    std::os::unix::fs::symlink(&folder.0, folder.0.join("done/2026-10-02")).unwrap();
    let days = SignedDuration::from_hours(30 * 24);
    let find = |now: &str| find_old(&folder.0, days, moment(now), &Progress::default());
    let names = |found: &BTreeSet<PathBuf>| -> Vec<String> {
        found.iter().map(|path| path.to_str().unwrap().to_owned()).collect()
    };
    let found = find("2026-11-30T00:00:00Z");
    assert_eq!(names(&found), ["done/2026-10-01", "done/2026-10-30", "failed/2026-10-01"]);
    let (deleted, left) = delete(&folder.0, found, &Progress::default());
    assert_eq!((deleted, left.len()), (3, 0));
    for gone in ["done/2026-10-30", "failed/2026-10-01"] {
        assert!(!folder.has(gone), "{gone}");
    }
    for kept in [
        "done/2026-10-31/ws01.json",
        "done/2026-10-01/mine/ws01.json",
        "done/20261001/ws01.json",
        "2026-10-01/ws01.json",
    ] {
        assert!(folder.has(kept), "{kept}");
    }

    // Older programs put files there without a folder of the day. When is as the file system has it.
    folder.put("done/ws01.json");
    assert_eq!(names(&find("2999-01-01T00:00:00Z")), ["done/2026-10-01", "done/2026-10-31", "done/ws01.json"]);
    assert!(find("2026-10-02T00:00:00Z").is_empty());
    assert_eq!([DONE, FAILED], ["done", "failed"]);
}

#[test]
fn files_that_are_put_off_keep_no_other_from_being_listed() {
    let folder = Folder::new();
    let cut_off: HashSet<OsString> = (0..10_000).map(|number| format!("cut-off-{number}.json").into()).collect();
    for name in &cut_off {
        fs::write(folder.0.join(name), "{").unwrap();
    }
    folder.put("ws01.json");
    let place = config::Inbox { folder: folder.0.clone(), keep: config::Inbox::KEEP, apart_from: Vec::new() };
    let (listed, left_out) = folder::list(&place, &cut_off, &Progress::default()).unwrap();
    assert_eq!((listed.len(), left_out), (10_001, 0));
    // All are new: one has to wait, and is counted.
    let (listed, left_out) = folder::list(&place, &HashSet::new(), &Progress::default()).unwrap();
    assert_eq!((listed.len(), left_out), (10_000, 1));
    assert!(!listed.contains_key(OsStr::new("ws01.json")), "whoever is new takes no place of one that waits");
}

#[tokio::test]
async fn small_files_come_before_large_ones_and_of_those_one_comes_at_each_look() {
    let folder = Folder::new();
    let place = config::Inbox { folder: folder.0.clone(), keep: config::Inbox::KEEP, apart_from: Vec::new() };
    let mut inbox = Inbox::new(Arc::new(place), Arc::new(State::new()));
    let begun = Instant::now();
    for (number, (name, length)) in
        (0..).zip([("large2.json", LARGE), ("large1.json", 2 * LARGE), ("b.json", LARGE - 1), ("a.json", 2)])
    {
        let (path, _) = folder.put(name);
        fs::File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
        let stamp = Stamp::of(&fs::symlink_metadata(&path).unwrap());
        inbox.waiting.insert(name.into(), Waiting::new(stamp, begun + Duration::from_secs(number)));
    }
    let (small, large) = inbox.due(begun + Duration::from_mins(1));
    assert_eq!(small, ["b.json", "a.json"]);
    assert_eq!(large, Some("large2.json".into()));
    assert_eq!(inbox.due(begun), (Vec::new(), None));
}

/// Whoever may write in the inbox may put a link to a folder of ours in the place of one of the inbox's.
#[test]
fn what_a_link_leads_to_is_neither_taken_into_the_inbox_nor_deleted() {
    let folder = Folder::new();
    let (elsewhere, _) = folder.put("elsewhere/2026-10-01/store.db");
    let (_, stamp) = folder.put("done/2026-10-01/store.db");
    let watched = vec![(PathBuf::from("done/2026-10-01/store.db"), stamp)];
    let (days, now) = (SignedDuration::from_hours(30 * 24), moment("2026-11-30T00:00:00Z"));
    let old = find_old(&folder.0, days, now, &Progress::default());
    assert_eq!(old.len(), 1);
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(folder.0.join(to), folder.0.join(from)).unwrap();
    let links: [&dyn Fn(); 2] = [&|| link("elsewhere", "done"), &|| {
        fs::create_dir(folder.0.join("done")).unwrap();
        link("elsewhere/2026-10-01", "done/2026-10-01");
    }];
    for put in links {
        let _ = fs::remove_file(folder.0.join("done"));
        let _ = fs::remove_dir_all(folder.0.join("done"));
        put();
        let (gone, back) = take_back(&folder.0, watched.clone(), now, &Progress::default());
        assert_eq!((gone.len(), back.len()), (1, 0));
        delete(&folder.0, old.clone(), &Progress::default());
        assert!(elsewhere.exists());
    }
}
