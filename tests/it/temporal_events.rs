//! What a run costs on a real Temporal server, counted in the events of its histories:
//! `2 + 3 W + 3 A + L + 2 T + 3 C + S + 2 U`, with workflow tasks W, activities A, local activities L (one is the run's
//! plan), timers T, children C, signals S and updates U.

use serde_json::json;
use temporalio_protos::temporal::api::enums::v1::EventType;
use temporalio_protos::temporal::api::history::v1::HistoryEvent;

use crate::temporal_rig::{Rig, on_a_server};

/// What a history holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cost {
    /// All events.
    events: usize,
    tasks: usize,
    activities: usize,
    /// Local activities, the plan among them.
    locals: usize,
    timers: usize,
    children: usize,
    signals: usize,
    updates: usize,
}

impl Cost {
    fn of(history: &[HistoryEvent]) -> Self {
        let count = |wanted| history.iter().filter(|event| event.event_type() == wanted).count();
        Self {
            events: history.len(),
            tasks: count(EventType::WorkflowTaskScheduled),
            activities: count(EventType::ActivityTaskScheduled),
            locals: count(EventType::MarkerRecorded),
            timers: count(EventType::TimerStarted),
            children: count(EventType::StartChildWorkflowExecutionInitiated),
            signals: count(EventType::WorkflowExecutionSignaled),
            updates: count(EventType::WorkflowExecutionUpdateAccepted),
        }
    }

    /// How many events there are by the formula.
    fn formula(&self) -> usize {
        let Self { events: _, tasks, activities, locals, timers, children, signals, updates } = self;
        2 + 3 * tasks + 3 * activities + locals + 2 * timers + 3 * children + signals + 2 * updates
    }

    /// Asserts that all that was counted is as expected, and all events are counted.
    #[track_caller]
    fn assert_is(&self, expected: Self) {
        assert_eq!(*self, Self { events: expected.formula(), ..expected });
    }
}

/// Runs the workflow to its end, and gives what its only history holds.
async fn run(rig: &mut Rig, id: &str) -> Cost {
    rig.start(id, json!({})).await;
    rig.output(id).await;
    spent(rig, id).await
}

async fn spent(rig: &mut Rig, id: &str) -> Cost {
    let histories = rig.histories(id).await;
    assert_eq!(histories.len(), 1, "`{id}` went on in a new history");
    Cost::of(&histories[0])
}

/// One after the other; a single one needs no connection.
fn chain(names: &[String]) -> String {
    if names.len() > 1 { names.join(" -> ") } else { String::new() }
}

fn nodes(count: usize, node: impl Fn(usize) -> String) -> (Vec<String>, String) {
    let names = (0..count).map(|n| format!("n{n}")).collect();
    (names, (0..count).map(|n| format!("  node n{n}: {}\n", node(n))).collect())
}

#[test]
fn sequential_activities_cost_six_events_each() {
    on_a_server("events-chain", async |server| {
        for count in [1, 10, 100] {
            let (names, declared) = nodes(count, |n| format!("double {{ n: {n} }}"));
            let chain = chain(&names);
            let mut rig = Rig::open(server, &format!("workflow w {{\n{declared}\n  {chain}\n}}")).await;
            let cost = run(&mut rig, &format!("chain-{count}")).await;
            cost.assert_is(Cost { tasks: count + 1, activities: count, locals: 1, ..Cost::default() });
            assert_eq!(cost.events, 6 * count + 6);
            rig.close().await;
        }
    });
}

#[test]
fn a_fan_out_costs_three_events_each_and_no_more_tasks_than_answers() {
    on_a_server("events-fan-out", async |server| {
        for count in [10, 250] {
            let (_, declared) = nodes(count, |n| format!("double {{ n: {n} }}"));
            let mut rig = Rig::open(server, &format!("workflow w {{\n{declared}}}")).await;
            let cost = run(&mut rig, &format!("fan-out-{count}")).await;
            assert!((2..=count + 1).contains(&cost.tasks), "{} workflow tasks", cost.tasks);
            cost.assert_is(Cost { tasks: cost.tasks, activities: count, locals: 1, ..Cost::default() });
            rig.close().await;
        }
    });
}

#[test]
fn what_needs_no_outside_costs_nothing() {
    on_a_server("events-pure", async |server| {
        let (names, declared) = nodes(100, |n| format!("data_transformer {{ value: {n} }}"));
        let chain = chain(&names);
        let text = format!(
        "workflow w {{
{declared}
           {chain}
           node each: loop {{ times: 50, body {{ node n: data_transformer {{ value: item }} }}, collect: n.value }}
           node is: condition {{ when: each.count > 3 }}
           node end: succeed {{ }}
           n99 -> each -> is
           is.true -> end
         }}"
    );
        let mut rig = Rig::open(server, &text).await;
        let cost = run(&mut rig, "pure").await;
        cost.assert_is(Cost { tasks: 1, locals: 1, ..Cost::default() });
        assert_eq!(cost.events, 6);
        rig.close().await;
    });
}

#[test]
fn timers_children_retries_and_local_activities_cost_what_the_formula_says() {
    on_a_server("events-all", async |server| {
        let mut rig = Rig::open(
            server,
            "workflow w { node a: delay { for: 1ms }\n node b: delay { for: 1ms }\n a -> b }",
        )
        .await;
        run(&mut rig, "timers").await.assert_is(Cost { tasks: 3, locals: 1, timers: 2, ..Cost::default() });
        rig.close().await;

        let text = "workflow w { node a: workflow { call: v, input: {} }\n node b: workflow { call: v, input: {} }\n a -> b }
                workflow v { node n: double { n: 1 } }";
        let mut rig = Rig::open(server, text).await;
        let cost = run(&mut rig, "children").await;
        cost.assert_is(Cost { tasks: cost.tasks, locals: 1, children: 2, ..Cost::default() });
        // Each child is answered twice: that it has begun, and its end.
        assert!((3..=5).contains(&cost.tasks), "{} workflow tasks", cost.tasks);
        rig.close().await;

        let text = "retry quick { initial_interval: 1ms, maximum_attempts: 5 }
                workflow w { node a: double { n: 1, failures: 3, retry: quick }\n output { n: a.twice } }";
        let mut rig = Rig::open(server, text).await;
        run(&mut rig, "retries").await.assert_is(Cost {
            tasks: 2,
            activities: 1,
            locals: 1,
            ..Cost::default()
        });
        assert_eq!(*rig.asked.borrow(), 4);
        rig.close().await;

        let (names, declared) = nodes(5, |n| format!("double {{ n: {n}, local: true }}"));
        let mut rig = Rig::open(server, &format!("workflow w {{\n{declared}\n {} }}", chain(&names))).await;
        run(&mut rig, "local").await.assert_is(Cost { tasks: 1, locals: 6, ..Cost::default() });
        rig.close().await;
    });
}

#[test]
fn a_signal_costs_one_event_and_an_update_two() {
    on_a_server("events-signals", async |server| {
        let waits = "workflow w {
                   node a: wait_signal { signal: go, payload: int }
                   node b: wait_signal { signal: go, payload: int }
                   node c: wait_signal { signal: go, payload: int }
                   a -> b -> c
                   output { all: [a.payload, b.payload, c.payload] }
                 }";
        let mut rig = Rig::open(server, waits).await;
        rig.start("signals", json!({})).await;
        rig.signal("signals", "go", json!(1)).await;
        rig.update("signals", "go", json!(2)).await;
        rig.update("signals", "go", json!(3)).await;
        assert_eq!(rig.output("signals").await, json!({"all": [1, 2, 3]}));
        let cost = spent(&mut rig, "signals").await;
        cost.assert_is(Cost { tasks: cost.tasks, locals: 1, signals: 1, updates: 2, ..Cost::default() });
        assert!(cost.tasks <= 4, "{} workflow tasks", cost.tasks);
        rig.close().await;
    });
}

#[test]
fn a_long_loop_goes_over_several_histories_and_loses_nothing() {
    const ITEMS: usize = 3_000;
    on_a_server("events-loop", async |server| {
        let text = format!(
            "workflow w {{
           node each: loop {{
             times: {ITEMS}
             parallelism: 50
             body {{ node d: double {{ n: item }} }}
             collect: d.twice
           }}
           node told: loop {{
             times: 6
             parallelism: 1
             body {{ node go: wait_signal {{ signal: go, payload: int }} }}
             collect: go.payload
           }}
           each -> told
           output {{ all: each.results, told: told.results }}
         }}"
        );
        let mut rig = Rig::open(server, &text).await;
        rig.start("loop", json!({})).await;
        for n in 0..6_usize {
            rig.asked.wait_for(|asked| *asked > n * 500).await.expect("the worker is there");
            rig.signal("loop", "go", json!(n)).await;
        }
        let all: Vec<usize> = (0..ITEMS).map(|n| n * 2).collect();
        assert_eq!(rig.output("loop").await, json!({ "all": all, "told": [0, 1, 2, 3, 4, 5] }));
        let costs: Vec<Cost> = rig.histories("loop").await.iter().map(|history| Cost::of(history)).collect();
        assert!(costs.len() > 1, "it stayed in one history: {costs:?}");
        for (at, cost) in costs.iter().rev().enumerate() {
            assert!(cost.events < 10_000, "a history of {} events", cost.events);
            // The plan is asked for once; each history goes on with that of the one before.
            assert_eq!((cost.events, cost.locals), (cost.formula(), usize::from(at == 0)), "{cost:?}");
        }
        let sum = |of: fn(&Cost) -> usize| costs.iter().map(of).sum::<usize>();
        assert_eq!((sum(|cost| cost.activities), sum(|cost| cost.signals)), (ITEMS, 6));
        rig.close().await;
    });
}

#[test]
fn what_a_fan_out_has_no_room_for_is_handed_to_the_next_history() {
    const ITEMS: usize = 2_800;
    on_a_server("events-wide", async |server| {
        let text = format!(
            "workflow w {{
               node each: loop {{
                 times: {ITEMS}
                 parallelism: {ITEMS}
                 body {{ node d: double {{ n: item }} }}
                 collect: d.twice
               }}
               output {{ all: each.results }}
             }}"
        );
        let mut rig = Rig::open(server, &text).await;
        rig.start("wide", json!({})).await;
        let all: Vec<usize> = (0..ITEMS).map(|n| n * 2).collect();
        assert_eq!(rig.output("wide").await, json!({ "all": all }));
        assert!(rig.histories("wide").await.len() > 1, "it stayed in one history");
        assert_eq!(*rig.asked.borrow(), ITEMS, "each is asked for once");
        rig.close().await;
    });
}

/// What a history begins with may be 2 MB: a run that holds more goes on where it is, as far as the server lets it.
#[test]
fn a_run_that_holds_too_much_for_a_new_history_goes_on_in_its_own() {
    const ITEMS: usize = 1_600;
    on_a_server("events-large", async |server| {
        let text = format!(
            "workflow w {{
               input {{ text: string }}
               node each: loop {{
                 times: {ITEMS}
                 parallelism: 50
                 body {{ node d: double {{ n: item }} }}
               }}
               node size: data_transformer {{ value: size(input.text) }}
               each -> size
               output {{ size: size.value }}
             }}"
        );
        let mut rig = Rig::open(server, &text).await;
        // Hardly compressible: the digits of a linear congruence, each of 64 letters.
        let mut seed = 1_u64;
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let text: String = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters[(seed >> 58) as usize] as char
        })
        .take(1_000_000)
        .collect();
        rig.start("large", json!({ "text": text })).await;
        assert_eq!(rig.output("large").await, json!({ "size": 1_000_000 }));
        let histories = rig.histories("large").await;
        assert_eq!(histories.len(), 1, "it went on in a new history");
        assert!(histories[0].len() > 4_096, "it was never asked to");
        rig.close().await;
    });
}
