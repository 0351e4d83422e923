use super::debug::Files;
use super::once::Once;
use super::workflow;
use crate::check::Checked;
use crate::check::program::{Program, WorkflowIx};
use crate::plan::{self, Debug, Error, Plan, SEMANTICS};
use crate::source::{FileId, Sources};

/// The workflows of a plan, in the order in which calls reach them.
pub(super) type Reached = Once<WorkflowIx, WorkflowIx>;

/// The plan of a workflow, with the plans of all that it calls.
///
/// # Errors
/// When the plan doesn't verify, which means that the checker let something through: a mistake of this program, not
/// of the author.
pub fn lower(program: &Checked<Program>, workflow: WorkflowIx, sources: &Sources) -> Result<Plan, Error> {
    plan(program.get(), workflow, sources)
}

fn plan(program: &Program, workflow: WorkflowIx, sources: &Sources) -> Result<Plan, Error> {
    traced(program, workflow, sources).map(|traced| traced.plan)
}

/// A plan and where its parts are from.
pub(super) struct Traced {
    pub(super) plan: Plan,
    /// For each workflow of the plan which of the program's it is.
    pub(super) workflows: Vec<WorkflowIx>,
    /// For each file of its debug part which source it is.
    pub(super) files: Vec<FileId>,
}

/// The plan of a workflow, traced to what it is from.
pub(super) fn traced(program: &Program, workflow: WorkflowIx, sources: &Sources) -> Result<Traced, Error> {
    let mut reached = Reached::default();
    reached.place(workflow, || workflow);
    let mut files = Files::new(sources);
    let mut workflows = Vec::new();
    let mut places = Vec::new();
    while let Some(next) = reached.entries().get(workflows.len()).copied() {
        let (workflow, debug) = workflow::lower(program, next, &mut reached, &mut files)?;
        workflows.push(workflow);
        places.push(debug);
    }
    let (files, ids) = files.finish();
    let debug = Debug { files, workflows: places };
    let plan = Plan::new(plan::Program { semantics: SEMANTICS, workflows }, debug)?;
    Ok(Traced { plan, workflows: reached.finish(), files: ids })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::plan;
    use crate::check::program::{
        Argument, Config, Constant, Edge, Graph, Join, Node, OnError, Outcome, Program, Role, Workflow,
    };
    use crate::check::typed::{ExprId, ExprKind, Variable};
    use crate::plan::Plan;
    use crate::source::{FileId, Sources, Span};
    use crate::types::Type;
    use crate::value::Value;

    fn span() -> Span {
        Span::new(FileId(0), 0, 4)
    }

    fn sources() -> Sources {
        let mut sources = Sources::default();
        sources.add_text(Path::new("test.citadel"), "workflow w { }");
        sources
    }

    fn node(name: &str, kind: &str, config: Config) -> Node {
        Node {
            name: name.into(),
            span: span(),
            title: None,
            kind: kind.into(),
            graph: 0,
            role: Role::Step,
            join: Join::All,
            ports: vec!["ok".into()],
            errors: Vec::new(),
            output: Type::record([("value", Type::Int)]),
            fallback: None,
            on_error: OnError::Stop,
            compensate: None,
            timeout: None,
            execution: None,
            config,
            body: None,
            message: None,
        }
    }

    fn workflow(name: &str, nodes: Vec<Node>, edges: Vec<Edge>) -> Workflow {
        Workflow {
            name: name.into(),
            span: span(),
            title: None,
            description: Some("documented".into()),
            id: None,
            return_existing: false,
            input: Vec::new(),
            input_type: Type::record::<&str>([]),
            output: Vec::new(),
            output_type: Type::record::<&str>([]),
            errors: Vec::new(),
            timeout: None,
            parallelism: None,
            max_concurrent: 50,
            on_error: OnError::Stop,
            retry: None,
            concurrency: None,
            task_queue: None,
            on_failure: None,
            finally: None,
            graphs: vec![Graph { owner: None, nodes: (0..nodes.len()).collect(), edges }],
            nodes,
        }
    }

    fn variable(program: &mut Program, variable: Variable) -> ExprId {
        program.exprs.add(ExprKind::Variable(variable), Type::Int, span())
    }

    fn transformer(program: &mut Program, name: &str, value: Variable) -> Node {
        let mut config = Config::default();
        config.set("value", Argument::Expr(variable(program, value)), span());
        node(name, "data_transformer", config)
    }

    /// Constants `a = b`, `b = 1`, declared in an order; the one node reads `a`.
    fn constants(names: [&str; 3]) -> Plan {
        let mut program = Program::default();
        let at = |name: &str| names.iter().position(|known| *known == name).expect(name);
        for name in names {
            let value = match name {
                "a" => variable(&mut program, Variable::Constant(at("b"))),
                _ => program.exprs.add(ExprKind::Literal(Value::Int(1)), Type::Int, span()),
            };
            program.constants.push(Constant { name: name.into(), value, ty: Type::Int });
        }
        let reader = transformer(&mut program, "reader", Variable::Constant(at("a")));
        program.workflows.push(workflow("w", vec![reader], Vec::new()));
        plan(&program, 0, &sources()).expect("it verifies")
    }

    #[test]
    fn constants_stand_behind_those_that_they_read_whatever_the_order_of_declarations() {
        let plan = constants(["a", "b", "unused"]);
        let names: Vec<_> =
            plan.program().workflows[0].constants.iter().map(|constant| constant.name.clone()).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(plan.to_json(), constants(["unused", "b", "a"]).to_json());
    }

    #[test]
    fn workflows_that_call_each_other_stand_once_each() {
        let mut program = Program::default();
        for (name, callee) in [("ping", 1), ("pong", 0)] {
            let mut config = Config::default();
            config.set("call", Argument::Workflow(callee), span());
            program.workflows.push(workflow(name, vec![node("call", "workflow", config)], Vec::new()));
        }
        let plan = plan(&program, 1, &sources()).expect("it verifies");
        let names: Vec<_> = plan.program().workflows.iter().map(|workflow| workflow.name.clone()).collect();
        assert_eq!(names, ["pong", "ping"]);
        assert_eq!(Plan::from_json(&plan.to_json()), Ok(plan));
    }

    #[test]
    fn connections_are_sorted_and_what_a_comment_says_is_not_in_the_hash() {
        let described = |description: &str, turned: bool| {
            let mut program = Program::default();
            let nodes = ["a", "b", "c"].map(|name| transformer(&mut program, name, Variable::Now));
            let edge = |to| Edge { from: Some(0), on: Outcome::Port(0), to, span: span() };
            let edges = if turned { vec![edge(2), edge(1)] } else { vec![edge(1), edge(2)] };
            let mut workflow = workflow("w", nodes.into(), edges);
            workflow.description = Some(description.into());
            program.workflows.push(workflow);
            plan(&program, 0, &sources()).expect("it verifies")
        };
        assert_eq!(described("one", false).hash(), described("other", true).hash());
        assert_ne!(described("one", false).debug(), described("other", true).debug());
    }
}
