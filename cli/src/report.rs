//! What a long command says while it works: on standard error, moving on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use mlcourse_kernel::Lang;
use std::time::{Duration, Instant};

/// How a step ended.
pub enum Done {
    /// Something was made; what and where.
    Made(String),
    /// It was there already.
    Present(String),
    /// Not done, and the rest can go on without; why and what to do.
    Without(String),
}

/// A step under way.
pub struct Step {
    name: &'static str,
    lang: Lang,
    began: Instant,
    bar: ProgressBar,
    /// The last tenth that was printed where no bar can move.
    printed: Option<usize>,
}

impl Step {
    /// Begins a step.
    pub fn begin(name: &'static str, lang: Lang) -> Self {
        let bar = spinner();
        bar.set_style(style("{spinner} {prefix}… {elapsed} {msg}"));
        bar.set_prefix(name);
        Self {
            name,
            lang,
            began: Instant::now(),
            bar,
            printed: None,
        }
    }

    /// Says what will take long.
    pub fn announce(&self, what: &str) {
        if self.bar.is_hidden() {
            eprintln!("  {}: {what}", self.name);
        } else {
            self.bar.set_message(what.to_owned());
        }
    }

    /// Says how far the step is.
    pub fn progress(&mut self, what: &str, done: usize, total: usize) {
        if self.bar.is_hidden() {
            let tenth = (done * 10).checked_div(total).unwrap_or(0);
            if self.printed.replace(tenth) != Some(tenth) {
                eprintln!("  {}: {done}/{total} {what}", self.name);
            }
            return;
        }
        if self.bar.length() != Some(total as u64) {
            self.bar.set_style(style(
                "{spinner} {prefix} {wide_bar:.cyan/dim} {pos}/{len} {elapsed}\n  {msg}",
            ));
            self.bar.set_length(total as u64);
        }
        self.bar.set_position(done as u64);
        self.bar.set_message(what.to_owned());
    }

    /// Ends the step with a line that stays.
    pub fn end(self, done: &Done) {
        self.bar.finish_and_clear();
        let already = self.lang.pick("already there", "déjà là");
        match done {
            Done::Made(what) => eprintln!(
                "✓ {}: {what} ({})",
                self.name,
                duration(self.began.elapsed(), self.lang)
            ),
            Done::Present(what) => eprintln!("✓ {}: {already}, {what}", self.name),
            Done::Without(why) => eprintln!("! {}: {why}", self.name),
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A sign of life with a message; nothing where standard error is no terminal.
pub fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(style("{spinner} {msg} {elapsed}"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A time as one says it: `12 ms`, `3.2 s`, `2 min 05 s`.
pub fn duration(time: Duration, lang: Lang) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1e3);
    }
    if seconds < 59.95 {
        let text = format!("{seconds:.1} s");
        return lang.pick(text.clone(), text.replace('.', ","));
    }
    let seconds = time.as_secs_f64().round() as u64;
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

/// A size as one says it: `640 MB`, `1.4 GB`.
pub fn size(bytes: u64, lang: Lang) -> String {
    let megabytes = bytes as f64 / 1e6;
    if megabytes < 999.5 {
        return format!("{megabytes:.0} {}", lang.pick("MB", "Mo"));
    }
    let text = format!("{:.1}", megabytes / 1e3);
    lang.pick(
        format!("{text} GB"),
        format!("{} Go", text.replace('.', ",")),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_said_as_people_say_them() {
        let time = |milliseconds| duration(Duration::from_millis(milliseconds), Lang::En);
        assert_eq!(
            [time(12), time(3_210), time(59_980), time(125_000)],
            ["12 ms", "3.2 s", "1 min 00 s", "2 min 05 s"]
        );
        assert_eq!(duration(Duration::from_millis(3_210), Lang::Fr), "3,2 s");
        assert_eq!(size(640_000_000, Lang::Fr), "640 Mo");
        assert_eq!(size(1_400_000_000, Lang::En), "1.4 GB");
    }
}
