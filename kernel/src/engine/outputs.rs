//! What a cell writes and shows, on its way to the session, in order.

use crate::error::IoContext as _;
use crate::wire::Reply;
use crate::{Error, Event};
use mlcourse_protocol::{CellFailure, FromCell, ToCell, read_frame, write_frame};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Locks; what a panicking thread left behind is still whole, since every change here is one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The outputs of the process that runs cells.
pub(super) struct Outputs {
    session: Mutex<UnixStream>,
    pipes: Mutex<[Pipe; 2]>,
    /// What stopped the cell, as the cell itself said.
    failure: Mutex<Option<CellFailure>>,
    answers: Mutex<Receiver<ToCell>>,
    answer: Mutex<Sender<ToCell>>,
    /// Whether somebody can answer questions.
    pub(super) allow_input: std::sync::atomic::AtomicBool,
    /// While the engine starts, nobody is interested.
    pub(super) muted: std::sync::atomic::AtomicBool,
}

/// A pipe that the cell writes to, and the bytes of a character that is not whole yet.
struct Pipe {
    file: File,
    wrap: fn(String) -> Event,
    rest: Vec<u8>,
}

/// Where the process that runs cells finds its outputs.
pub(super) struct Places {
    pub stdout: PathBuf,
    pub stderr: PathBuf,
    pub channel: PathBuf,
}

impl Places {
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            stdout: folder.join("out"),
            stderr: folder.join("err"),
            channel: folder.join("cell.sock"),
        }
    }
}

impl Outputs {
    /// Opens the pipes and listens for the cell.
    pub fn open(places: &Places, session: UnixStream) -> Result<Arc<Self>, Error> {
        let (answer, answers) = channel();
        let outputs = Arc::new(Self {
            session: Mutex::new(session),
            pipes: Mutex::new([
                Pipe::open(&places.stdout, Event::Stdout)?,
                Pipe::open(&places.stderr, Event::Stderr)?,
            ]),
            failure: Mutex::default(),
            answers: Mutex::new(answers),
            answer: Mutex::new(answer),
            allow_input: false.into(),
            muted: true.into(),
        });
        let listener = UnixListener::bind(&places.channel)
            .context(|| format!("{} cannot be listened on", places.channel.display()))?;
        spawn("cell frames", {
            let outputs = Arc::clone(&outputs);
            move || {
                for stream in listener.incoming().flatten() {
                    let outputs = Arc::clone(&outputs);
                    spawn("cell frame", move || outputs.serve(stream));
                }
            }
        });
        spawn("cell pipes", {
            let outputs = Arc::clone(&outputs);
            move || outputs.watch()
        });
        Ok(outputs)
    }

    /// Sends a reply to the session. Without one this process has no reason to be.
    pub fn send(&self, reply: &Reply) {
        let Ok(mut line) = serde_json::to_string(reply) else {
            return;
        };
        line.push('\n');
        if lock(&self.session).write_all(line.as_bytes()).is_err() {
            std::process::exit(0);
        }
    }

    /// Sends what the cell shows.
    pub fn emit(&self, event: Event) {
        if !self.muted.load(std::sync::atomic::Ordering::Acquire) {
            self.send(&Reply::Event(event));
        }
    }

    /// Sends what is in the pipes now.
    pub fn drain(&self) {
        let mut pipes = lock(&self.pipes);
        for pipe in pipes.iter_mut() {
            pipe.drain(|event| self.emit(event));
        }
    }

    /// Gives the cell the answer to its question.
    pub fn give(&self, answer: ToCell) {
        // The receiver lives as long as `self`.
        let _ = lock(&self.answer).send(answer);
    }

    /// What stopped the cell; asked once.
    pub fn take_failure(&self) -> Option<CellFailure> {
        lock(&self.failure).take()
    }

    fn watch(&self) {
        loop {
            let ready = {
                // The descriptors stay open as long as `self`; the lock is not held while waiting.
                let (out, err) = {
                    let pipes = lock(&self.pipes);
                    match (pipes[0].file.try_clone(), pipes[1].file.try_clone()) {
                        (Ok(out), Ok(err)) => (out, err),
                        _ => return,
                    }
                };
                let mut wait = [
                    PollFd::new(&out, PollFlags::IN),
                    PollFd::new(&err, PollFlags::IN),
                ];
                poll(&mut wait, None).is_ok()
            };
            if ready {
                self.drain();
            }
        }
    }

    fn serve(&self, mut stream: UnixStream) {
        while let Ok(Some(body)) = read_frame(&mut stream) {
            let answer = match FromCell::decode(&body) {
                Ok(frame) => self.take(frame),
                Err(error) => {
                    eprintln!("mlcourse engine: {error}");
                    return;
                }
            };
            if write_frame(&mut stream, &answer.encode()).is_err() {
                return;
            }
        }
    }

    fn take(&self, frame: FromCell) -> ToCell {
        // What was printed before comes before.
        self.drain();
        match frame {
            FromCell::Display { data, id, update } => {
                self.emit(Event::Display { data, id, update })
            }
            FromCell::Result(data) => self.emit(Event::Result(data)),
            FromCell::ClearOutput { wait } => self.emit(Event::ClearOutput { wait }),
            FromCell::Failure(failure) => *lock(&self.failure) = Some(failure),
            FromCell::Input { prompt, password } => return self.ask(prompt, password),
        }
        ToCell::Done
    }

    fn ask(&self, prompt: String, password: bool) -> ToCell {
        let answers = lock(&self.answers);
        // An answer to a question of a cell that is gone.
        while answers.try_recv().is_ok() {}
        self.emit(Event::Input { prompt, password });
        answers
            .recv()
            .unwrap_or_else(|_| ToCell::NoInput("the notebook is gone".into()))
    }
}

impl Pipe {
    fn open(path: &Path, wrap: fn(String) -> Event) -> Result<Self, Error> {
        let refused = || format!("{} cannot be made", path.display());
        make_pipe(path).context(refused)?;
        // Open for writing too, so that it never ends when a writer goes.
        let file = rustix::fs::open(
            path,
            OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .map_err(std::io::Error::from)
        .context(refused)?;
        Ok(Self {
            file: file.into(),
            wrap,
            rest: Vec::new(),
        })
    }

    fn drain(&mut self, mut emit: impl FnMut(Event)) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    self.rest.extend_from_slice(&buffer[..count]);
                    let text = take_text(&mut self.rest);
                    if !text.is_empty() {
                        emit((self.wrap)(text));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

/// Makes a named pipe that only this user can use.
#[cfg(not(target_vendor = "apple"))]
fn make_pipe(path: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::mkfifoat(
        rustix::fs::CWD,
        path,
        Mode::RUSR | Mode::WUSR,
    )?)
}

/// Makes a named pipe that only this user can use, where `rustix` has no call for it.
#[cfg(target_vendor = "apple")]
fn make_pipe(path: &Path) -> std::io::Result<()> {
    let status = std::process::Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(path)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(std::io::Error::other(format!("mkfifo: {status}")))
    }
}

/// Takes the text out of bytes, leaving the first bytes of a character whose end has not come yet. Bytes that are no
/// UTF-8 become `�`.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => bytes.len() - unfinished(bytes),
        Ok(_) => bytes.len(),
    };
    let text = String::from_utf8_lossy(&bytes[..whole]).into_owned();
    bytes.drain(..whole);
    text
}

/// How many bytes at the end may begin a character.
fn unfinished(bytes: &[u8]) -> usize {
    (1..=3.min(bytes.len()))
        .find(|count| {
            let tail = &bytes[bytes.len() - count..];
            matches!(std::str::from_utf8(tail), Err(error) if error.error_len().is_none() && error.valid_up_to() == 0)
        })
        .unwrap_or(0)
}

/// Starts a thread that lives as long as the engine.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name(name.into()).spawn(work) {
        eprintln!("mlcourse engine: no thread for {name}: {error}");
        std::process::exit(70);
    }
}

#[cfg(test)]
mod tests {
    use super::take_text;

    #[test]
    fn a_character_cut_in_two_waits_for_its_end() {
        let mut bytes = "a€".as_bytes()[..3].to_vec();
        assert_eq!(take_text(&mut bytes), "a");
        bytes.push("€".as_bytes()[2]);
        assert_eq!(take_text(&mut bytes), "€");
        assert!(bytes.is_empty());
    }

    #[test]
    fn bytes_that_are_no_text_show_as_such() {
        let mut bytes = b"a\xff\xfeb\xe2\x82".to_vec();
        assert_eq!(take_text(&mut bytes), "a\u{fffd}\u{fffd}b");
        assert_eq!(bytes, b"\xe2\x82");
    }
}
