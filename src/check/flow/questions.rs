//! What is asked of small graphs, and what the answer must be.

use super::{
    Class, Connection, Decision, Defect, End, ErrorType, Flow, Graph, Guard, Handling, Join, NeverTaken,
    Node, NodeIx, Port, Ports, Readability, Reader, Role, Step, Unrouted, Way,
};

const FAILURE: ErrorType = ErrorType(0);
const OTHER: ErrorType = ErrorType(1);
const TRUE: Port = Port::Own(0);
const FALSE: Port = Port::Own(1);

fn step() -> Node {
    Node { errors: vec![FAILURE, OTHER], ..Node::step() }
}

fn condition() -> Node {
    Node { ports: Ports::Own(2), ..step() }
}

fn deciding(guard: Guard) -> Node {
    Node { decision: Decision::Cases(vec![guard]), ..condition() }
}

fn joining(count: usize, cancels: bool) -> Node {
    Node { join: Join::AtLeast { count, cancels }, ..step() }
}

fn vip() -> Guard {
    Guard::Is { class: 0, case: 0 }
}

fn flow<const N: usize>(nodes: [Node; N], connections: &[(NodeIx, Port, NodeIx)]) -> Flow {
    let connect = |(source, port, target): &(_, Port, _)| Connection {
        source: *source,
        target: *target,
        port: port.clone(),
    };
    let connections = connections.iter().map(connect).collect();
    let classes = vec![Class { cases: 2, reads: Vec::new() }];
    Flow::new(Graph { nodes: nodes.into(), connections, classes, incomplete: false })
}

fn when(steps: &[(NodeIx, End)]) -> Readability {
    let steps = steps.iter().map(|(node, end)| Step { node: *node, end: end.clone() });
    Readability::Optional(Way::When(steps.collect()))
}

#[test]
fn the_way_names_the_condition_that_decides() {
    let nodes = [condition(), condition(), step(), step()];
    let connections = [(0, TRUE, 1), (1, TRUE, 2), (2, Port::Ok, 3), (1, FALSE, 3)];
    let mut flow = flow(nodes, &connections);
    assert_eq!(flow.readable(Reader::Node(3), 2), when(&[(1, End::Fires(1))]));
    assert_eq!(flow.readable(Reader::Output, 3), when(&[(0, End::Fires(1))]));
    assert_eq!(flow.readable(Reader::Node(3), 0), Readability::Readable);
    assert_eq!(flow.readable(Reader::Node(2), 3), Readability::NotUpstream { downstream: true });
}

#[test]
fn failures_show_where_the_run_goes_on() {
    let tolerant = Node { unrouted: Unrouted::Continue, ..step() };
    let nodes = [tolerant, step(), step(), step()];
    let connections = [(0, Port::Ok, 2), (1, Port::Ok, 2), (1, Port::Errors(vec![OTHER]), 3)];
    let mut flow = flow(nodes, &connections);
    assert_eq!(flow.readable(Reader::Node(2), 0), when(&[(0, End::Fails(vec![]))]));
    assert_eq!(flow.readable(Reader::Node(2), 1), when(&[(1, End::Fails(vec![OTHER]))]));
    assert_eq!(flow.readable(Reader::Node(3), 1), when(&[(1, End::Fails(vec![OTHER]))]));
    assert_eq!(flow.error_readable(Reader::Node(3), 1, None), Readability::Readable);
    let scope = flow.errors_in_scope(3).unwrap();
    assert_eq!((scope[0].node, scope[0].errors.as_slice()), (1, [OTHER].as_slice()));
    assert_eq!(flow.errors_in_scope(2), None);
}

#[test]
fn any_may_start_before_and_cancel() {
    let nodes = [step(), step(), step(), joining(1, true), step()];
    let connections =
        [(0, Port::Ok, 1), (0, Port::Ok, 2), (1, Port::Ok, 3), (2, Port::Ok, 3), (3, Port::Ok, 4)];
    let mut flow = flow(nodes, &connections);
    assert_eq!(flow.readable(Reader::Node(3), 0), Readability::Readable);
    assert_eq!(flow.readable(Reader::Node(4), 1), Readability::NotDecided { join: 3, after: 2 });
    assert_eq!(flow.readable(Reader::Output, 1), when(&[(1, End::Cancelled { by: Some(3) })]));
    assert_eq!(flow.one_of(Reader::Node(3), &[1, 2], None), Readability::Readable);
    let has_value = Guard::HasValue(1);
    assert_eq!(flow.one_of(Reader::Node(4), &[1], Some(&has_value)), Readability::Readable);
}

#[test]
fn conditions_narrow() {
    let nodes = [deciding(vip()), step(), step(), deciding(Guard::HasValue(1)), step()];
    let connections = [(0, TRUE, 1), (1, Port::Ok, 2), (0, FALSE, 2), (2, Port::Ok, 3), (3, TRUE, 4)];
    let mut flow = flow(nodes, &connections);
    assert_eq!(flow.readable(Reader::Node(2), 1), when(&[(0, End::Fires(1))]));
    assert_eq!(flow.readable(Reader::Node(4), 1), Readability::Readable);
    assert_eq!(flow.one_of(Reader::Node(2), &[1], Some(&vip())), Readability::Readable);
    let neither = Guard::Not(Box::new(Guard::Or(vec![vip(), Guard::Constant(false)])));
    assert_eq!(flow.one_of(Reader::Node(2), &[1], Some(&neither)), when(&[(0, End::Fires(1))]));
}

#[test]
fn undos_handlers_and_outer_nodes_have_their_own_rules() {
    let undo = Node { role: Role::Undo(1), ..step() };
    let handler = Node { role: Role::Handler, ..step() };
    let outer = Node { role: Role::Outer { certain: false }, ..step() };
    let nodes = [step(), step(), step(), undo, handler, outer, deciding(Guard::HasValue(5))];
    let mut flow = flow(nodes, &[(0, Port::Ok, 1), (1, Port::Ok, 2), (2, Port::Ok, 6)]);
    assert_eq!(flow.readable(Reader::Node(3), 1), Readability::Readable);
    assert_eq!(flow.readable(Reader::Node(3), 0), Readability::Readable);
    assert_eq!(flow.readable(Reader::Node(3), 2), Readability::NotUpstream { downstream: false });
    assert_eq!(flow.readable(Reader::Node(4), 0), Readability::Optional(Way::ReaderIsHandler));
    assert_eq!(flow.readable(Reader::Output, 3), Readability::Optional(Way::RunsAfterwards));
    assert_eq!(flow.readable(Reader::Node(6), 5), when(&[(5, End::Missing)]));
}

#[test]
fn ends_of_the_run_count() {
    let fail = Node { ports: Ports::Fail, ..step() };
    let succeed = Node { ports: Ports::Succeed, ..step() };
    let branches = [(0, TRUE, 1), (0, FALSE, 2)];
    let mut failing = flow([condition(), step(), fail], &branches);
    assert_eq!(failing.readable(Reader::Output, 1), Readability::Readable);
    let mut succeeding = flow([condition(), step(), succeed.clone()], &branches);
    assert_eq!(succeeding.readable(Reader::Output, 1), when(&[(0, End::Fires(1))]));
    let mut overtaking = flow([step(), succeed, step()], &[(0, Port::Ok, 1)]);
    assert_eq!(overtaking.readable(Reader::Output, 0), Readability::Readable);
    assert!(matches!(overtaking.readable(Reader::Output, 2), Readability::Optional(_)));
}

#[test]
fn what_never_happens_is_found_once() {
    let every = Node { join: Join::Every, ..step() };
    let nodes = [deciding(vip()), deciding(vip()), step(), every, joining(3, false), step()];
    let connections = [
        (0, TRUE, 1),
        (1, FALSE, 2),
        (2, Port::Ok, 5),
        (0, TRUE, 3),
        (0, FALSE, 3),
        (0, Port::Errors(vec![FAILURE, OTHER]), 4),
        (0, Port::AnyError, 4),
        (1, FALSE, 4),
    ];
    let expected = [
        Defect::DeadNode { node: 2, conflict: None },
        Defect::DeadNode { node: 3, conflict: Some((3, 4)) },
        Defect::DeadRoute { connection: 6, because: NeverTaken::AllErrorsNamed },
    ];
    assert_eq!(flow(nodes, &connections).defects(), expected);
}

#[test]
fn joins_must_have_a_choice_and_nodes_a_connection() {
    let started = Node { started: true, ..step() };
    let nodes = [step(), joining(1, false), joining(2, false), step(), started];
    let expected = [
        Defect::JoinWithoutChoice(1),
        Defect::JoinTooLarge { node: 2, count: 2, incoming: 1 },
        Defect::Unconnected(3),
    ];
    assert_eq!(flow(nodes, &[(0, Port::Ok, 1), (0, Port::Ok, 2)]).defects(), expected);
}

#[test]
fn a_handler_that_stops_leaves_no_way() {
    let handling = Some(Handling { cases: vec![(FAILURE, true)], otherwise: false });
    let handler = Node { handling, ..step() };
    let connections = [(0, Port::AnyError, 1), (0, Port::Ok, 2), (1, Port::Ok, 2)];
    let mut flow = flow([step(), handler, step()], &connections);
    assert_eq!(flow.readable(Reader::Node(2), 0), when(&[(0, End::Fails(vec![FAILURE]))]));
    assert_eq!(flow.errors_in_scope(1).unwrap()[0].errors, [FAILURE]);
}

#[test]
fn nothing_follows_from_a_cycle_or_a_lost_connection() {
    let lost = Node { unresolved: true, ..step() };
    let nodes = [step(), step(), step(), lost, step()];
    let mut flow = flow(nodes, &[(0, Port::Ok, 1), (1, Port::Ok, 0), (1, Port::Ok, 2), (3, Port::Ok, 4)]);
    assert_eq!((flow.cycles()[0].closing, flow.cycles()[0].path.as_slice()), (1, [0, 1].as_slice()));
    assert_eq!(flow.readable(Reader::Node(2), 4), Readability::Unknown);
    assert_eq!(flow.readable(Reader::Node(4), 0), Readability::Unknown);
    assert_eq!(flow.defects(), []);
}

#[test]
fn a_lost_target_may_be_any_node() {
    let nodes = [condition(), step(), step(), step()];
    let connections = [(0, TRUE, 1), (1, Port::Ok, 2), (0, FALSE, 2)];
    let mut flow = flow(nodes, &connections);
    flow.ground.graph.incomplete = true;
    assert_eq!(flow.readable(Reader::Node(3), 1), Readability::Unknown);
    assert_eq!(flow.readable(Reader::Node(2), 1), when(&[(0, End::Fires(1))]));
    assert_eq!(flow.defects(), []);
}
