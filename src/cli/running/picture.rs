use std::io::IsTerminal;
use std::path::Path;

use crate::cli::terminal;
use crate::diagnostic::render::Renderer;
use crate::diagnostic::{Finding, Severity};
use crate::engine::machine::Failure;
use crate::plan::{Place, Plan, WorkflowId};
use crate::source::{FileId, Sources, Span};

/// The sources of a plan, in which failures are drawn as the checker draws its errors.
pub(super) struct Picture<'p> {
    plan: &'p Plan,
    sources: Sources,
}

impl<'p> Picture<'p> {
    /// Takes the sources from the plan: those that the run was started with.
    pub(super) fn new(plan: &'p Plan) -> Self {
        let mut sources = Sources::default();
        for file in &plan.debug().files {
            sources.add_text(Path::new(&file.path), &file.text);
        }
        Self { plan, sources }
    }

    /// A failure at the expression, or the node, that it came from.
    pub(super) fn failure(&self, workflow: WorkflowId, failure: &Failure, to: &dyn IsTerminal) -> String {
        let attempts = match failure.attempts {
            0 | 1 => String::new(),
            many => format!(" (after {many} attempts)"),
        };
        let at = if failure.node.is_empty() { String::new() } else { format!("`{}`: ", failure.node) };
        let message = format!("{at}{}{attempts}", failure.message);
        let Some(span) = self.place(workflow, failure) else {
            return format!("error[{}]: {message}\n", failure.error);
        };
        let finding = Finding {
            span,
            severity: Severity::Error,
            code: failure.error.to_string(),
            message,
            label: None,
            labels: Vec::new(),
            help: None,
            fixes: Vec::new(),
            covers: None,
        };
        format!("{}\n", Renderer::new(&self.sources).drawn(&terminal::handler(to), &finding))
    }

    fn place(&self, workflow: WorkflowId, failure: &Failure) -> Option<Span> {
        let found = self.plan.program().node_at(workflow, &failure.node);
        let debug =
            self.plan.debug().workflows.get(found.map_or(workflow, |(workflow, _)| workflow).index())?;
        if let Some(code) = failure.code {
            return Some(span(debug.codes.get(code.index())?.whole));
        }
        match found {
            Some((_, node)) => Some(span(debug.nodes.get(node.index())?.name)),
            None => Some(span(debug.name)),
        }
    }
}

fn span(place: Place) -> Span {
    Span::new(FileId(place.0), place.1 as usize, place.2 as usize)
}
