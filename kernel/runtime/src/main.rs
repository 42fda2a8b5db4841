//! The process that runs the reader's code.
//!
//! Its parent, the engine, sends one line a cell (evcxr's protocol: `LOAD_AND_RUN library function`) on the standard
//! input it was started with and waits for one line back. These descriptors are moved out of the reader's way at
//! once: what a cell prints goes to the engine's two pipes, whatever it looks like.
//!
//! It links the shared library of the course, so that the panic hook, the standard output's buffer and the connection
//! to the host that are set up here are the very ones that cells use.

use mlcourse_cell as rt;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What evcxr waits for after a cell.
const EXECUTION_COMPLETE: &str = "EVCXR_EXECUTION_COMPLETE";

/// How long a partial line waits before it is shown.
const FLUSH_PERIOD: Duration = Duration::from_millis(20);

/// Whether a cell runs.
static RUNNING: AtomicBool = AtomicBool::new(false);

fn main() {
    if let Err(error) = serve() {
        eprintln!("mlcourse runtime: {error}");
        std::process::exit(99);
    }
}

fn serve() -> io::Result<()> {
    die_with_parent();
    let commands = BufReader::new(File::from(move_out_of_the_way(0)?));
    let answers = File::from(move_out_of_the_way(1)?);
    redirect("/dev/null", false, 0)?;
    redirect(&from_env("MLCOURSE_STDOUT")?, true, 1)?;
    redirect(&from_env("MLCOURSE_STDERR")?, true, 2)?;
    if let Some(path) = std::env::var_os(rt::CHANNEL_ENV) {
        rt::connect(path.as_ref())?;
    }
    rt::load();
    rt::start(answers.try_clone()?);
    forget_control_in_forks(&[commands.get_ref().as_raw_fd(), answers.as_raw_fd()]);
    std::thread::Builder::new()
        .name("flush".into())
        .spawn(flush_partial_lines)?;

    let mut answers = answers;
    for line in commands.lines() {
        let line = line?;
        let (library, function) = line
            .strip_prefix("LOAD_AND_RUN ")
            .and_then(|rest| rest.rsplit_once(' '))
            .ok_or_else(|| io::Error::other(format!("an unknown command: {line}")))?;
        run_cell(library, function)?;
        writeln!(answers, "{EXECUTION_COMPLETE}")?;
    }
    Ok(())
}

fn from_env(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|_| {
        io::Error::other(format!(
            "{name} is not set: this program is the engine's to start"
        ))
    })
}

/// Loads a compiled cell and calls it. The library stays: values of later cells point into it.
fn run_cell(library: &str, function: &str) -> io::Result<()> {
    let process = std::process::id();
    let entry = match load(library, function) {
        Ok(entry) => entry,
        Err(problem) => {
            rt::cell_not_loaded(&problem.to_string());
            return Ok(());
        }
    };
    // The mapping stays when the file goes, and a session leaves nothing behind.
    let _ = std::fs::remove_file(library);
    RUNNING.store(true, Ordering::Release);
    STORE.with(|store| {
        // SAFETY: evcxr generated `entry` with this signature; it takes the store that the cell before returned (null
        // at first) and gives back the one to pass on. It catches unwinding itself.
        store.set(unsafe { entry(store.get()) });
    });
    RUNNING.store(false, Ordering::Release);
    if std::process::id() != process {
        // A fork that a cell made came back here: only its parent goes on with the notebook.
        // SAFETY: `_exit` takes any status, and skips the handlers that belong to the parent.
        unsafe { libc::_exit(0) };
    }
    io::stdout().flush()
}

thread_local! {
    /// The variables of the notebook, owned by the code of the cells.
    static STORE: std::cell::Cell<*mut c_void> = const { std::cell::Cell::new(std::ptr::null_mut()) };
}

/// A compiled cell.
type Entry = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

fn load(library: &str, function: &str) -> io::Result<Entry> {
    let path = CString::new(library)?;
    let name = CString::new(function)?;
    // SAFETY: both strings end in NUL and live through the calls; the library was just compiled for this process and
    // its initialisers are rustc's.
    let symbol = unsafe {
        let handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if handle.is_null() {
            return Err(loader_error());
        }
        libc::dlsym(handle, name.as_ptr())
    };
    if symbol.is_null() {
        return Err(loader_error());
    }
    // SAFETY: the symbol is a function that evcxr generated as `extern "C" fn(*mut _) -> *mut _`.
    Ok(unsafe { std::mem::transmute::<*mut c_void, Entry>(symbol) })
}

fn loader_error() -> io::Error {
    // SAFETY: `dlerror` returns null or a string that stays until the next loader call of this thread.
    let message = unsafe {
        let text: *const c_char = libc::dlerror();
        if text.is_null() {
            "unknown error".into()
        } else {
            CStr::from_ptr(text).to_string_lossy().into_owned()
        }
    };
    io::Error::other(format!("the compiled cell could not be loaded: {message}"))
}

/// Shows what `print!` left without a line's end.
fn flush_partial_lines() {
    loop {
        std::thread::sleep(FLUSH_PERIOD);
        if RUNNING.load(Ordering::Acquire) {
            let _ = io::stdout().flush();
        }
    }
}

/// Moves a descriptor to a high number that programs started by a cell do not inherit.
fn move_out_of_the_way(descriptor: c_int) -> io::Result<OwnedFd> {
    // SAFETY: `fcntl` with F_DUPFD_CLOEXEC takes any number and reports a bad one.
    let moved = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 100) };
    if moved < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}

/// Makes a standard descriptor read from or write to a file.
fn redirect(path: &str, write: bool, descriptor: c_int) -> io::Result<()> {
    let file = OpenOptions::new().read(!write).write(write).open(path)?;
    // SAFETY: both are open descriptors; `dup2` replaces the second one atomically.
    if unsafe { libc::dup2(file.as_raw_fd(), descriptor) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// When the engine dies, however it does, this process goes too. It leads a process group of its own, so that the
/// engine can end what cells start.
fn die_with_parent() {
    // SAFETY: both calls take plain numbers and change this process only.
    unsafe {
        libc::setpgid(0, 0);
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// The descriptors a fork must not keep: the engine waits for their end.
static CONTROL: [std::sync::atomic::AtomicI32; 2] = [
    std::sync::atomic::AtomicI32::new(-1),
    std::sync::atomic::AtomicI32::new(-1),
];

fn forget_control_in_forks(descriptors: &[c_int; 2]) {
    for (slot, descriptor) in CONTROL.iter().zip(descriptors) {
        slot.store(*descriptor, Ordering::Release);
    }
    extern "C" fn in_child() {
        for slot in &CONTROL {
            // SAFETY: `close` is allowed between fork and exec; the numbers are this process's own.
            unsafe { libc::close(slot.load(Ordering::Acquire)) };
        }
    }
    // SAFETY: the handler only closes descriptors and lives as long as the program.
    unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}
