//! What a test starts, and with what.

use super::Reports;
use crate::ast::{File, Test, TestMember};
use crate::check::block::Expected;
use crate::check::checker::{Checker, Site};
use crate::check::program::{Argument, Test as Checked, WorkflowIx};
use crate::check::typed::ExprId;

impl<'a> Checker<'a> {
    /// A test; the workflows must have been checked.
    pub(in crate::check) fn test(&mut self, file: &'a File, test: &'a Test) {
        let Some((workflow, input)) = self.tested(file, test) else { return };
        let (mut mocks, mut mocked, mut expectations) = (Vec::new(), Vec::new(), Vec::new());
        for member in &test.members {
            if let TestMember::Mock(mock) = member {
                mocks.extend(self.mock(file, workflow, mock, &mut mocked));
            }
        }
        let reports = Reports::of(&self.program.workflows[workflow]);
        for member in &test.members {
            if let TestMember::Expect(expect) = member {
                expectations.extend(self.expectations(file, expect, &reports));
            }
        }
        let (name, span) = (test.name.value.clone(), test.name.span);
        self.program.tests.push(Checked { name, span, workflow, input, mocks, expectations });
    }

    /// The workflow that a test starts, and with what; the input is checked on the way.
    fn tested(&mut self, file: &'a File, test: &'a Test) -> Option<(WorkflowIx, Option<ExprId>)> {
        let site: Site<'_, 'a> = self.constant_site(file);
        let of = format!("the test `{}`", test.name.value);
        let fields: Vec<_> = test
            .members
            .iter()
            .filter_map(|member| if let TestMember::Field(field) = member { Some(field) } else { None })
            .collect();
        let blocks = self.catalog.section("test").into_iter().collect();
        let expected = Expected { blocks, of: of.clone(), head: test.name.span, incomplete: test.incomplete };
        let (config, _) = self.config(&site, &expected, &fields, &[]);
        let Some(Argument::Workflow(workflow)) = config.get("workflow") else { return None };
        if config.span("input").is_none() && !config.is_doubtful() {
            self.check_no_input(config.get("workflow"), &of, test.name.span);
        }
        Some((*workflow, config.expr("input")))
    }
}
