//! The history's file: one JSON object a line, shared by all kernels of a user.

use super::super::log;
use super::{Entry, MOST};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A longer file is cut to its latest entries when a session begins.
const LONGEST_FILE: u64 = 8 << 20;
/// A longer cell is not kept: it is data, not something to find again.
const LONGEST_CELL: usize = 64 << 10;
/// A lock that is held longer belongs to a file system that cannot lock.
const PATIENCE: Duration = Duration::from_millis(300);

pub(super) struct HistoryFile {
    dir: PathBuf,
    /// Whether the reader of the log has been told that nothing is kept.
    told: AtomicBool,
}

impl HistoryFile {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            told: AtomicBool::new(false),
        }
    }

    /// Takes the next session number. None when nothing can be written.
    pub(super) fn begin_session(&self) -> Option<u32> {
        self.tell(self.locked(|| {
            let entries = self.parse()?;
            let session = entries.iter().map(|entry| entry.session).max().unwrap_or(0) + 1;
            if self
                .path()
                .metadata()
                .is_ok_and(|meta| meta.len() > LONGEST_FILE)
                || entries.len() > 2 * MOST
            {
                self.rewrite(&entries[entries.len().saturating_sub(MOST)..])?;
            }
            self.write_line(&Entry {
                session,
                line: 0,
                input: String::new(),
                output: None,
            })?;
            Ok(session)
        }))
    }

    /// Adds an entry.
    pub(super) fn append(&self, entry: &Entry) {
        let length = entry.input.len() + entry.output.as_ref().map_or(0, String::len);
        if length <= LONGEST_CELL {
            self.tell(self.locked(|| self.write_line(entry)));
        }
    }

    /// All entries; none where nothing can be read.
    pub(super) fn read(&self) -> Vec<Entry> {
        self.parse().unwrap_or_default()
    }

    fn path(&self) -> PathBuf {
        self.dir.join("history.jsonl")
    }

    fn parse(&self) -> io::Result<Vec<Entry>> {
        match std::fs::read_to_string(self.path()) {
            // A line that another version wrote, or half of one after a power cut, is skipped.
            Ok(text) => Ok(text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn write_line(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        // What a cell shows may be private.
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(self.path())?;
        file.write_all(line.as_bytes())
    }

    /// Replaces the file by one with these entries, whole or not at all.
    fn rewrite(&self, entries: &[Entry]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
        let mut out = io::BufWriter::new(&mut file);
        for entry in entries {
            serde_json::to_writer(&mut out, entry)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        drop(out);
        file.persist(self.path())?;
        Ok(())
    }

    /// Runs with the other kernels kept out. The lock has a file of its own: the history's is replaced now and then.
    fn locked<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.dir.join("history.lock"))?;
        acquire(&lock)?;
        // Closing the file releases the lock.
        work()
    }

    fn tell<T>(&self, result: io::Result<T>) -> Option<T> {
        result
            .inspect_err(|error| {
                if !self.told.swap(true, Ordering::Relaxed) {
                    log(format_args!(
                        "the history is not kept in {}: {error}",
                        self.dir.display()
                    ));
                }
            })
            .ok()
    }
}

fn acquire(file: &File) -> io::Result<()> {
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if begin.elapsed() > PATIENCE => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another kernel holds its lock",
                ));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}
