use std::collections::BTreeSet;

use super::debug::Files;
use super::program::Reached;
use super::shape::Border;
use super::tables::{Tables, messages, texts};
use crate::check::program::{self as checked, Program, WorkflowIx};
use crate::plan::{
    Concurrency, Constant, Edge, Error, Graph, Node, NodeDebug, NodeId, OnDuplicate, Outcome, Overflow,
    Plugin, Secret, SecretSource, Setting, Workflow, WorkflowDebug,
};
use crate::value::EcoString;

/// A workflow and where it stood. The workflows that it calls are reached.
///
/// The order in which its parts are lowered is that of its tables: what it and its nodes need comes first, and what
/// that needs (settings, constants, secrets) after it.
pub(super) fn lower<'a>(
    program: &'a Program,
    index: WorkflowIx,
    reached: &mut Reached,
    files: &mut Files<'a>,
) -> Result<(Workflow, WorkflowDebug), Error> {
    let workflow = &program.workflows[index];
    let mut tables = Tables::new(program, workflow, reached, files);
    let name = tables.place(workflow.span);
    let (nodes, node_places) = nodes(workflow, &mut tables)?;
    let lowered = Workflow {
        name: workflow.name.to_string(),
        title: workflow.title.as_ref().map(EcoString::to_string),
        id: workflow.id.map(|id| tables.code(id)),
        on_duplicate: if workflow.return_existing {
            OnDuplicate::ReturnExisting
        } else {
            OnDuplicate::Reject
        },
        input: tables.shape(&workflow.input_type, Border::Closed),
        output: sorted(workflow.output.iter().map(|(name, value)| (name, *value)))
            .map(|(name, value)| (name.to_string(), tables.code(value)))
            .collect(),
        timeout: workflow.timeout.map(|limit| tables.time_limit(limit)),
        parallelism: workflow.parallelism,
        max_concurrent: workflow.max_concurrent,
        concurrency: workflow
            .concurrency
            .as_ref()
            .map(|concurrency| self::concurrency(concurrency, &mut tables)),
        task_queue: workflow.task_queue.as_ref().map(EcoString::to_string),
        on_failure: workflow.on_failure.map(|node| tables.node(node)),
        finally: workflow.finally.map(|node| tables.node(node)),
        graphs: graphs(workflow, &tables),
        nodes,
        plugins: plugins(program, &mut tables),
        settings: settings(program, &mut tables),
        constants: constants(program, &mut tables),
        secrets: secrets(program, &tables),
        remotes: tables.remotes.finish(),
        breakers: tables.breakers.finish(),
        limits: tables.limits.finish(),
        retries: tables.retries.finish(),
        errors: tables.errors.finish(),
        shapes: tables.shapes.finish(),
        codes: tables.codes,
        callees: tables.callees.finish(),
    };
    let description = workflow.description.as_ref().map(EcoString::to_string);
    Ok((lowered, WorkflowDebug { name, description, nodes: node_places, codes: tables.places }))
}

/// Fields by name, so that their order in the source makes no difference.
fn sorted<'a, T>(
    fields: impl Iterator<Item = (&'a EcoString, T)>,
) -> impl Iterator<Item = (&'a EcoString, T)> {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by_key(|(name, _)| *name);
    fields.into_iter()
}

fn nodes<'a>(
    workflow: &'a checked::Workflow,
    tables: &mut Tables<'a, '_>,
) -> Result<(Vec<Node>, Vec<NodeDebug>), Error> {
    let mut lowered = Vec::with_capacity(workflow.nodes.len());
    for graph in &workflow.graphs {
        for node in &graph.nodes {
            lowered.push(tables.lower_node(*node, workflow)?);
        }
        lowered.extend(messages(workflow, graph).filter_map(|node| tables.lower_message(node, workflow)));
    }
    Ok(lowered.into_iter().unzip())
}

fn graphs(workflow: &checked::Workflow, tables: &Tables<'_, '_>) -> Vec<Graph> {
    let mut first = 0;
    let mut graphs = Vec::with_capacity(workflow.graphs.len());
    for graph in &workflow.graphs {
        let count = graph.nodes.len() + messages(workflow, graph).count();
        let mut edges: Vec<_> = graph.edges.iter().map(|edge| self::edge(edge, tables)).collect();
        edges.sort();
        edges.dedup();
        graphs.push(Graph { first: NodeId::from(first), count: count as u32, edges });
        first += count;
    }
    graphs
}

fn edge(edge: &checked::Edge, tables: &Tables<'_, '_>) -> Edge {
    let on = match &edge.on {
        checked::Outcome::Start => Outcome::Start,
        checked::Outcome::Port(port) => Outcome::Port(*port as u32),
        checked::Outcome::OtherErrors => Outcome::OtherErrors,
        checked::Outcome::Errors(errors) => {
            let mut errors = texts(errors);
            errors.sort();
            errors.dedup();
            Outcome::Errors(errors)
        }
    };
    Edge { from: edge.from.map(|from| tables.node(from)), on, to: tables.node(edge.to) }
}

fn concurrency(concurrency: &checked::Concurrency, tables: &mut Tables<'_, '_>) -> Concurrency {
    Concurrency {
        key: concurrency.key.map(|key| tables.code(key)),
        limit: concurrency.limit,
        then: match concurrency.then.as_str() {
            "cancel_running" => Overflow::CancelRunning,
            "reject" => Overflow::Reject,
            _ => Overflow::Queue,
        },
    }
}

fn plugins<'a>(program: &'a Program, tables: &mut Tables<'a, '_>) -> Vec<Plugin> {
    let used = tables.plugins.entries().to_vec();
    let plugin = |index: usize| {
        let plugin = &program.plugins[index];
        let config = tables.config(&plugin.config);
        Plugin { name: plugin.name.to_string(), source: plugin.source.to_string(), config }
    };
    used.into_iter().map(plugin).collect()
}

fn settings(program: &Program, tables: &mut Tables<'_, '_>) -> Vec<Setting> {
    let used = tables.names.settings.entries().to_vec();
    let setting = |index: usize| {
        let setting = &program.settings[index];
        Setting {
            name: setting.name.to_string(),
            shape: tables.shape(&setting.ty, Border::Closed),
            default: setting.default.map(|default| tables.code(default)),
        }
    };
    used.into_iter().map(setting).collect()
}

fn constants(program: &Program, tables: &mut Tables<'_, '_>) -> Vec<Constant> {
    let used = std::mem::take(&mut tables.names.constants).finish();
    let constant = |(index, value): (usize, _)| Constant {
        name: program.constants[index].name.to_string(),
        value: tables.compiled(value),
    };
    used.into_iter().map(constant).collect()
}

/// The secrets by names that tell them apart, as a template names its secrets: those of two files may have one name.
fn secrets(program: &Program, tables: &Tables<'_, '_>) -> Vec<Secret> {
    let mut taken = BTreeSet::new();
    let mut secret = |index: &usize| {
        let secret = &program.secrets[*index];
        let mut name = secret.name.to_string();
        for number in 2.. {
            if taken.insert(name.clone()) {
                break;
            }
            name = format!("{}.{number}", secret.name);
        }
        Secret { name, source: source(&secret.source) }
    };
    tables.names.secrets.entries().iter().map(&mut secret).collect()
}

fn source(source: &checked::SecretSource) -> SecretSource {
    match source {
        checked::SecretSource::Env(name) => SecretSource::Env(name.to_string()),
        checked::SecretSource::File(path) => SecretSource::File(path.to_string()),
        checked::SecretSource::Command(words) => SecretSource::Command(texts(words)),
        checked::SecretSource::Age(path) => SecretSource::Age(path.to_string()),
    }
}
