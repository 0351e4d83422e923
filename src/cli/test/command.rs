use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::document::Document;
use super::failure::draw;
use super::junit;
use crate::cli::arguments::{Format, TestArguments};
use crate::cli::failure::Failure;
use crate::cli::find::jobs;
use crate::cli::report;
use crate::cli::terminal::{self, complain};
use crate::compile::{self, Compilation, PlanError};
use crate::diagnostic::render::{Renderer, escaped};
use crate::plan::{Test, Tests};
use crate::source::Sources;
use crate::testing::{Stage, Verdict};

/// A test that has run.
pub(super) struct Ran<'t> {
    /// The sources that it is of.
    pub(super) sources: &'t Sources,
    /// How findings in them are shown.
    pub(super) renderer: &'t Renderer<'t>,
    /// What was run.
    pub(super) test: &'t Test,
    /// What became of it.
    pub(super) verdict: Verdict,
    /// How long that took.
    pub(super) elapsed: Duration,
}

impl Ran<'_> {
    /// The file that it is in, as messages show it.
    pub(super) fn file(&self) -> String {
        escaped(&self.sources.get(self.test.span.file).path.display().to_string()).into_owned()
    }

    /// What it shows.
    pub(super) fn name(&self) -> String {
        escaped(&self.test.name).into_owned()
    }

    /// How long its run took, in virtual time.
    pub(super) fn took(&self) -> String {
        super::timeline::time(self.verdict.timeline.took)
    }
}

/// `citadel test`: 0 where all tests pass, 1 where some fail, 2 where a file has errors, 3 where one can't be had.
pub(in crate::cli) fn test(arguments: &TestArguments) -> Result<ExitCode, Failure> {
    let jobs = jobs(&arguments.paths)?;
    if jobs.is_empty() {
        return Err(Failure::Usage("there are no .citadel files here".to_owned()));
    }
    let compilations: Vec<Compilation> =
        jobs.iter().map(|job| compile::check(&job.disk, &job.files)).collect();
    if let Some(refused) = refused(&compilations)? {
        return Ok(refused);
    }
    let all = tests(&compilations, arguments.filter.as_deref())?;
    let renderers: Vec<Renderer<'_>> = compilations.iter().map(|it| Renderer::new(&it.sources)).collect();
    let ran = run(&compilations, &renderers, &all, arguments.format)?;
    if arguments.format == Format::Json {
        let document = serde_json::to_string_pretty(&Document::of(&ran))
            .map_err(|error| Failure::Defect(error.to_string()))?;
        writeln!(io::stdout().lock(), "{document}").map_err(Failure::Output)?;
    }
    if let Some(path) = &arguments.junit {
        std::fs::write(path, junit::document(&ran)).map_err(Failure::io(path))?;
    }
    complain(&summary(&ran, &compilations, arguments.filter.as_deref()));
    Ok(if ran.iter().all(|ran| ran.verdict.passed()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What ends the command where files can't be had or have errors.
fn refused(compilations: &[Compilation]) -> Result<Option<ExitCode>, Failure> {
    let unreadable = compilations.iter().flat_map(|compilation| &compilation.unreadable);
    if unreadable.map(|file| complain(&format!("error: {file}"))).count() > 0 {
        return Ok(Some(ExitCode::from(3)));
    }
    if compilations.iter().all(Compilation::is_sound) {
        return Ok(None);
    }
    report::print(compilations, Format::Human, io::stderr().lock()).map_err(Failure::Output)?;
    complain(&report::summary(compilations));
    Ok(Some(ExitCode::from(2)))
}

fn tests(compilations: &[Compilation], filter: Option<&str>) -> Result<Vec<Tests>, Failure> {
    let is_wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    let tests = compilations.iter().map(|compilation| compilation.tests(is_wanted));
    tests.collect::<Result<_, PlanError>>().map_err(|error| Failure::Defect(error.to_string()))
}

/// Runs all tests, and prints what becomes of them as they end.
fn run<'t>(
    compilations: &'t [Compilation],
    renderers: &'t [Renderer<'t>],
    all: &'t [Tests],
    format: Format,
) -> Result<Vec<Ran<'t>>, Failure> {
    let mut printer = Printer { format, file: String::new(), colour: terminal::colour(&io::stdout()) };
    let mut ran = Vec::new();
    for ((compilation, renderer), tests) in compilations.iter().zip(renderers).zip(all) {
        let (sources, stages) = (&compilation.sources, tests.plans.iter().map(Stage::new));
        let stages: Vec<Stage> = stages.collect();
        for test in &tests.tests {
            let Some(stage) = stages.get(test.plan) else { continue };
            let begun = Instant::now();
            let verdict = stage.run(test);
            let one = Ran { sources, renderer, test, verdict, elapsed: begun.elapsed() };
            printer.print(&one).map_err(Failure::Output)?;
            ran.push(one);
        }
    }
    Ok(ran)
}

/// Prints tests as they end.
struct Printer {
    format: Format,
    /// The file whose tests are being printed.
    file: String,
    colour: bool,
}

impl Printer {
    fn print(&mut self, ran: &Ran<'_>) -> io::Result<()> {
        let out = io::stdout();
        match self.format {
            Format::Human => self.human(ran, &mut out.lock()),
            Format::Short => short(ran, &mut out.lock()),
            Format::Json => Ok(()),
        }
    }

    fn human<Out: Write + IsTerminal>(&mut self, ran: &Ran<'_>, out: &mut Out) -> io::Result<()> {
        let file = ran.file();
        if self.file != file {
            let gap = if self.file.is_empty() { "" } else { "\n" };
            writeln!(out, "{gap}{file}")?;
            self.file = file;
        }
        let word = match (ran.verdict.passed(), self.colour) {
            (true, false) => "ok    ",
            (false, false) => "FAILED",
            (true, true) => "\u{1b}[32mok\u{1b}[0m    ",
            (false, true) => "\u{1b}[31;1mFAILED\u{1b}[0m",
        };
        writeln!(out, "  {word}  {} ({})", ran.name(), ran.took())?;
        if ran.verdict.passed() { Ok(()) } else { draw(ran, out) }
    }
}

fn short(ran: &Ran<'_>, out: &mut impl Write) -> io::Result<()> {
    let at = ran.sources.start(ran.test.span);
    let word = if ran.verdict.passed() { "ok" } else { "FAILED" };
    writeln!(out, "{}:{}:{}: {word}: {}", ran.file(), at.line, at.column, ran.name())?;
    let mut findings = ran.verdict.findings.iter();
    findings.try_for_each(|finding| writeln!(out, "{}", ran.renderer.line(finding)))
}

fn summary(ran: &[Ran<'_>], compilations: &[Compilation], filter: Option<&str>) -> String {
    let failed = ran.iter().filter(|ran| !ran.verdict.passed()).count();
    let files: usize = compilations.iter().map(|compilation| compilation.files).sum();
    match (ran.len(), failed, filter) {
        (0, _, Some(filter)) => format!("no test has `{filter}` in its name"),
        (0, _, None) => format!("there are no tests in {}", counted(files, "file")),
        (all, 0, _) => format!("{} passed", counted(all, "test")),
        (all, failed, _) => format!("{} passed, {failed} failed", counted(all - failed, "test")),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
