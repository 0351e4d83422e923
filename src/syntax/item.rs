//! Declarations.

use ecow::EcoString;
use pest::iterators::{Pair, Pairs};

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use super::type_expr::is_string;
use crate::ast::{
    Block, Const, ErrorDecl, ExprId, File, Import, ImportName, Item, ItemKind, Name, Plugin, SecretDecl,
    Section, SectionKind, Setting, Text, TypeDecl, TypeId, Workflow,
};
use crate::source::Span;

impl Builder<'_> {
    /// All declarations of a file.
    pub fn file(&mut self, tree: &mut File, pairs: Pairs<'_, Rule>) {
        let mut misplaced = false;
        for pair in pairs.flat_map(Pair::into_inner) {
            let before = tree.items.len();
            let follows = std::mem::replace(&mut misplaced, pair.as_rule() == Rule::misplaced_member);
            match pair.as_rule() {
                Rule::EOI => break,
                Rule::misplaced_member if follows => {}
                Rule::misplaced_member => self.misplaced_member(pair),
                Rule::bad_item => tree.items.extend(self.bad_item(&pair)),
                Rule::reserved => self.reserved(pair),
                _ => tree.items.extend(self.item(pair)),
            }
            tree.incomplete |= tree.items.len() == before;
            tree.items.append(&mut self.misplaced_items);
        }
    }

    fn reserved(&mut self, pair: Pair<'_, Rule>) {
        if let Some(word) = Parts::of(pair).take(Rule::reserved_word) {
            self.report(self.span(&word), Error::ReservedDeclaration { written: word.as_str().into() });
        }
    }

    /// A node, a chain or a field outside of any workflow; those that follow it are the same mistake.
    fn misplaced_member(&mut self, pair: Pair<'_, Rule>) {
        let place = self.span(&pair).head();
        let (what, home) = match pair.into_inner().next().map(|member| member.as_rule()) {
            Some(Rule::node) => ("a node", "in a workflow"),
            Some(Rule::chain) => ("a connection", "in a workflow"),
            Some(Rule::mock | Rule::expect) => ("this", "in a test"),
            _ => ("a field", "in a block"),
        };
        self.report(place, Error::Misplaced { what: what.into(), place: home });
    }

    /// A declaration; `None` where too little of it is there.
    pub fn item(&mut self, pair: Pair<'_, Rule>) -> Option<Item> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        let keyword = match rule {
            Rule::import => "import",
            Rule::constant => "const",
            Rule::setting => "setting",
            Rule::secret => "secret",
            Rule::type_declaration => "type",
            Rule::error_declaration => "error",
            Rule::plugin => "plugin",
            Rule::activity => "activity",
            Rule::trigger => "trigger",
            Rule::workflow => "workflow",
            Rule::test => "test",
            _ => parts.next()?.as_str(),
        };
        self.item_rest(keyword, &mut parts, span)
    }

    /// What follows a declaration's keyword.
    pub fn item_rest(&mut self, keyword: &str, parts: &mut Parts<'_>, span: Span) -> Option<Item> {
        let kind = match keyword {
            "import" => ItemKind::Import(self.import(parts)?),
            "const" => {
                let (name, value) = self.assignment(parts)?;
                ItemKind::Const(Const { name, value })
            }
            "secret" => {
                let (name, value) = self.assignment(parts)?;
                ItemKind::Secret(SecretDecl { name, value })
            }
            "setting" => ItemKind::Setting(self.setting(parts)?),
            "type" => ItemKind::Type(self.type_declaration(parts)),
            "error" => ItemKind::Error(self.error_declaration(parts)),
            "plugin" => ItemKind::Plugin(self.plugin(parts)?),
            "workflow" => ItemKind::Workflow(self.workflow(parts)?),
            "test" => ItemKind::Test(self.test_rest(parts)?),
            section => ItemKind::Section(self.section(section_kind(section)?, parts)?),
        };
        self.line_end(parts);
        Some(Item { kind, span, doc: self.doc_above(span) })
    }

    /// Nothing may follow a declaration on its line.
    fn line_end(&mut self, parts: &mut Parts<'_>) {
        if let Some(pair) = parts.take(Rule::unexpected_line) {
            let span = self.span(&pair);
            match pair.as_str() {
                text if text.starts_with([')', ']', '}']) => self.report(span.head(), Error::UnexpectedClose),
                _ => self.expected(span, "an operator or the end of the line"),
            }
        }
    }

    fn import(&mut self, parts: &mut Parts<'_>) -> Option<Import> {
        let mut names = Vec::new();
        let mut nameless = None;
        while let Some(part) = parts.next() {
            match part.as_rule() {
                Rule::import_name => names.extend(self.import_name(part)),
                Rule::missing_names => {
                    nameless = Some(self.span(&part));
                    self.report(self.span(&part), Error::ImportNames);
                }
                Rule::missing_from if nameless.is_none() => {
                    self.expected(self.after_token(self.span(&part)), "`from` and a path in quotes");
                }
                Rule::missing_name if nameless.is_none() => {
                    self.expected(self.after_token(self.span(&part)), "a path in quotes");
                }
                // Of one that names nothing the names are what stands in its text.
                rule if is_string(rule) && nameless.is_some() => return None,
                rule if is_string(rule) => return Some(Import { names, path: self.literal_text(part) }),
                _ => {
                    self.separator(&part);
                }
            }
        }
        None
    }

    fn import_name(&mut self, pair: Pair<'_, Rule>) -> Option<ImportName> {
        let mut parts = Parts::of(pair);
        let name = parts.take(Rule::name).map(|name| self.name(&name))?;
        if let Some(colon) = parts.take(Rule::colon_alias) {
            self.report_fixed(self.span(&colon), Error::ColonAlias, " as");
        }
        let alias = parts.next().map(|alias| {
            if alias.as_rule() == Rule::missing_name {
                self.report(self.span(&alias), Error::MissingName);
            }
            self.name(&alias)
        });
        Some(ImportName { name, alias })
    }

    /// `name = value`
    fn assignment(&mut self, parts: &mut Parts<'_>) -> Option<(Name, ExprId)> {
        let name = self.declared(parts);
        let usable = self.check_name(&name);
        if let Some(annotation) = parts.take(Rule::annotation) {
            self.report(self.span(&annotation), Error::AnnotatedConstant);
        }
        let complete = self.assigned(&name, parts);
        let value = match parts.take(Rule::missing_value) {
            Some(missing) => {
                let place = self.span(&missing);
                if complete {
                    self.report(self.after_token(place), Error::MissingValue { name: name.text.to_string() });
                }
                self.bad(place)
            }
            None => self.expression_or_missing(parts),
        };
        usable.then_some((name, value))
    }

    /// The `=` of a declaration, as it was written; whether it is there.
    fn assigned(&mut self, name: &Name, parts: &mut Parts<'_>) -> bool {
        if let Some(colon) = parts.take(Rule::colon) {
            self.report_fixed(self.span(&colon), Error::EqualsNotColon { name: name.text.to_string() }, "=");
        }
        let missing = parts.take(Rule::missing_equals).map(|missing| self.span(&missing));
        if let Some(place) = missing {
            self.expected(self.after_token(place), format!("`=` and a value after `{}`", name.text));
        }
        missing.is_none()
    }

    fn setting(&mut self, parts: &mut Parts<'_>) -> Option<Setting> {
        let name = self.declared(parts);
        let usable = self.check_name(&name);
        let ty = self.type_or_missing(parts, &name.text);
        let default = matches!(parts.peek(), Some(Rule::value | Rule::missing_value));
        let default = default.then(|| self.expression_or_missing(parts));
        usable.then_some(Setting { name, ty, default })
    }

    fn type_declaration(&mut self, parts: &mut Parts<'_>) -> TypeDecl {
        let name = self.declared(parts);
        self.stray_head(parts);
        if let Some(colon) = parts.take(Rule::colon) {
            self.report_fixed(self.span(&colon), Error::EqualsNotColon { name: name.text.to_string() }, " =");
        }
        TypeDecl { ty: self.declared_type(&name, parts), name }
    }

    fn declared_type(&mut self, name: &Name, parts: &mut Parts<'_>) -> TypeId {
        if let Some(missing) = parts.take(Rule::missing_open) {
            let place = self.after_token(self.span(&missing));
            self.report(place, Error::MissingType { name: name.text.to_string() });
            return self.ty(crate::ast::TypeKind::Bad, place);
        }
        match parts.take(Rule::params) {
            Some(params) => self.record(params),
            None => self.type_or_missing(parts, &name.text),
        }
    }

    fn error_declaration(&mut self, parts: &mut Parts<'_>) -> ErrorDecl {
        let name = self.declared(parts);
        self.stray_head(parts);
        let params = parts.take(Rule::params).map(|params| self.params(params).params);
        ErrorDecl { name, params: params.unwrap_or_default() }
    }

    fn plugin(&mut self, parts: &mut Parts<'_>) -> Option<Plugin> {
        let name = self.declared(parts);
        let missing_from = parts.take(Rule::missing_from).map(|missing| self.span(&missing));
        if let Some(place) = missing_from {
            self.expected(self.after_token(place), "`from` and a path in quotes");
        }
        let source = parts.next()?;
        let source = if is_string(source.as_rule()) {
            self.literal_text(source)
        } else {
            let place = self.after_token(self.span(&source));
            if missing_from.is_none() {
                self.expected(place, "a path in quotes");
            }
            Text { value: EcoString::new(), span: place }
        };
        Some(Plugin { name, source, block: parts.take(Rule::values).map(|block| self.block(block)) })
    }

    fn section(&mut self, kind: SectionKind, parts: &mut Parts<'_>) -> Option<Section> {
        let name = self.declared(parts);
        self.stray_head(parts);
        Some(Section { kind, name, block: self.section_block(parts)? })
    }

    fn section_block(&mut self, parts: &mut Parts<'_>) -> Option<Block> {
        let part = parts.next()?;
        match part.as_rule() {
            Rule::missing_open => {
                let missing = self.span(&part);
                Some(self.loose_block(parts, missing))
            }
            _ => Some(self.block(part)),
        }
    }

    fn workflow(&mut self, parts: &mut Parts<'_>) -> Option<Workflow> {
        let name = self.declared(parts);
        self.stray_head(parts);
        let part = parts.next()?;
        let body = match part.as_rule() {
            Rule::missing_open => {
                let missing = self.span(&part);
                self.loose_body(parts, missing)
            }
            _ => self.body(part),
        };
        Some(Workflow { name, body })
    }
}

fn section_kind(word: &str) -> Option<SectionKind> {
    use SectionKind::{Activity, Breaker, Limit, Retry, Schedule, Trigger};
    [Retry, Breaker, Limit, Activity, Schedule, Trigger].into_iter().find(|kind| kind.keyword() == word)
}
