//! The machines that are expected: read from a file or a folder, and again whenever that changes. What cannot be read
//! leaves in force what was read before, and says so.

use super::inbox::aside::{Aside, LIMIT};
use super::input::{self, InputError, Links};
use super::settings::Settings;
use crate::catalogue::{Message, message};
use crate::fleet::{Inventory, MAX_MACHINES};
use crate::formats::inventory;
use crate::path::FileVersion;
use crate::state::{InventoryState, State};
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::{error, info, warn};

/// From one look at the files to the next. What changes is read once two looks find the same.
const LOOK: Duration = Duration::from_secs(5);

/// How long what cannot be read is left alone while it looks the same.
const RETRY: Duration = Duration::from_mins(1);

/// The most files of a folder, and the most bytes of all of them.
const MAX_FILES: usize = 1000;
const MAX_LENGTH: u64 = 128 * 1024 * 1024;

/// What was read.
#[derive(Debug)]
pub struct Found {
    pub inventory: Inventory,
    /// How many files there are.
    files: usize,
    /// How many accounts are not expected: disabled ones, and those of other systems than Windows.
    unexpected: u64,
    /// How many rows and lines have no name of a machine, and the first of them.
    skipped: u64,
    first_skipped: Option<String>,
}

/// Reads the machines that are expected from a file, or from all files of a folder.
///
/// # Errors
/// Why one of the files is refused: what part of them lists is not believed.
pub fn read(place: &Path) -> Result<Found, Message> {
    let metadata = fs::metadata(place).map_err(|error| unreadable(&error))?;
    let files = if metadata.is_dir() { files_of(place)? } else { vec![place.to_owned()] };
    let (mut accounts, mut room) = (Vec::new(), MAX_LENGTH);
    let (mut unexpected, mut skipped, mut first_skipped) = (0, 0, None);
    for file in &files {
        let name = file.file_name().unwrap_or_default().display().to_string();
        let of_file = |fault: Message| message!("inventory-of-file", file = &name, fault = fault);
        let bytes = read_file(file, &mut room).map_err(|error| match error {
            InputError::Refused(fault) => of_file(fault),
            InputError::Unreadable(error) => of_file(unreadable(&error)),
        })?;
        let left = MAX_MACHINES.saturating_sub(accounts.len());
        let listed = inventory::read(&bytes, left).map_err(|error| of_file(error.message()))?;
        if listed.expected.len() > left {
            return Err(message!("inventory-too-many", most = MAX_MACHINES));
        }
        accounts.extend(listed.expected);
        unexpected += listed.unexpected;
        skipped += listed.skipped.count;
        first_skipped = first_skipped.or(listed.skipped.first.map(|first| format!("{name}: {first}")));
    }
    Ok(Found { inventory: Inventory::new(accounts), files: files.len(), unexpected, skipped, first_skipped })
}

/// Reads a file for which there is room.
fn read_file(file: &Path, room: &mut u64) -> Result<Vec<u8>, InputError> {
    let (opened, metadata) = input::open(file, Links::Followed)?;
    let left = room.checked_sub(metadata.len());
    *room = left.ok_or_else(|| InputError::Refused(message!("inventory-too-long", most = MAX_LENGTH / 1024 / 1024)))?;
    input::read(opened)
}

fn unreadable(error: &io::Error) -> Message {
    // The number that the system gives it is of no use.
    message!("file-unreadable", error = error.to_string().split(" (os error").next().unwrap_or_default())
}

/// The files of a folder in the order of their names, without those that are hidden or still written.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Message> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let file = entry.map_err(|error| unreadable(&error))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_meant = !name.starts_with('.') && !name.ends_with(".tmp") && !name.ends_with(".part");
        if is_meant && file.is_file() {
            files.push(file);
        }
        if files.len() > MAX_FILES {
            return Err(message!("inventory-many-files", most = MAX_FILES));
        }
    }
    files.sort();
    if files.is_empty() { Err(message!("inventory-no-files")) } else { Ok(files) }
}

/// How the files look, by which it is known whether they changed.
type Looks = Vec<(PathBuf, Option<FileVersion>)>;

fn look(place: &Path) -> Looks {
    let mut files = vec![place.to_owned()];
    files.extend(files_of(place).unwrap_or_default());
    let version = |file: &PathBuf| fs::metadata(file).ok().as_ref().map(FileVersion::new);
    files.into_iter().map(|file| (file.clone(), version(&file))).collect()
}

/// Reads the inventory that is configured again and again, and publishes it. `news` says that another one counts.
pub(super) async fn follow(mut settings: watch::Receiver<Settings>, state: Arc<State>, news: watch::Sender<()>) {
    loop {
        let place = settings.borrow_and_update().status.inventory.clone();
        let following = async {
            match &place {
                Some(place) => Reader::new(place, &state, &news).run().await,
                None => pending().await,
            }
        };
        state.update(|known| known.inventory = place.as_ref().map(|_| InventoryState::default()));
        news.send_replace(());
        let moved = async {
            // The other end lives as long as the service.
            let _ = settings.wait_for(|settings| settings.status.inventory != place).await;
        };
        tokio::select! {
            () = following => {}
            () = moved => {}
        }
    }
}

/// Reads what is in one place.
struct Reader<'a> {
    place: &'a Arc<Path>,
    state: &'a State,
    news: &'a watch::Sender<()>,
    /// One thread, which is started where it is needed.
    aside: Option<Aside>,
    /// How the files looked when they were read last, and at the last look.
    read: Option<Looks>,
    seen: Option<Looks>,
    /// When they are read again though nothing changed, as they could not be read.
    retry_at: Option<Instant>,
    fault: Option<Message>,
}

impl<'a> Reader<'a> {
    fn new(place: &'a Arc<Path>, state: &'a State, news: &'a watch::Sender<()>) -> Self {
        Self { place, state, news, aside: None, read: None, seen: None, retry_at: None, fault: None }
    }

    async fn run(mut self) {
        loop {
            self.look().await;
            sleep(LOOK).await;
        }
    }

    /// Looks at the files, and reads them where they changed and stand still.
    async fn look(&mut self) {
        let place = Arc::clone(self.place);
        let Some(looks) = self.aside(move || look(&place)).await else { return };
        let is_settled = self.seen.as_ref().is_none_or(|seen| *seen == looks);
        let is_read = self.read.as_ref() == Some(&looks);
        self.seen = Some(looks.clone());
        if !is_settled || is_read && self.retry_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        let place = Arc::clone(self.place);
        let Some(read) = self.aside(move || read(&place)).await else { return };
        self.read = Some(looks);
        self.take(read);
        self.news.send_replace(());
    }

    fn take(&mut self, read: Result<Found, Message>) {
        let shown = self.place.display();
        match read {
            Ok(Found { inventory, files, unexpected, skipped, first_skipped }) => {
                let expected = inventory.len();
                info!(inventory = %shown, expected, unexpected, files, "the inventory is read");
                if let Some(first) = first_skipped {
                    warn!(inventory = %shown, skipped, "not understood in the inventory, the first of these: {first}");
                }
                (self.fault, self.retry_at) = (None, None);
                let read = InventoryState {
                    inventory: Some(Arc::new(inventory)),
                    read_at: Some(SystemTime::now()),
                    fault: None,
                };
                self.state.update(|known| known.inventory = Some(read));
            }
            Err(fault) => {
                if self.fault.as_ref() != Some(&fault) {
                    error!(inventory = %shown, "the inventory is refused, the one before stays: {fault}");
                }
                self.retry_at = Some(Instant::now() + RETRY);
                self.fault = Some(fault);
                self.show_fault(self.fault.clone());
            }
        }
    }

    fn show_fault(&self, fault: Option<Message>) {
        self.state.update(|known| {
            if let Some(inventory) = &mut known.inventory {
                inventory.fault = fault;
            }
        });
    }

    /// Does work on the files where nothing else waits for it. Where that hangs, as on a share whose server is gone, what
    /// was read before counts, which is said. `None` where nothing comes of it.
    async fn aside<T: Send + 'static>(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        if self.aside.as_ref().is_none_or(Aside::is_over) {
            match Aside::start("inventory") {
                Ok(aside) => self.aside = Some(aside),
                Err(error) => {
                    self.show_fault(Some(unreadable(&error)));
                    return None;
                }
            }
        }
        let mut hung = false;
        let shown = self.place.display();
        let hangs = || {
            hung = true;
            error!(inventory = %shown, "the inventory does not answer, the one before stays; check the share it is on");
            self.show_fault(Some(message!("inventory-hangs", seconds = LIMIT.as_secs())));
        };
        let done = self.aside.as_ref()?.run(|_| work(), hangs).await;
        if hung {
            info!(inventory = %shown, "the inventory answers again");
            self.show_fault(self.fault.clone());
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env::temp_dir;
    use std::process;

    fn folder(name: &str) -> PathBuf {
        let folder = temp_dir().join(format!("gracewatch-inventory-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn a_folder_is_the_sum_of_its_files_and_no_better_than_the_worst() {
        let folder = folder("sum");
        assert_eq!(read(&folder).unwrap_err().id(), "inventory-no-files");
        fs::write(folder.join("a.csv"), "Name,Enabled\nWS1,True\nWS2,False\n").unwrap();
        fs::write(folder.join("b.txt"), "ws1.corp.example\nws3\n192.0.2.1\n").unwrap();
        fs::write(folder.join("c.tmp"), [0; 9]).unwrap();
        let found = read(&folder).unwrap();
        let counts = (found.inventory.len(), found.files, found.unexpected, found.skipped);
        assert_eq!(counts, (2, 2, 1, 1), "{found:?}");
        assert!(found.first_skipped.unwrap().starts_with("b.txt: line 3"));
        fs::write(folder.join("d.csv"), "Name,Enabled\n\"WS9").unwrap();
        let refused = read(&folder).unwrap_err().to_string();
        assert!(refused.starts_with("`d.csv`: ") && refused.contains("it ends in the middle"), "{refused}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_is_read_once_it_stands_still_and_what_is_refused_leaves_the_last_good_one() {
        let folder = folder("changes");
        let place: Arc<Path> = folder.join("inventory.txt").into();
        let (state, news) = (State::new(), watch::Sender::new(()));
        state.update(|known| known.inventory = Some(InventoryState::default()));
        let known = || state.known().inventory.unwrap();
        let expected = || known().inventory.map(|inventory| inventory.len());
        let mut reader = Reader::new(&place, &state, &news);
        reader.look().await;
        assert!(expected().is_none() && known().fault.unwrap().id() == "file-unreadable");
        fs::write(&place, "ws1\nws2\n").unwrap();
        reader.look().await;
        assert_eq!(expected(), None, "it may still be written");
        reader.look().await;
        assert_eq!((expected(), known().fault), (Some(2), None));
        let read_at = known().read_at;
        fs::write(&place, "\0\0\0").unwrap();
        reader.look().await;
        reader.look().await;
        assert!(expected() == Some(2) && known().fault.is_some() && known().read_at == read_at);
        fs::remove_file(&place).unwrap();
        reader.look().await;
        reader.look().await;
        assert!(expected() == Some(2) && known().fault.unwrap().id() == "file-unreadable");
        fs::write(&place, "ws1\n").unwrap();
        reader.look().await;
        reader.look().await;
        assert_eq!((expected(), known().fault), (Some(1), None));
        fs::remove_dir_all(folder).unwrap();
    }
}
