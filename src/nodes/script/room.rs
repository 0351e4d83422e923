use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::process::{Signal, geteuid};

use super::bounds::{MOST_FILES, MOST_FOLDER};
use super::census::Census;
use super::guard::Guard;
use super::tools::Tools;

/// How the names of rooms begin.
const PREFIX: &str = "citadel-script-";

/// The file that tells whose a room is: its worker holds it locked for as long as it lives.
const OWNER: &str = "owner";

/// From which length on a path begins anew, in bytes: half of what the kernel takes.
const LONG_PATH: usize = 2 << 10;

/// The temporary folder of one attempt: `work` is the script's own, what lies beside is not for it to change.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) path: PathBuf,
    /// What the processes of the attempt are known by.
    pub(super) mark: u64,
    _owner: fs::File,
}

impl Room {
    /// A new one.
    pub(super) fn open() -> io::Result<Self> {
        let name = uuid::Uuid::new_v4();
        let base = fs::canonicalize(std::env::temp_dir())?;
        let path = base.join(format!("{PREFIX}{}", name.simple()));
        folder(&path)?;
        let owner = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path.join(OWNER))?;
        flock(&owner, FlockOperation::LockExclusive)?;
        // Never without a bound, which the highest number would mean.
        let mark = (name.as_u64_pair().1 >> 2).max(1);
        (&owner).write_all(mark.to_string().as_bytes())?;
        let room = Self { path, mark, _owner: owner };
        folder(&room.work())?;
        Ok(room)
    }

    /// The script's own folder: its working folder, its `HOME` and its `TMPDIR`.
    pub(super) fn work(&self) -> PathBuf {
        self.path.join("work")
    }

    /// Puts the text of a script where it can be read and not changed.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(path)
    }

    /// Whether the script's own folder holds more than it may.
    pub(super) fn is_overfull(&self) -> bool {
        let (mut folders, mut bytes, mut files) = (vec![Place::new(self.work())], 0_u64, 0);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder.path).into_iter().flatten().flatten() {
                let Ok(about) = entry.metadata() else { continue };
                (bytes, files) = (bytes.saturating_add(about.blocks().saturating_mul(512)), files + 1);
                if bytes > MOST_FOLDER || files > MOST_FILES {
                    return true;
                }
                if about.is_dir() {
                    folders.push(folder.below(entry.path()));
                }
            }
        }
        false
    }
}

/// A folder, however deep it lies.
struct Place {
    path: PathBuf,
    /// What the path begins at, where it would be longer than the kernel takes.
    from: Option<Rc<OwnedFd>>,
}

impl Place {
    fn new(path: PathBuf) -> Self {
        Self { path, from: None }
    }

    /// A folder in it.
    fn below(&self, path: PathBuf) -> Self {
        if path.as_os_str().len() < LONG_PATH {
            return Self { path, from: self.from.clone() };
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(&path, flags, Mode::empty()).ok().map(Rc::new);
        let path = match &folder {
            Some(folder) => format!("/proc/self/fd/{}", folder.as_raw_fd()).into(),
            None => path,
        };
        Self { path, from: folder }
    }
}

/// Ends and removes what workers left behind that were killed together with those who look after that.
pub(super) fn sweep(tools: &Tools) {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let rooms = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for room in rooms.map(|entry| entry.path()) {
        let is_own = fs::symlink_metadata(&room)
            .is_ok_and(|about| about.is_dir() && about.uid() == geteuid().as_raw());
        let Some(mark) = is_own.then(|| left_behind(&room)).flatten() else { continue };
        // One that isn't told anything ends and removes them; what can't be done now may be next time.
        let _ = Guard::start(tools, &room, mark);
    }
}

/// The mark of a room whose worker is gone.
fn left_behind(room: &Path) -> Option<u64> {
    let owner = fs::OpenOptions::new().read(true).open(room.join(OWNER)).ok()?;
    flock(&owner, FlockOperation::NonBlockingLockExclusive).ok()?;
    // Where nothing is written yet, its worker is about to lock it.
    std::io::read_to_string(owner).ok()?.parse().ok()
}

/// Kills until nobody is left; whether that is so in time.
pub(super) fn hunt(census: &Census, time: Duration) -> bool {
    let until = Instant::now() + time;
    loop {
        let all = census.processes();
        if all.is_empty() {
            return true;
        }
        // Who stands still starts no more of them.
        all.iter().for_each(|process| process.signal(Signal::STOP));
        all.iter().for_each(|process| process.signal(Signal::KILL));
        if Instant::now() > until {
            return false;
        }
        for process in &all {
            // Whoever is late is met in the next round.
            let _ = process.ends_within(Duration::from_millis(20));
        }
    }
}

fn folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(path)
}
