use super::shape::Border;
use super::tables::{Tables, texts};
use crate::check::program as checked;
use crate::check::typed::ExprId;
use crate::plan::{Argument, Config, ErrorValue};
use crate::value::EcoString;

impl<'a> Tables<'a, '_> {
    /// The fields of a block.
    pub(super) fn config(&mut self, config: &'a checked::Config) -> Config {
        let fields = config.iter();
        fields.filter_map(|(name, argument)| Some((name.to_string(), self.argument(argument)?))).collect()
    }

    /// What a field holds; nothing where it names a policy, which stands in the node's own fields.
    fn argument(&mut self, argument: &'a checked::Argument) -> Option<Argument> {
        Some(match argument {
            checked::Argument::Expr(expr) => Argument::Expr(self.code(*expr)),
            checked::Argument::Address(expr) => Argument::Expr(self.address(*expr)),
            checked::Argument::Word(word) => Argument::Word(word.to_string()),
            checked::Argument::Text(text) => Argument::Text(text.to_string()),
            checked::Argument::Millis(millis) => Argument::Millis(*millis),
            checked::Argument::Int(number) => Argument::Int(*number),
            checked::Argument::Bool(yes) => Argument::Bool(*yes),
            checked::Argument::Double(number) => Argument::Double(*number),
            checked::Argument::Type(ty) => Argument::Shape(self.shape(ty, Border::Open)),
            checked::Argument::Error { name, details, message } => {
                Argument::Error(self.error_value(name, *details, *message))
            }
            checked::Argument::Policy { .. } => return None,
            checked::Argument::Form { name, arguments } => {
                Argument::Form { name: name.to_string(), arguments: self.arguments(arguments) }
            }
            checked::Argument::Fields(config) => Argument::Fields(self.config(config)),
            checked::Argument::List(several) => Argument::List(self.arguments(several)),
            checked::Argument::Cases(cases) => Argument::Cases(self.cases(cases)),
            checked::Argument::Errors(names) => Argument::Errors(texts(names)),
            checked::Argument::Node(node) => Argument::Node(self.node(*node)),
            checked::Argument::Workflow(workflow) => Argument::Callee(self.callee(*workflow)),
            checked::Argument::Activity(activity) => Argument::Remote(self.remote(*activity)),
            checked::Argument::Tool(tool) => {
                self.tool(tool);
                Argument::Tool(tool.to_string())
            }
        })
    }

    fn arguments(&mut self, arguments: &'a [checked::Argument]) -> Vec<Argument> {
        arguments.iter().filter_map(|argument| self.argument(argument)).collect()
    }

    fn cases(&mut self, cases: &'a [(EcoString, checked::Argument)]) -> Vec<(String, Argument)> {
        cases
            .iter()
            .filter_map(|(name, argument)| Some((name.to_string(), self.argument(argument)?)))
            .collect()
    }

    /// An error that the author makes.
    pub(super) fn error_value(
        &mut self,
        name: &str,
        details: Option<ExprId>,
        message: Option<ExprId>,
    ) -> ErrorValue {
        ErrorValue {
            name: name.to_owned(),
            details: details.map(|details| self.code(details)),
            message: message.map(|message| self.code(message)),
        }
    }
}
