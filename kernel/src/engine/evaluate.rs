//! One cell after the other, on one thread.

use super::analyst::{Known, Question};
use super::outputs::{lock, spawn};
use super::rewrite::{self, short_type};
use super::{Engine, boot, diagnostics, plain_error};
use crate::syntax::{Balance, CellSyntax};
use crate::wire::{DRIVER_ENV, ENGINE_ENV, Reply};
use crate::{Cell, CellError, Event, MimeBundle, Outcome};
use evcxr::{CommandContext, EvalContext, EvalContextOutputs, EvalOutputs};
use mlcourse_protocol::{CHANNEL_ENV, CellFailure};
use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

/// Evaluates what comes through the queue.
pub(super) fn serve(engine: &Arc<Engine>, queue: &Receiver<Cell>) {
    let mut evaluator = match Evaluator::start(engine) {
        Ok(evaluator) => evaluator,
        Err(problem) => {
            engine.outputs.send(&Reply::Ready(Err(problem)));
            return;
        }
    };
    engine.outputs.send(&Reply::Ready(Ok(())));
    engine.compilation.ran.store(false, Ordering::Release);
    // Completion shall be there when the reader first asks.
    engine.analyst.ask(Question::Load);
    while let Ok(cell) = queue.recv() {
        engine.outputs.muted.store(false, Ordering::Release);
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| evaluator.evaluate(&cell)))
            .unwrap_or_else(|_| Outcome::Failed(evaluator.internal_error()));
        engine.compilation.ran.store(false, Ordering::Release);
        engine.outputs.drain();
        engine.outputs.send(&Reply::Executed(outcome));
    }
}

struct Evaluator {
    engine: Arc<Engine>,
    context: CommandContext,
    /// Variables that a cell used up, and which one.
    moved: HashMap<String, u32>,
    format_chosen: bool,
    types_shown: bool,
}

impl Evaluator {
    fn start(engine: &Arc<Engine>) -> Result<Self, String> {
        let (context, outputs) = EvalContext::with_subprocess_command(runtime(engine))
            .map_err(|error| error.to_string())?;
        discard(outputs);
        let context = CommandContext::with_eval_context(context);
        // Whoever comes first: nobody else sets it.
        let _ = engine.runner.set(context.process_handle());
        let mut evaluator = Self {
            engine: Arc::clone(engine),
            context,
            moved: HashMap::new(),
            format_chosen: false,
            types_shown: false,
        };
        evaluator.boot()?;
        Ok(evaluator)
    }

    /// The state of a fresh notebook.
    fn boot(&mut self) -> Result<(), String> {
        self.engine
            .compilation
            .booting
            .store(true, Ordering::Release);
        // Cells are compiled to be there soon; what they call is compiled to be fast.
        self.context
            .set_opt_level("0")
            .map_err(|error| error.to_string())?;
        for cell in boot::CELLS {
            self.context
                .execute(cell)
                .map_err(|error| error.to_string())?;
        }
        self.engine
            .compilation
            .booting
            .store(false, Ordering::Release);
        self.engine.compilation.prepare();
        Ok(())
    }

    fn evaluate(&mut self, cell: &Cell) -> Outcome {
        self.engine
            .compilation
            .interrupted
            .store(false, Ordering::Release);
        self.engine.outputs.take_failure();
        let syntax = CellSyntax::parse(&cell.code);
        if let Some(error) = self.syntax_error(cell, &syntax) {
            return Outcome::Failed(error);
        }
        let seen = {
            let mut state = lock(&self.engine.compilation.state);
            state.failure = None;
            state.refusal = None;
            let statements = syntax.statements();
            state.notebook.add(
                cell.count,
                &cell.code,
                statements.into_iter().map(|statement| statement.range),
            );
            rewrite::for_evcxr(&cell.code, &syntax, &mut state.types)
        };
        self.note_format(&syntax);
        if let Some(outcome) = self.own_command(&syntax) {
            return outcome;
        }
        let before = self.variables();
        let context = &mut self.context;
        let result = context.execute(&seen);
        self.engine.outputs.drain();
        let outcome = match result {
            Ok(outputs) => self.finish(outputs),
            Err(error) => Outcome::Failed(self.explain(&error, &before)),
        };
        if syntax
            .commands
            .iter()
            .any(|command| command.trim() == ":clear")
        {
            // What every session begins with is gone too.
            let _ = self.boot();
        }
        self.note_moved(before, cell.count);
        self.tell_analyst();
        outcome
    }

    /// What a completion in the next cell can build on.
    fn tell_analyst(&self) {
        let state = lock(&self.engine.compilation.state);
        let variables = self
            .context
            .variables_and_types()
            .map(|(name, of)| (name.to_owned(), state.types.fill_in(of, str::to_owned)))
            .collect();
        let items = state.items.clone();
        drop(state);
        let dependencies = lock(&self.engine.compilation.deps).lines_without("");
        self.engine.analyst.learn(Known {
            items,
            variables,
            dependencies,
        });
        self.engine.analyst.ask(Question::Load);
    }

    /// Whether values are shown as evcxr's commands say, rather than richly.
    fn note_format(&mut self, syntax: &CellSyntax) {
        for command in &syntax.commands {
            match command
                .trim()
                .split_once(' ')
                .unwrap_or((command.trim(), "{:?}"))
            {
                (":fmt", format) => self.format_chosen = format.trim() != "{:?}",
                (":types", _) => self.types_shown = !self.types_shown,
                (":clear", _) => (self.format_chosen, self.types_shown) = (false, false),
                _ => {}
            }
        }
        lock(&self.engine.compilation.state).own_format = self.format_chosen || self.types_shown;
    }

    /// Commands that evcxr would not answer as a notebook needs.
    fn own_command(&self, syntax: &CellSyntax) -> Option<Outcome> {
        let lang = self.engine.options.lang;
        let command = syntax.commands.iter().find_map(|command| {
            let (name, rest) = command
                .trim()
                .split_once(' ')
                .unwrap_or((command.trim(), ""));
            [":doc", ":quit", ":toolchain"]
                .contains(&name)
                .then_some((name, rest.trim()))
        })?;
        Some(match command {
            (":doc", "") => Outcome::Failed(plain_error(
                "doc",
                lang.pick(
                    "`:doc` needs a name, as in `:doc Vec`",
                    "`:doc` demande un nom, comme dans `:doc Vec`",
                ),
            )),
            (":doc", name) => match self.engine.analyst.document(name) {
                Some(found) => Outcome::Page(
                    MimeBundle::text(found.plain).with("text/markdown", found.markdown),
                ),
                None => Outcome::Failed(plain_error(
                    "doc",
                    &lang.pick(
                        format!("no documentation of `{name}` was found"),
                        format!("aucune documentation de `{name}` n'a été trouvée"),
                    ),
                )),
            },
            (":quit", _) => Outcome::Failed(plain_error(
                "quit",
                lang.pick(
                    "a cell does not end the kernel: use the menu Kernel, Shut down",
                    "une cellule n'arrête pas le noyau : menu Noyau, Arrêter",
                ),
            )),
            _ => Outcome::Failed(plain_error(
                "toolchain",
                &lang.pick(
                    format!(
                        "cells use the compiler that the library was built with, {}",
                        self.compiler()
                    ),
                    format!(
                        "les cellules utilisent le compilateur de la bibliothèque, {}",
                        self.compiler()
                    ),
                ),
            )),
        })
    }

    fn compiler(&self) -> &str {
        &self.engine.compilation.template.manifest().compiler.version
    }

    fn variables(&self) -> BTreeSet<String> {
        self.context
            .variables_and_types()
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    fn note_moved(&mut self, before: BTreeSet<String>, count: u32) {
        let now = self.variables();
        let runner_restarted = now.is_empty() && before.len() > 1;
        for gone in before.difference(&now) {
            if !runner_restarted {
                self.moved.insert(gone.clone(), count);
            }
        }
        self.moved.retain(|name, _| !now.contains(name));
    }

    /// A cell that came to its end, unless it said otherwise.
    fn finish(&mut self, outputs: EvalOutputs) -> Outcome {
        if let Some(failure) = self.engine.outputs.take_failure() {
            return Outcome::Failed(self.failed_while_running(&failure));
        }
        let state = lock(&self.engine.compilation.state);
        let bundle: MimeBundle = outputs
            .content_by_mime_type
            .into_iter()
            .map(|(mime, text)| {
                let written = state.types.fill_in(&text, |name| {
                    let short = short_type(name);
                    if mime == "text/html" {
                        short.replace('&', "&amp;").replace('<', "&lt;")
                    } else {
                        short
                    }
                });
                (mime, written)
            })
            .collect();
        drop(state);
        if !bundle.is_empty() {
            self.engine.outputs.emit(Event::Result(bundle));
        }
        if let Some(time) = outputs.timing {
            self.engine.outputs.emit(Event::Stdout(format!(
                "{:.0} ms\n",
                time.as_secs_f64() * 1e3
            )));
        }
        Outcome::Done
    }

    fn failed_while_running(&self, failure: &CellFailure) -> CellError {
        let lang = self.engine.options.lang;
        let state = lock(&self.engine.compilation.state);
        let place = state.texts.get(&failure.file).and_then(|text| {
            state
                .notebook
                .map(text)
                .place_at(failure.line, failure.column)
        });
        let title = if failure.kind == "panic" {
            lang.pick("the cell panicked", "la cellule a paniqué")
        } else {
            lang.pick(
                "the cell stopped on an error",
                "la cellule s'est arrêtée sur une erreur",
            )
        };
        let mut traceback = vec![format!("\u{1b}[1;31m{title}\u{1b}[0m: {}", failure.message)];
        match &place {
            Some(place) => {
                let at = lang.pick("line", "ligne");
                traceback.push(format!(
                    "  --> [{}], {at} {}",
                    place.cell.count,
                    place.line()
                ));
                traceback.push(format!("{:>4} | {}", place.line(), place.line_text()));
            }
            None if failure.line > 0 => {
                traceback.push(format!("  --> {}:{}", failure.file, failure.line))
            }
            None => {}
        }
        CellError {
            name: failure.kind.clone(),
            message: failure.message.clone(),
            traceback,
            line: place.map(|place| place.line()),
        }
    }

    fn explain(&self, error: &evcxr::Error, before: &BTreeSet<String>) -> CellError {
        let lang = self.engine.options.lang;
        let compilation = &self.engine.compilation;
        let lost = !before.is_empty();
        if let evcxr::Error::SubprocessTerminated(how) = error {
            return self.ended(how, lost);
        }
        if compilation.interrupted.load(Ordering::Acquire) {
            return plain_error(
                "interrupted",
                lang.pick("the cell was interrupted", "la cellule a été interrompue"),
            );
        }
        let mut state = lock(&compilation.state);
        if let Some(refusal) = state.refusal.take() {
            return refusal;
        }
        if let Some((messages, text)) = state.failure.take() {
            let context = diagnostics::Context {
                map: state.notebook.map(&text),
                lang,
                moved: &self.moved,
            };
            if let Some(error) = diagnostics::explain(&messages, &context) {
                return error;
            }
        }
        let said = state.types.fill_in(&error.to_string(), short_type);
        plain_error("error", said.trim())
    }

    /// The process that runs cells is gone, and with it the variables.
    fn ended(&self, how: &str, lost: bool) -> CellError {
        let lang = self.engine.options.lang;
        let (name, mut message) = if self.engine.compilation.interrupted.load(Ordering::Acquire) {
            (
                "interrupted",
                lang.pick("the cell was interrupted", "la cellule a été interrompue")
                    .to_owned(),
            )
        } else {
            ("crash", crash_reason(how, lang))
        };
        if lost {
            message.push_str(lang.pick(
                "; the variables are lost, run the cells above again",
                " ; les variables sont perdues, exécutez de nouveau les cellules qui précèdent",
            ));
        }
        plain_error(name, &message)
    }

    fn internal_error(&self) -> CellError {
        let lang = self.engine.options.lang;
        plain_error(
            "internal",
            lang.pick(
                "the engine failed on this cell, which is a defect of mlcourse; restart the kernel if the next cell fails too",
                "le moteur a échoué sur cette cellule, c'est un défaut de mlcourse ; redémarrez le noyau si la cellule suivante échoue aussi",
            ),
        )
    }

    /// What the parser minds, before evcxr sees it: the compiler says it best, about the cell alone.
    fn syntax_error(&self, cell: &Cell, syntax: &CellSyntax) -> Option<CellError> {
        let errors = syntax.errors();
        let unbalanced = !matches!(syntax.balance(), Balance::Even);
        if errors.is_empty() && !unbalanced {
            return None;
        }
        diagnostics::explain_syntax(cell, syntax, &errors, self.engine.compilation.rustc())
    }
}

/// The process that runs cells.
fn runtime(engine: &Engine) -> Command {
    let options = &engine.options;
    let places = super::Places::in_folder(&options.folder);
    let mut command = Command::new(&engine.compilation.template.manifest().runtime);
    match &options.temporary {
        Some(folder) => command.env("TMPDIR", folder),
        None => command.env_remove("TMPDIR"),
    };
    command
        .env("PATH", &options.path)
        .env("MLCOURSE_STDOUT", places.stdout)
        .env("MLCOURSE_STDERR", places.stderr)
        .env(CHANNEL_ENV, places.channel)
        .env_remove(ENGINE_ENV)
        .env_remove(DRIVER_ENV)
        .env_remove("EVCXR_TMPDIR")
        .env_remove("EVCXR_CONFIG_DIR");
    command
}

/// evcxr's own channels stay empty but must be read.
fn discard(outputs: EvalContextOutputs) {
    spawn(
        "evcxr stdout",
        move || while outputs.stdout.recv().is_ok() {},
    );
    spawn("evcxr stderr", move || {
        while let Ok(line) = outputs.stderr.recv() {
            eprintln!("{line}");
        }
    });
}

/// Why the process ended, from evcxr's "Subprocess terminated with status: signal: 11 (SIGSEGV) (core dumped)".
fn crash_reason(how: &str, lang: crate::Lang) -> String {
    let status = how
        .find("exit status: ")
        .or_else(|| how.find("signal: "))
        .map_or(how, |start| &how[start..])
        .trim();
    let signal = |name: &str| status.contains(name);
    if let Some(code) = status.strip_prefix("exit status: ") {
        return lang.pick(
            format!("the cell ended its process (exit code {code})"),
            format!("la cellule a mis fin à son processus (code de sortie {code})"),
        );
    }
    let known = if signal("SIGSEGV") || signal("SIGBUS") {
        lang.pick(
            "it used memory that is not its own",
            "elle a touché une mémoire qui n'est pas la sienne",
        )
    } else if signal("SIGABRT") {
        lang.pick(
            "it aborted: a stack overflow (endless recursion?), memory that could not be had, or a panic during a panic",
            "elle s'est interrompue : débordement de pile (récursion sans fin ?), mémoire refusée ou panique pendant une panique",
        )
    } else if signal("SIGKILL") {
        lang.pick(
            "it was killed, perhaps for want of memory",
            "elle a été tuée, peut-être faute de mémoire",
        )
    } else {
        lang.pick("it received a signal", "elle a reçu un signal")
    };
    lang.pick(
        format!("the cell crashed: {known} ({status})"),
        format!("la cellule s'est arrêtée brutalement : {known} ({status})"),
    )
}
