//! Declarations that are a keyword, a name and a block: policies, activities, schedules, triggers, plugins.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::block::Expected;
use super::checker::{Checker, Site};
use super::program::{
    Activity, Argument, Breaker, Config, Effect, Limit, Plugin, Schedule, Timing, Trigger, TriggerAuth,
    WorkflowIx,
};
use super::retry;
use super::scope::Place;
use crate::ast::{self, Section};
use crate::diagnostic::Finding;
use crate::types::Type;

/// What can be wrong with such a declaration.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("anybody who finds the address of `{name}` can call it")]
    #[diagnostic(
        code(missing_auth),
        help("add `auth: hmac_sha256(secret, \"X-Signature\")` or another form")
    )]
    MissingAuth { name: EcoString },
    #[error("the tools of `{name}` are not locked, so their inputs and outputs aren't checked")]
    #[diagnostic(code(plugin_not_locked), severity(Warning), help("run `citadel plugin add {source_text}`"))]
    NotLocked { name: EcoString, source_text: EcoString },
}

impl<'a> Checker<'a> {
    /// The fields of a section.
    fn section(&mut self, site: &Site<'_, 'a>, section: &'a Section) -> Config {
        let keyword = section.kind.keyword();
        let of = format!("{} `{}`", with_article(keyword), section.name.text);
        self.block(site, keyword, of, &section.name, &section.block)
    }

    fn block(
        &mut self,
        site: &Site<'_, 'a>,
        keyword: &str,
        of: String,
        name: &'a ast::Name,
        block: &'a ast::Block,
    ) -> Config {
        let blocks = self.catalog.section(keyword).into_iter().collect();
        let expected = Expected { blocks, of, head: name.span, incomplete: block.incomplete };
        let fields: Vec<&ast::Field> = block.fields.iter().collect();
        self.config(site, &expected, &fields, &[]).0
    }

    /// A retry policy.
    pub(super) fn retry_policy(&mut self, site: &Site<'_, 'a>, section: &'a Section) {
        let config = self.section(site, section);
        let policy = retry::policy(&config, &mut self.problems);
        self.policies.push(policy);
    }

    /// A circuit breaker.
    pub(super) fn breaker(&mut self, site: &Site<'_, 'a>, section: &'a Section) {
        let config = self.section(site, section);
        self.program.breakers.push(Breaker {
            name: section.name.text.clone(),
            failure_threshold: config.count("failure_threshold").unwrap_or(1),
            window: config.millis("window").unwrap_or(0),
            cooldown: config.millis("cooldown").unwrap_or(0),
            half_open_probes: config.count("half_open_probes").unwrap_or(1),
        });
    }

    /// A limit.
    pub(super) fn limit(&mut self, site: &Site<'_, 'a>, section: &'a Section) {
        let config = self.section(site, section);
        self.program.limits.push(Limit {
            name: section.name.text.clone(),
            rate: config.count("rate").zip(config.millis("per")),
            concurrency: config.count("concurrency"),
        });
    }

    /// A remote activity.
    pub(super) fn activity(&mut self, site: &Site<'_, 'a>, section: &'a Section) {
        let config = self.section(site, section);
        let ty = |field: &str| config.ty(field).cloned();
        let errors = match config.get("errors") {
            Some(Argument::Errors(names)) => names.as_slice(),
            _ => &[],
        };
        let errors = errors.iter().map(|name| self.declared_error(site.file.id, name, true)).collect();
        self.program.activities.push(Activity {
            name: section.name.text.clone(),
            task_queue: config.word("task_queue").cloned().unwrap_or_default(),
            input: ty("input").unwrap_or_else(empty_record),
            returns: ty("returns").unwrap_or_else(empty_record),
            effect: effect(&config),
            errors,
        });
    }

    /// A schedule.
    pub(super) fn schedule(&mut self, site: &Site<'_, 'a>, section: &'a Section) {
        let config = self.section(site, section);
        let Some(workflow) = self.started(section, &config) else { return };
        let every = config.millis("every").map(Timing::Every);
        let cron = config.word("cron").cloned().map(Timing::Cron);
        let Some(timing) = cron.or(every) else { return };
        self.program.schedules.push(Schedule {
            name: section.name.text.clone(),
            span: section.name.span,
            workflow,
            input: config.expr("input"),
            timing,
            timezone: config.word("timezone").cloned().unwrap_or_else(|| "UTC".into()),
            overlap: config.word("overlap").cloned().unwrap_or_default(),
            catchup_window: config.millis("catchup_window"),
            jitter: config.millis("jitter"),
            paused: config.flag("paused"),
        });
    }

    /// A trigger.
    pub(super) fn trigger(&mut self, file: &'a ast::File, section: &'a Section) {
        let body = match section.block.field("body").map(|field| &field.value) {
            Some(ast::FieldValue::Type(ty)) => self.quietly(|checker| checker.type_of(file, *ty)),
            _ => Type::Json,
        };
        let site = &Site { file, place: Place::Trigger(&body), given: &[] };
        if section.block.field("auth").is_none() && !section.block.incomplete {
            let error = Error::MissingAuth { name: section.name.text.clone() };
            self.problems.report(Finding::new(section.name.span, error));
        }
        let config = self.section(site, section);
        let Some(workflow) = self.started(section, &config) else { return };
        let Some(Argument::Form { name, arguments }) = config.get("auth") else { return };
        self.program.triggers.push(Trigger {
            name: section.name.text.clone(),
            span: section.name.span,
            webhook: config.word("webhook").cloned().unwrap_or_default(),
            auth: TriggerAuth { scheme: name.clone(), arguments: arguments.clone() },
            body: config.ty("body").cloned().unwrap_or(Type::Json),
            workflow,
            input: config.expr("input"),
            id: config.expr("id"),
        });
    }

    /// What a schedule or trigger starts; its input is checked where it is written, and missed where it isn't.
    fn started(&mut self, section: &'a Section, config: &Config) -> Option<WorkflowIx> {
        let Some(Argument::Workflow(workflow)) = config.get("workflow") else { return None };
        if config.span("input").is_none() && !config.is_doubtful() {
            let of = format!("{} `{}`", with_article(section.kind.keyword()), section.name.text);
            self.check_no_input(Some(&Argument::Workflow(*workflow)), &of, section.name.span);
        }
        Some(*workflow)
    }

    /// A plugin.
    pub(super) fn plugin(&mut self, site: &Site<'_, 'a>, plugin: &'a ast::Plugin, used: bool) {
        let of = format!("the plugin `{}`", plugin.name.text);
        let config = match &plugin.block {
            Some(block) => self.block(site, "plugin", of, &plugin.name, block),
            None => Config::default(),
        };
        if used {
            let (name, source_text) = (plugin.name.text.clone(), plugin.source.value.clone());
            self.problems.report(Finding::new(plugin.name.span, Error::NotLocked { name, source_text }));
        }
        let (name, source) = (plugin.name.text.clone(), plugin.source.value.clone());
        self.program.plugins.push(Plugin { name, source, config });
    }
}

/// What a second execution does, where a block says so.
pub(super) fn effect(config: &Config) -> Option<Effect> {
    match config.word("effect")?.as_str() {
        "once" => Some(Effect::Once),
        _ => Some(Effect::Idempotent),
    }
}

fn empty_record() -> Type {
    Type::record(Vec::<(EcoString, Type)>::new())
}

fn with_article(keyword: &str) -> String {
    let article = if keyword.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {keyword}").replacen("a retry", "the retry policy", 1)
}
