//! Evaluates cells from the standard input, separated by lines of `---`, and says how long each took.

use mlcourse_kernel::template::Template;
use mlcourse_kernel::{Cell, Lang, Session, SessionOptions};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    mlcourse_kernel::hook();
    let start = Instant::now();
    let template = Template::build(&mut |progress| {
        eprintln!("{}/{} {}", progress.done, progress.total, progress.step);
    })?;
    eprintln!("template: {:?}", start.elapsed());
    let start = Instant::now();
    let session = Session::start(SessionOptions::with_template(template, Lang::from_env()))?;
    let text = std::io::read_to_string(std::io::stdin())?;
    for (index, code) in text.split("\n---\n").enumerate() {
        let cell_start = Instant::now();
        let outcome = session.execute(&Cell::new(code, index as u32 + 1), &mut |event| {
            println!("  {event:?}")
        })?;
        match outcome {
            mlcourse_kernel::Outcome::Failed(error) => {
                println!(
                    "  FAILED {} {} line {:?}\n{}",
                    error.name,
                    error.message,
                    error.line,
                    error.traceback.join("\n")
                );
            }
            other => println!("  {other:?}"),
        }
        println!(
            "[{}] {:?} (since start {:?})",
            index + 1,
            cell_start.elapsed(),
            start.elapsed()
        );
    }
    session.shutdown();
    Ok(())
}
