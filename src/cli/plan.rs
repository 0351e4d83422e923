use std::io::Write;
use std::process::ExitCode;

use super::arguments::{Format, PlanArguments};
use super::check::{print, summary};
use super::disk::Disk;
use super::failure::Failure;
use crate::compile::{self, Compilation};
use crate::diagnostic::nearest;
use crate::plan::Plan;

/// `citadel plan FILE [--workflow W]`: the plan on stdout, or what stands against it on stderr and 1.
pub(super) fn plan(arguments: &PlanArguments) -> Result<ExitCode, Failure> {
    let disk = Disk::of(&arguments.file)?;
    let root = disk.name(&arguments.file)?;
    let compilation = compile::check(&disk, std::slice::from_ref(&root), &disk.project()?)?;
    if compilation.program.is_none() {
        print(&compilation, Format::Human, &mut std::io::stderr().lock()).map_err(Failure::Output)?;
        eprintln!("{}", summary(&compilation));
        return Ok(ExitCode::FAILURE);
    }
    let plan = choose(&compilation, arguments.workflow.as_deref())?;
    let mut out = std::io::stdout().lock();
    out.write_all(plan.to_json().as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of the workflow that is named, or of the only one that the file declares.
fn choose(compilation: &Compilation, wanted: Option<&str>) -> Result<Plan, Failure> {
    let workflows = compilation.workflows();
    let names = || workflows.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let name = match (wanted, workflows.as_slice()) {
        (Some(wanted), _) => wanted,
        (None, [only]) => only,
        (None, []) => return Err(Failure::Usage("the file declares no workflow".to_owned())),
        (None, _) => return Err(Failure::Usage(format!("choose one with --workflow: {}", names()))),
    };
    compilation.plan(name).ok_or_else(|| {
        Failure::Usage(match nearest(name, workflows.iter().copied()) {
            Some(near) => format!("the file declares no workflow `{name}`: did you mean `{near}`?"),
            None => format!("the file declares no workflow `{name}`; it declares {}", names()),
        })
    })
}
