use crate::{CellFailure, FromCell, MimeBundle, ToCell, read_frame, write_frame};
use std::io::{self, BufRead, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The connection of this process to its host; one a process.
static HOST: Mutex<Option<Channel>> = Mutex::new(None);

fn host() -> MutexGuard<'static, Option<Channel>> {
    // A panic while the lock is held leaves a complete connection or none.
    HOST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection to the host.
#[derive(Debug)]
pub struct Channel {
    stream: UnixStream,
    /// The process that opened it: a fork must not speak for its parent.
    owner: u32,
}

impl Channel {
    /// Connects to the host's socket.
    ///
    /// # Errors
    /// When nothing listens at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            stream: UnixStream::connect(path)?,
            owner: std::process::id(),
        })
    }

    /// Sends a frame and waits for its answer.
    ///
    /// # Errors
    /// When the host is gone or answers something that is no frame.
    pub fn ask(&mut self, frame: &FromCell) -> io::Result<ToCell> {
        write_frame(&mut self.stream, &frame.encode())?;
        match read_frame(&mut self.stream)? {
            Some(body) => ToCell::decode(&body),
            None => Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the notebook is gone",
            )),
        }
    }
}

/// Connects this process to the host: what its cells display goes there from now on.
///
/// # Errors
/// When nothing listens at `path`.
pub fn connect(path: &Path) -> io::Result<()> {
    *host() = Some(Channel::open(path)?);
    Ok(())
}

/// Whether a host shows what this process displays.
pub fn is_connected() -> bool {
    host()
        .as_ref()
        .is_some_and(|channel| channel.owner == std::process::id())
}

/// Sends a frame if a host is there; says whether one was.
fn send(frame: &FromCell) -> Option<io::Result<ToCell>> {
    // What was printed before comes before.
    let _ = io::stdout().flush();
    let mut host = host();
    let channel = host
        .as_mut()
        .filter(|channel| channel.owner == std::process::id())?;
    Some(channel.ask(frame))
}

fn show(frame: FromCell, data: &MimeBundle) {
    match send(&frame) {
        Some(Ok(_)) => {}
        Some(Err(error)) => eprintln!("mlcourse: this output could not be shown: {error}"),
        None => {
            if let Some(text) = data.get("text/plain") {
                println!("{text}");
            }
        }
    }
}

/// Shows something under the cell, now. Without a notebook, prints its text.
pub fn display(data: &MimeBundle) {
    show(
        FromCell::Display {
            data: data.clone(),
            id: None,
            update: false,
        },
        data,
    );
}

/// A shown thing that can be replaced: a live loss curve, a progress line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayHandle {
    id: String,
}

impl DisplayHandle {
    /// Replaces what this handle shows.
    pub fn update(&self, data: &MimeBundle) {
        update_display(&self.id, data);
    }

    /// The name under which it is shown.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Shows something under a name, so that it can be replaced later.
///
/// ```
/// use mlcourse_protocol::{MimeBundle, display_with_id};
/// let line = display_with_id("epoch", &MimeBundle::text("epoch 1"));
/// line.update(&MimeBundle::text("epoch 2"));
/// ```
pub fn display_with_id(id: impl Into<String>, data: &MimeBundle) -> DisplayHandle {
    let id = id.into();
    show(
        FromCell::Display {
            data: data.clone(),
            id: Some(id.clone()),
            update: false,
        },
        data,
    );
    DisplayHandle { id }
}

/// Replaces what is shown under a name, wherever in the notebook it stands.
pub fn update_display(id: &str, data: &MimeBundle) {
    show(
        FromCell::Display {
            data: data.clone(),
            id: Some(id.to_owned()),
            update: true,
        },
        data,
    );
}

/// Removes the cell's output so far: at once, or (`wait`) when the next output comes, without flicker.
pub fn clear_output(wait: bool) {
    if let Some(Err(error)) = send(&FromCell::ClearOutput { wait }) {
        eprintln!("mlcourse: the output could not be cleared: {error}");
    }
}

/// Sends the value of the cell's last expression. The kernel calls it; user code has no need to.
pub fn send_result(data: &MimeBundle) {
    show(FromCell::Result(data.clone()), data);
}

/// Says that the cell failed. Returns whether a host heard it.
pub fn report_error(failure: CellFailure) -> bool {
    matches!(send(&FromCell::Failure(failure)), Some(Ok(_)))
}

/// Asks the reader a question and waits for the answer; without a notebook, reads a line of standard input.
///
/// # Errors
/// When nobody can answer: a notebook run without a reader, a closed standard input.
pub fn input(prompt: &str, password: bool) -> io::Result<String> {
    match send(&FromCell::Input {
        prompt: prompt.to_owned(),
        password,
    }) {
        Some(answer) => match answer? {
            ToCell::Input(text) => Ok(text),
            ToCell::NoInput(why) => Err(io::Error::other(why)),
            ToCell::Done => Err(io::Error::other("the notebook did not answer the question")),
        },
        None => {
            print!("{prompt}");
            io::stdout().flush()?;
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line)? == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "no answer: the standard input is closed",
                ));
            }
            Ok(line.trim_end_matches(['\n', '\r']).to_owned())
        }
    }
}
