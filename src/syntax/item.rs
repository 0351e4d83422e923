//! Declarations.

use pest::iterators::{Pair, Pairs};

use super::builder::Builder;
use super::grammar::Rule;
use crate::ast::{
    Const, ErrorDecl, Expect, Import, ImportName, Item, ItemKind, Mock, Plugin, SecretDecl, Section,
    SectionKind, Setting, Test, TestMember, TypeDecl, TypeKind, Workflow,
};

impl Builder<'_> {
    /// A declaration; `None` where it didn't parse.
    pub fn item(&mut self, pair: Pair<'_, Rule>) -> Option<Item> {
        self.unbalanced = false;
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = pair.into_inner();
        let kind = match rule {
            Rule::import => ItemKind::Import(self.import(inner)?),
            Rule::constant => ItemKind::Const(Const {
                name: self.declared(&mut inner)?,
                value: self.expression(inner.next()?),
            }),
            Rule::secret => ItemKind::Secret(SecretDecl {
                name: self.declared(&mut inner)?,
                value: self.expression(inner.next()?),
            }),
            Rule::setting => ItemKind::Setting(self.setting(inner)?),
            Rule::type_declaration => ItemKind::Type(self.type_declaration(inner)?),
            Rule::error_declaration => ItemKind::Error(ErrorDecl {
                name: self.plain_name(&mut inner)?,
                params: inner.next().map(|params| self.params(params).params).unwrap_or_default(),
            }),
            Rule::plugin => ItemKind::Plugin(Plugin {
                name: self.plain_name(&mut inner)?,
                source: self.literal_text(inner.next()?),
                block: inner.next().map(|block| self.block(block)),
            }),
            Rule::section => {
                let word = inner.next()?.as_str();
                self.section(section_kind(word)?, inner)?
            }
            Rule::activity => self.section(SectionKind::Activity, inner)?,
            Rule::trigger => self.section(SectionKind::Trigger, inner)?,
            Rule::workflow => ItemKind::Workflow(Workflow {
                name: self.plain_name(&mut inner)?,
                body: self.body(inner.next()?),
            }),
            _ => ItemKind::Test(self.test(inner)?),
        };
        Some(Item { kind, span, doc: self.doc_above(span) })
    }

    fn plain_name(&mut self, inner: &mut Pairs<'_, Rule>) -> Option<crate::ast::Name> {
        let pair = inner.next()?;
        Some(self.name(&pair))
    }

    fn declared(&mut self, inner: &mut Pairs<'_, Rule>) -> Option<crate::ast::Name> {
        let name = self.plain_name(inner)?;
        self.check_name(&name);
        Some(name)
    }

    fn import(&mut self, inner: Pairs<'_, Rule>) -> Option<Import> {
        let mut names = Vec::new();
        let mut path = None;
        for part in inner {
            if part.as_rule() == Rule::import_name {
                let mut both = part.into_inner().map(|name| self.name(&name));
                names.push(ImportName { name: both.next()?, alias: both.next() });
            } else {
                path = Some(self.literal_text(part));
            }
        }
        Some(Import { names, path: path? })
    }

    fn setting(&mut self, mut inner: Pairs<'_, Rule>) -> Option<Setting> {
        let name = self.declared(&mut inner)?;
        let ty = self.type_expr(inner.next()?);
        Some(Setting { name, ty, default: inner.next().map(|default| self.expression(default)) })
    }

    fn type_declaration(&mut self, mut inner: Pairs<'_, Rule>) -> Option<TypeDecl> {
        let name = self.plain_name(&mut inner)?;
        let body = inner.next()?;
        let span = self.span(&body);
        let ty = if body.as_rule() == Rule::params {
            let params = self.params(body).params;
            self.ty(TypeKind::Record(params), span)
        } else {
            self.type_expr(body)
        };
        Some(TypeDecl { name, ty })
    }

    fn section(&mut self, kind: SectionKind, mut inner: Pairs<'_, Rule>) -> Option<ItemKind> {
        let name = self.plain_name(&mut inner)?;
        let block = self.block(inner.next()?);
        Some(ItemKind::Section(Section { kind, name, block }))
    }

    fn test(&mut self, mut inner: Pairs<'_, Rule>) -> Option<Test> {
        let name = self.literal_text(inner.next()?);
        let block = inner.next()?;
        let span = self.span(&block);
        let mut test = Test { name, members: Vec::new(), span, incomplete: false };
        let mut after: Option<usize> = None;
        for member in block.into_inner() {
            match member.as_rule() {
                Rule::headless => {
                    test.incomplete = true;
                    self.headless(&member);
                }
                Rule::bad_member => {
                    test.incomplete = true;
                    self.explain_bad(&member, Rule::plain_field);
                }
                Rule::missing_close => self.missing_close(&member, span.head()),
                Rule::close | Rule::comma => after = None,
                _ => {
                    self.check_comma(&mut after, &member);
                    test.members.extend(self.test_member(member));
                }
            }
        }
        Some(test)
    }

    fn test_member(&mut self, pair: Pair<'_, Rule>) -> Option<TestMember> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::mock => {
                let mut path = Vec::new();
                for part in pair.into_inner() {
                    if part.as_rule() == Rule::name {
                        path.push(self.name(&part));
                    } else {
                        return Some(TestMember::Mock(Mock { path, block: self.block(part), span }));
                    }
                }
                None
            }
            Rule::expect => Some(TestMember::Expect(self.expect(pair))),
            _ => self.field(pair).map(TestMember::Field),
        }
    }

    fn expect(&mut self, pair: Pair<'_, Rule>) -> Expect {
        let span = self.span(&pair);
        let mut conditions = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expr => conditions.push(self.expression(part)),
                Rule::bad_field => self.explain_bad(&part, Rule::expr),
                Rule::missing_close => self.missing_close(&part, span.head()),
                _ => {}
            }
        }
        Expect { conditions, span }
    }
}

fn section_kind(word: &str) -> Option<SectionKind> {
    [SectionKind::Retry, SectionKind::Breaker, SectionKind::Limit, SectionKind::Schedule]
        .into_iter()
        .find(|kind| kind.keyword() == word)
}
