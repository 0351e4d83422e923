use crate::plan::expr::Code;
use crate::plan::{CodeDebug, Debug, Error, Fault, Location, Place, Program, Workflow, WorkflowDebug};

/// Verifies that the debug part has a place for everything that the program has, and that each place is a text.
pub(in crate::plan) fn debug(debug: &Debug, program: &Program) -> Result<(), Error> {
    if debug.workflows.len() != program.workflows.len() {
        return Err(Error::invalid(Location::Plan, Fault::Debug));
    }
    for (places, workflow) in debug.workflows.iter().zip(&program.workflows) {
        let all_are_texts =
            same_form(places, workflow) && all(places).all(|place| debug.text(place).is_some());
        if !all_are_texts {
            return Err(Error::invalid(Location::Workflow(workflow.name.clone()), Fault::Debug));
        }
    }
    Ok(())
}

fn same_form(places: &WorkflowDebug, workflow: &Workflow) -> bool {
    let steps = |(places, code): (&CodeDebug, &Code)| places.steps.len() == code.ops().len();
    places.nodes.len() == workflow.nodes.len()
        && places.codes.len() == workflow.codes.len()
        && places.codes.iter().zip(&workflow.codes).all(steps)
}

fn all(places: &WorkflowDebug) -> impl Iterator<Item = Place> + '_ {
    let nodes = places.nodes.iter().flat_map(|node| node.fields.values().copied().chain([node.name]));
    let codes = places.codes.iter().flat_map(|code| code.steps.iter().copied().chain([code.whole]));
    [places.name].into_iter().chain(nodes).chain(codes)
}
