//! What the reader ran before, in this session and earlier ones.

mod file;
mod glob;

use super::lock;
use file::HistoryFile;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

/// So many entries are kept, in the file and in memory.
const MOST: usize = 10_000;

/// A cell that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) session: u32,
    /// Its execution count; 0 marks the beginning of a session.
    #[serde(default)]
    pub(super) line: u32,
    #[serde(default)]
    pub(super) input: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<String>,
}

/// What a `history_request` asks. Clients leave out what does not matter to them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    output: bool,
    hist_access_type: Access,
    /// From 1; 0 is this session, -1 the one before.
    #[serde(default)]
    session: Option<i64>,
    #[serde(default)]
    start: Option<u32>,
    #[serde(default)]
    stop: Option<u32>,
    #[serde(default)]
    n: Option<usize>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    unique: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Access {
    #[default]
    Tail,
    Range,
    Search,
}

/// The history, shared with the other kernels of this user where there is a place for it.
pub(super) struct History {
    shared: Arc<Shared>,
    /// To the thread that writes the file; none when the kernel has ended.
    writer: Mutex<Option<mpsc::Sender<Entry>>>,
    written: Mutex<mpsc::Receiver<()>>,
}

struct Shared {
    file: Option<HistoryFile>,
    session: OnceLock<u32>,
    /// The cells of this session: they count even where nothing can be written.
    own: Mutex<Vec<Entry>>,
}

/// The folder of the user's state: `$XDG_STATE_HOME/mlcourse`, else `~/.local/state/mlcourse`.
pub(super) fn state_dir() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(base.join("mlcourse"))
}

impl History {
    /// Opens the history in a folder, or one in memory only. Touches no file yet, so it costs nothing.
    pub(super) fn open(dir: Option<PathBuf>) -> Self {
        let file = dir.map(HistoryFile::new);
        let shared = Arc::new(Shared {
            file,
            session: OnceLock::new(),
            own: Mutex::default(),
        });
        let (writer, entries) = mpsc::channel();
        let (done, written) = mpsc::channel();
        let for_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for_thread.write_all(&entries);
            let _ = done.send(());
        });
        Self {
            shared,
            writer: Mutex::new(Some(writer)),
            written: Mutex::new(written),
        }
    }

    /// Adds a cell of this session; its session number is filled in here.
    pub(super) fn remember(&self, entry: Entry) {
        let mut own = lock(&self.shared.own);
        if own.len() == MOST {
            own.remove(0);
        }
        own.push(entry.clone());
        if let Some(writer) = &*lock(&self.writer) {
            let _ = writer.send(entry);
        }
    }

    /// Waits a moment until what was remembered is in the file.
    pub(super) fn close(&self) {
        drop(lock(&self.writer).take());
        let _ = lock(&self.written).recv_timeout(Duration::from_millis(500));
    }

    /// Answers a `history_request`: triples of session, line and input, or input and output.
    pub(super) fn find(&self, query: &Query) -> Vec<Value> {
        let session = self.shared.session();
        let mut found = match query.hist_access_type {
            Access::Tail => self.shared.entries(),
            Access::Range => self.range(query, session),
            Access::Search => self.search(query),
        };
        if let (Access::Tail | Access::Search, Some(n)) = (query.hist_access_type, query.n) {
            found.drain(..found.len().saturating_sub(n));
        }
        found
            .into_iter()
            .map(|entry| entry.answer(query.output))
            .collect()
    }

    fn range(&self, query: &Query, current: u32) -> Vec<Entry> {
        let session = match query.session.unwrap_or(0) {
            relative @ ..=0 => i64::from(current) + relative,
            absolute => absolute,
        };
        let (start, stop) = (query.start.unwrap_or(1), query.stop.unwrap_or(u32::MAX));
        let mut entries = self.shared.entries();
        entries.retain(|entry| {
            i64::from(entry.session) == session && (start..stop).contains(&entry.line)
        });
        entries
    }

    fn search(&self, query: &Query) -> Vec<Entry> {
        let pattern = query.pattern.as_deref().unwrap_or("*");
        let mut entries = self.shared.entries();
        entries.retain(|entry| glob::matches(pattern, &entry.input));
        if query.unique.unwrap_or(false) {
            // Of equal ones the latest stays.
            let mut seen = BTreeSet::new();
            entries.reverse();
            entries.retain(|entry| seen.insert(entry.input.clone()));
            entries.reverse();
        }
        entries
    }
}

impl Shared {
    /// This session's number.
    fn session(&self) -> u32 {
        *self.session.get_or_init(|| {
            self.file
                .as_ref()
                .and_then(HistoryFile::begin_session)
                .unwrap_or(1)
        })
    }

    fn write_all(&self, entries: &mpsc::Receiver<Entry>) {
        let session = self.session();
        for entry in entries {
            if let Some(file) = &self.file {
                file.append(&Entry { session, ..entry });
            }
        }
    }

    /// All cells, oldest first; those of this session last.
    fn entries(&self) -> Vec<Entry> {
        let session = self.session();
        let mut entries = self
            .file
            .as_ref()
            .map(HistoryFile::read)
            .unwrap_or_default();
        entries.retain(|entry| entry.session != session && entry.line > 0);
        entries.extend(lock(&self.own).iter().map(|entry| Entry {
            session,
            ..entry.clone()
        }));
        entries
    }
}

impl Entry {
    fn answer(self, with_output: bool) -> Value {
        if with_output {
            json!([self.session, self.line, [self.input, self.output]])
        } else {
            json!([self.session, self.line, self.input])
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cell(line: u32, input: &str) -> Entry {
        Entry {
            session: 0,
            line,
            input: input.into(),
            output: Some(format!("out {line}")),
        }
    }

    fn ask(history: &History, query: Value) -> Value {
        history.find(&serde_json::from_value(query).unwrap()).into()
    }

    #[test]
    fn the_next_session_sees_the_last_one() {
        let dir = tempfile::tempdir().unwrap();
        let first = History::open(Some(dir.path().to_owned()));
        first.remember(cell(1, "6*7"));
        first.remember(cell(2, "é\n\"x\""));
        first.close();
        let second = History::open(Some(dir.path().to_owned()));
        second.remember(cell(1, "1"));
        assert_eq!(
            ask(
                &second,
                json!({ "hist_access_type": "tail", "n": 2, "output": true })
            ),
            json!([[1, 2, ["é\n\"x\"", "out 2"]], [2, 1, ["1", "out 1"]]])
        );
        assert_eq!(
            ask(
                &second,
                json!({ "hist_access_type": "range", "session": -1, "start": 1, "stop": 2 })
            ),
            json!([[1, 1, "6*7"]])
        );
        assert_eq!(
            ask(
                &second,
                json!({ "hist_access_type": "range", "session": 0 })
            ),
            json!([[2, 1, "1"]])
        );
    }

    #[test]
    fn a_search_takes_patterns_and_can_drop_repetitions() {
        let history = History::open(None);
        for (line, input) in [(1, "6*7"), (2, "let x = 1;"), (3, "6*7"), (4, "6*70")] {
            history.remember(cell(line, input));
        }
        let search = |extra: Value| {
            let mut query = json!({ "hist_access_type": "search", "pattern": "6?7" });
            query
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            ask(&history, query)
        };
        assert_eq!(search(json!({})), json!([[1, 1, "6*7"], [1, 3, "6*7"]]));
        assert_eq!(search(json!({ "unique": true })), json!([[1, 3, "6*7"]]));
        assert_eq!(search(json!({ "n": 1 })), json!([[1, 3, "6*7"]]));
    }

    #[test]
    fn kernels_that_start_together_get_their_own_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let kernels: Vec<_> = (0..8)
            .map(|_| History::open(Some(dir.path().to_owned())))
            .collect();
        let mut numbers: Vec<_> = kernels
            .iter()
            .map(|history| history.shared.session())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    }

    #[test]
    fn a_folder_that_cannot_be_written_leaves_a_history_in_memory() {
        let history = History::open(Some("/proc/nowhere".into()));
        history.remember(cell(1, "1"));
        assert_eq!(
            ask(&history, json!({ "hist_access_type": "tail" })),
            json!([[1, 1, "1"]])
        );
    }
}
