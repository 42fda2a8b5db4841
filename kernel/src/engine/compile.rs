//! One compiler call a cell.

use super::deps::SessionDeps;
use super::outputs::lock;
use super::rewrite::{self, TypeTable, Unnameable};
use super::rustc::{self, Product, Standby};
use super::source_map::Notebook;
use crate::shim::Answer;
use crate::template::{Template, hex};
use crate::{CellError, Lang};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Compiles cells for one session.
pub(super) struct Compilation {
    pub template: Template,
    /// The folder evcxr works in.
    pub folder: PathBuf,
    pub lang: Lang,
    pub deps: Mutex<SessionDeps>,
    pub state: Mutex<State>,
    /// The compiler (or cargo) that runs now.
    running: Mutex<Option<u32>>,
    /// The compiler that waits for the next cell.
    standby: Mutex<Option<Standby>>,
    pub interrupted: AtomicBool,
    /// A cell was compiled and is run, or about to be.
    pub ran: AtomicBool,
    /// The cells of the start are kept with the template.
    pub booting: AtomicBool,
    record: bool,
}

/// What changes from cell to cell.
#[derive(Default)]
pub(super) struct State {
    pub types: TypeTable,
    pub notebook: Notebook,
    pub builds: u32,
    /// Whether the reader chose a format with `:fmt` or `:types`.
    pub own_format: bool,
    /// The items of all cells so far.
    pub items: String,
    /// The text of each build, to find a panic's place.
    pub texts: HashMap<String, String>,
    /// Why the cell's last compilation failed: the compiler's messages, and the text they speak of.
    pub failure: Option<(Vec<Value>, String)>,
    /// Why the cell must not run although it compiles.
    pub refusal: Option<CellError>,
}

/// What a compilation makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Library,
    Messages,
}

struct Compiled {
    succeeded: bool,
    stderr: String,
}

impl Compiled {
    fn done() -> Self {
        Self {
            succeeded: true,
            stderr: String::new(),
        }
    }
}

impl Compilation {
    pub fn new(template: Template, folder: PathBuf, lang: Lang, record: bool) -> Self {
        Self {
            deps: Mutex::new(SessionDeps::new(&folder)),
            template,
            folder,
            lang,
            state: Mutex::default(),
            running: Mutex::default(),
            standby: Mutex::default(),
            interrupted: false.into(),
            ran: false.into(),
            booting: true.into(),
            record,
        }
    }

    /// Compiles what evcxr wrote to `src/lib.rs`; says what cargo would.
    pub fn run(&self, goal: Goal, result_file: Option<&Path>) -> Answer {
        self.ran.store(false, Ordering::Release);
        if self.interrupted.load(Ordering::Acquire) {
            return Answer::failure("interrupted");
        }
        match self.try_run(goal, result_file) {
            Ok(answer) => answer,
            Err(error) => Answer::failure(format!("mlcourse: {error}")),
        }
    }

    fn try_run(&self, goal: Goal, result_file: Option<&Path>) -> std::io::Result<Answer> {
        let generated = std::fs::read_to_string(self.folder.join("src/lib.rs"))?;
        let text = {
            let state = lock(&self.state);
            rewrite::for_compiler(&generated, &state.types, state.own_format)
        };
        let (folder, compiled) = self.compile(&text, goal)?;
        let made = self.folder.join(&folder).join(rustc::LIBRARY);
        let learned = if compiled.succeeded && goal == Goal::Library {
            let dump = self.folder.join(&folder).join(rustc::DUMP);
            self.learn_types(&std::fs::read_to_string(dump).unwrap_or_default())
        } else {
            Ok(())
        };
        for spent in rustc::SPENT {
            // A file that stays goes with the session.
            let _ = std::fs::remove_file(self.folder.join(&folder).join(spent));
        }
        lock(&self.state)
            .texts
            .insert(format!("{folder}/{}", rustc::CELL), text.clone());
        if !self.booting.load(Ordering::Acquire) {
            self.prepare();
        }
        if !compiled.succeeded {
            let messages: Vec<Value> = compiled
                .stderr
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect();
            if messages.is_empty() && !self.interrupted.load(Ordering::Acquire) {
                lock(&self.state).refusal = Some(self.compiler_broke(&compiled.stderr));
            }
            lock(&self.state).failure = Some((messages, text));
            return Ok(Answer::failure(compiled.stderr));
        }
        if let Err(refusal) = learned {
            lock(&self.state).refusal = Some(refusal);
            return Ok(Answer::failure("refused"));
        }
        lock(&self.state).items = rewrite::items(&text).to_owned();
        if let (Goal::Library, Some(result_file)) = (goal, result_file) {
            std::fs::write(result_file, made.to_string_lossy().as_bytes())?;
            self.ran.store(true, Ordering::Release);
        }
        Ok(Answer::success(""))
    }

    /// Compiles a text; gives the folder it was done in.
    fn compile(&self, text: &str, goal: Goal) -> std::io::Result<(String, Compiled)> {
        if self.booting.load(Ordering::Acquire) {
            return self.compile_kept(text, goal);
        }
        let product = self.product(text, goal);
        if let Some(done) = self.compile_by_standby(text, product)? {
            return Ok(done);
        }
        let folder = self.new_folder()?;
        let compiled = self.compile_in(&folder, text, product)?;
        Ok((folder, compiled))
    }

    /// A cell of the start: compiled once, when the template is made.
    fn compile_kept(&self, text: &str, goal: Goal) -> std::io::Result<(String, Compiled)> {
        let product = match goal {
            Goal::Library => Product::Library,
            Goal::Messages => Product::Messages,
        };
        let folder = self.new_folder()?;
        let made = self.folder.join(&folder).join(rustc::LIBRARY);
        let kept = self.kept_cell(text, &self.compiler_call(&folder, product));
        if std::fs::copy(kept.with_extension("so"), &made).is_ok() {
            return Ok((folder, Compiled::done()));
        }
        if let Ok(stderr) = std::fs::read_to_string(kept.with_extension("err")) {
            let compiled = Compiled {
                succeeded: false,
                stderr,
            };
            return Ok((folder, compiled));
        }
        let compiled = self.compile_in(&folder, text, product)?;
        if self.record {
            if let Some(folder) = kept.parent() {
                std::fs::create_dir_all(folder)?;
            }
            if compiled.succeeded && goal == Goal::Library {
                std::fs::copy(&made, kept.with_extension("so"))?;
            } else if !compiled.succeeded {
                std::fs::write(kept.with_extension("err"), &compiled.stderr)?;
            }
        }
        Ok((folder, compiled))
    }

    /// Hands the text to the compiler that waits for one, if it fits.
    fn compile_by_standby(
        &self,
        text: &str,
        product: Product,
    ) -> std::io::Result<Option<(String, Compiled)>> {
        let Some(standby) = lock(&self.standby).take() else {
            return Ok(None);
        };
        let folder = standby.folder().to_owned();
        let wanted = self.compiler_call(&folder, product);
        let Some(child) = standby.take_text(text, &wanted) else {
            return Ok(None);
        };
        let compiled = self.finish(child, &folder, text, product)?;
        Ok(Some((folder, compiled)))
    }

    /// Compiles a text from its file.
    fn compile_in(&self, folder: &str, text: &str, product: Product) -> std::io::Result<Compiled> {
        let source = self.folder.join(folder).join(rustc::CELL);
        // The link of a compiler that waited here.
        let _ = std::fs::remove_file(&source);
        std::fs::write(&source, text)?;
        let mut command = self.compiler_call(folder, product);
        command.arg(format!("{folder}/{}", rustc::CELL));
        let child = rustc::spawn(&mut command, Stdio::null())?;
        self.finish(child, folder, text, product)
    }

    /// Waits for the compiler, and links what it made.
    fn finish(
        &self,
        child: std::process::Child,
        folder: &str,
        text: &str,
        product: Product,
    ) -> std::io::Result<Compiled> {
        let output = self.while_running(child)?;
        let compiled = Compiled {
            succeeded: output.status.success(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        if !(compiled.succeeded && product == Product::Object) {
            return Ok(compiled);
        }
        let mut link = self.linker_call(folder);
        let linked = match rustc::spawn(&mut link, Stdio::null()) {
            Ok(linker) => self.while_running(linker)?.status.success(),
            Err(_) => false,
        };
        if linked || self.interrupted.load(Ordering::Acquire) {
            return Ok(Compiled {
                succeeded: linked,
                ..compiled
            });
        }
        // The compiler knows more ways to link, and says what is wrong.
        self.compile_in(folder, text, Product::Library)
    }

    /// Starts the compiler for a cell that is still to come.
    pub fn prepare(&self) {
        if self.interrupted.load(Ordering::Acquire) {
            return;
        }
        let started = self.new_folder().and_then(|folder| {
            let product = self.product("", Goal::Library);
            Standby::start(
                self.compiler_call(&folder, product),
                &self.folder,
                folder.clone(),
            )
        });
        // Without one, the next cell waits a little longer.
        let before = std::mem::replace(&mut *lock(&self.standby), started.ok());
        drop(before);
    }

    /// Stops the compiler that waits.
    pub fn dismiss(&self) {
        lock(&self.standby).take();
    }

    fn new_folder(&self) -> std::io::Result<String> {
        let folder = {
            let mut state = lock(&self.state);
            state.builds += 1;
            format!("cell-{}", state.builds)
        };
        std::fs::create_dir(self.folder.join(&folder))?;
        Ok(folder)
    }

    /// What to ask of the compiler.
    fn product(&self, text: &str, goal: Goal) -> Product {
        let own_link = self.template.manifest().linker.is_some()
            && lock(&self.deps).names().next().is_none()
            && !rustc::links_more(text);
        match goal {
            Goal::Messages => Product::Messages,
            Goal::Library if own_link => Product::Object,
            Goal::Library => Product::Library,
        }
    }

    /// Waits for a child that an interrupt may end.
    pub fn while_running(
        &self,
        child: std::process::Child,
    ) -> std::io::Result<std::process::Output> {
        *lock(&self.running) = Some(child.id());
        // An interrupt that came before it could see the child.
        if self.interrupted.load(Ordering::Acquire) {
            self.interrupt();
        }
        let output = child.wait_with_output();
        *lock(&self.running) = None;
        output
    }

    /// Marks a child that an interrupt may end.
    pub fn set_running(&self, child: Option<u32>) {
        *lock(&self.running) = child;
    }

    /// Stops the compiler, and whatever would be compiled next for this cell.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Release);
        if let Some(pid) = lock(&self.running).and_then(|id| Pid::from_raw(id as i32)) {
            // It may have ended by itself just now.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
    }

    pub fn rustc(&self) -> &Path {
        &self.template.manifest().compiler.rustc
    }

    /// The call, without the file to compile.
    fn compiler_call(&self, folder: &str, product: Product) -> Command {
        let manifest = self.template.manifest();
        let mut command = Command::new(self.rustc());
        command
            .current_dir(&self.folder)
            .env_remove(crate::wire::DRIVER_ENV)
            .args([
                "--crate-name",
                "ctx",
                "--edition=2024",
                "--crate-type=cdylib",
                "--error-format=json",
            ])
            .args([
                "-Awarnings",
                "-Cmetadata=mlcourse",
                "-Cdebuginfo=0",
                "-Cembed-bitcode=no",
            ])
            .args([
                "-Cdebug-assertions=on",
                "-Coverflow-checks=on",
                "-Cstrip=debuginfo",
            ])
            .arg(format!("-Copt-level={}", self.opt_level()))
            .args(&manifest.flags)
            .args(product.arguments(folder));
        for (name, library) in &manifest.externs {
            command
                .arg("--extern")
                .arg(format!("{name}={}", library.display()));
        }
        for folder in &manifest.search {
            command
                .arg("-L")
                .arg(format!("dependency={}", folder.display()));
        }
        lock(&self.deps).add_to(&mut command);
        command
    }

    /// Links a cell's one object. What it does not define is in the libraries that the running process has loaded.
    fn linker_call(&self, folder: &str) -> Command {
        let manifest = self.template.manifest();
        let linker = manifest.linker.as_ref();
        let mut command = Command::new(linker.map_or(Path::new("ld"), |linker| &linker.program));
        command
            .current_dir(&self.folder)
            .args(["-shared", "--eh-frame-hdr", "--gc-sections"])
            .args(["-z", "noexecstack", "-z", "relro", "-z", "now"])
            .arg(format!("{folder}/{}", rustc::OBJECT))
            .args(linker.and_then(|linker| linker.builtins.as_ref()))
            .args(["-o", &format!("{folder}/{}", rustc::LIBRARY)]);
        command
    }

    /// The level that `:opt` set, as evcxr wrote it.
    fn opt_level(&self) -> String {
        std::fs::read_to_string(self.folder.join("Cargo.toml"))
            .ok()
            .and_then(|text| text.parse::<toml::Table>().ok())
            .and_then(|manifest| {
                Some(
                    manifest["profile"]
                        .get("dev")?
                        .get("opt-level")?
                        .to_string(),
                )
            })
            .map_or_else(
                || "0".to_owned(),
                |level| level.trim_matches('"').to_owned(),
            )
    }

    /// Where a compiled cell of the start is kept.
    fn kept_cell(&self, text: &str, command: &Command) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(rustc::CELL);
        hash.update(text);
        for argument in command.get_args() {
            let argument = argument.to_string_lossy();
            // The build's number does not change what is built.
            if !argument.contains("cell-") {
                hash.update(argument.as_bytes());
                hash.update([0]);
            }
        }
        self.template
            .root()
            .join("cells")
            .join(hex(&hash.finalize()))
    }

    fn learn_types(&self, dump: &str) -> Result<(), CellError> {
        let mut state = lock(&self.state);
        for (slot, name) in rewrite::types_in_dump(dump) {
            if let Some(reason) = Unnameable::of(&name) {
                return Err(self.cannot_keep(reason, &name));
            }
            state.types.learn(slot, name);
        }
        Ok(())
    }

    fn cannot_keep(&self, reason: Unnameable, name: &str) -> CellError {
        let short = rewrite::short_type(name);
        let message = match reason {
            Unnameable::Closure => self.lang.pick(
                "a variable of this cell holds a closure, whose type has no name, so later cells could not use it. \
                 Write a function (`fn f(x: f64) -> f64 { … }`), box it (`let f: Box<dyn Fn(f64) -> f64> = \
                 Box::new(|x| …);`), or put the code in braces `{ … }` if only this cell needs it."
                    .to_owned(),
                "une variable de cette cellule contient une fermeture, dont le type n'a pas de nom : les cellules \
                 suivantes ne pourraient pas l'utiliser. Écrivez une fonction (`fn f(x: f64) -> f64 { … }`), \
                 mettez-la dans une boîte (`let f: Box<dyn Fn(f64) -> f64> = Box::new(|x| …);`), ou entourez le code \
                 d'accolades `{ … }` si seule cette cellule en a besoin."
                    .to_owned(),
            ),
            Unnameable::Function => self.lang.pick(
                format!("a variable of this cell holds a function ({short}); write its type: `let f: fn(f64) -> f64 = …;`."),
                format!(
                    "une variable de cette cellule contient une fonction ({short}) ; écrivez son type : \
                     `let f: fn(f64) -> f64 = …;`."
                ),
            ),
            Unnameable::Opaque => self.lang.pick(
                format!(
                    "a variable of this cell has the type `{short}`, which has no name that later cells could use. \
                     Collect it into a `Vec`, box it, or put the code in braces `{{ … }}`."
                ),
                format!(
                    "une variable de cette cellule a le type `{short}`, sans nom que les cellules suivantes puissent \
                     utiliser. Rassemblez-la dans un `Vec`, mettez-la dans une boîte, ou entourez le code d'accolades \
                     `{{ … }}`."
                ),
            ),
        };
        CellError {
            name: "E0562".into(),
            traceback: vec![format!("\u{1b}[1;31m{message}\u{1b}[0m")],
            message,
            line: None,
        }
    }

    fn compiler_broke(&self, said: &str) -> CellError {
        let message = self.lang.pick(
            format!(
                "the compiler could not compile this cell, and named no place in it:\n{}",
                said.trim()
            ),
            format!(
                "le compilateur n'a pas pu compiler cette cellule, sans y désigner d'endroit :\n{}",
                said.trim()
            ),
        );
        CellError {
            name: "compiler".into(),
            traceback: message.lines().map(str::to_owned).collect(),
            message,
            line: None,
        }
    }
}
