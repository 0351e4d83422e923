use super::scope::Scope;
use super::{graph, tables, tasks, variables};
use crate::plan::{Error, Fault, Location, Program, SEMANTICS, Workflow, WorkflowId};

/// Verifies a program.
pub(in crate::plan) fn program(program: &Program) -> Result<(), Error> {
    if !(1..=SEMANTICS).contains(&program.semantics) {
        return Err(Error::UnknownSemantics { found: program.semantics.into(), known: SEMANTICS });
    }
    callees(program)?;
    program.workflows.iter().try_for_each(workflow)
}

/// The first workflow is called from outside, each other one by one that stands before it.
fn callees(program: &Program) -> Result<(), Error> {
    let count = program.workflows.len();
    if count == 0 {
        return Err(Error::invalid(Location::Plan, Fault::Missing { what: "workflow" }));
    }
    let mut reached = vec![false; count];
    reached[0] = true;
    for (index, workflow) in program.workflows.iter().enumerate() {
        let fault = |fault| Err(Error::invalid(Location::Workflow(workflow.name.clone()), fault));
        if !reached[index] {
            return fault(Fault::Unreached);
        }
        for WorkflowId(callee) in &workflow.callees {
            match reached.get_mut(*callee as usize) {
                Some(reached) => *reached = true,
                None => {
                    return fault(Fault::OutOfRange { table: "workflow", index: *callee as usize, count });
                }
            }
        }
    }
    Ok(())
}

fn workflow(workflow: &Workflow) -> Result<(), Error> {
    let mut scope = Scope::new(workflow);
    tables::tables(&scope)?;
    tasks::references(&scope)?;
    (scope.graph_of, scope.outer) = graph::graphs(&scope)?;
    variables::codes(&scope)
}
