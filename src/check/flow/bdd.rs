//! Binary decision diagrams (Bryant, 1986): boolean functions in a form in which equal functions are the same.
//!
//! The variable with the greatest number stands on top. Variables are numbered as the nodes of a graph are met in
//! topological order, so the outcome of a node stands above everything that decided whether it runs, and adding
//! it to a function costs one vertex. No operation recurses: a chain of conditions makes a diagram as deep as it
//! is long.

/// A function, by the vertex that decides it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bdd(u32);

impl Bdd {
    pub(super) const FALSE: Bdd = Bdd(0);
    pub(super) const TRUE: Bdd = Bdd(1);

    /// Vertices lead to those with smaller indexes only.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A variable; the first is 1.
pub(super) type Variable = u32;

/// An operation needed more steps than it was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge;

/// `if variable then high else low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vertex {
    pub(super) variable: Variable,
    pub(super) low: Bdd,
    pub(super) high: Bdd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
    /// `a && !b`.
    Without,
}

#[derive(Debug, Clone, Copy)]
struct Remembered {
    operator: Operator,
    left: Bdd,
    right: Bdd,
    result: Bdd,
}

enum Task {
    Compute(Bdd, Bdd),
    Join { variable: Variable, left: Bdd, right: Bdd },
}

/// All functions of one graph.
#[derive(Debug)]
pub(super) struct Functions {
    vertices: Vec<Vertex>,
    /// Open addressing: positions in `vertices`, 0 where free.
    unique: Vec<u32>,
    /// Results of operations, each at the place that its hash gives, the last one wins.
    memory: Vec<Option<Remembered>>,
    variables: Variable,
    /// Steps that are left, and how many one operation may take.
    budget: usize,
    most_steps: usize,
}

/// One operation may take this part of what the budget was at first, and this many steps when nothing is left.
const PART_OF_BUDGET: usize = 8;
const STEPS_WITHOUT_BUDGET: usize = 16;

impl Functions {
    /// `budget` bounds the steps, and by that the vertices, of all operations together.
    pub(super) fn new(budget: usize) -> Self {
        let terminal = Vertex { variable: 0, low: Bdd::FALSE, high: Bdd::FALSE };
        Self {
            vertices: vec![terminal; 2],
            unique: vec![0; 64],
            memory: vec![None; 64],
            variables: 0,
            budget,
            most_steps: budget / PART_OF_BUDGET,
        }
    }

    /// From now on the operations may take so many steps together.
    pub(super) fn allow(&mut self, budget: usize) {
        self.budget = budget;
        self.most_steps = budget / PART_OF_BUDGET;
    }

    /// A new variable, above all others.
    pub(super) fn variable(&mut self) -> Variable {
        self.variables += 1;
        self.variables
    }

    /// `if variable then high else low`; both must be decided by smaller variables.
    pub(super) fn choice(&mut self, variable: Variable, high: Bdd, low: Bdd) -> Bdd {
        if low == high {
            return low;
        }
        let vertex = Vertex { variable, low, high };
        let mask = self.unique.len() - 1;
        let mut slot = hash(variable, low.0, high.0) & mask;
        while self.unique[slot] != 0 {
            if self.vertices[self.unique[slot] as usize] == vertex {
                return Bdd(self.unique[slot]);
            }
            slot = (slot + 1) & mask;
        }
        let ix = self.vertices.len() as u32;
        self.vertices.push(vertex);
        self.unique[slot] = ix;
        self.grow();
        Bdd(ix)
    }

    pub(super) fn and(&mut self, left: Bdd, right: Bdd) -> Result<Bdd, TooLarge> {
        self.apply(Operator::And, left, right)
    }

    pub(super) fn or(&mut self, left: Bdd, right: Bdd) -> Result<Bdd, TooLarge> {
        self.apply(Operator::Or, left, right)
    }

    /// `left && !right`.
    pub(super) fn without(&mut self, left: Bdd, right: Bdd) -> Result<Bdd, TooLarge> {
        self.apply(Operator::Without, left, right)
    }

    pub(super) fn not(&mut self, function: Bdd) -> Result<Bdd, TooLarge> {
        self.apply(Operator::Without, Bdd::TRUE, function)
    }

    /// The value where `holds` says which variables are true.
    pub(super) fn value(&self, function: Bdd, holds: impl Fn(Variable) -> bool) -> bool {
        let mut here = function;
        while here > Bdd::TRUE {
            let vertex = self.at(here);
            here = if holds(vertex.variable) { vertex.high } else { vertex.low };
        }
        here == Bdd::TRUE
    }

    /// The vertices of a function, each after those that it leads to.
    pub(super) fn walk(&self, function: Bdd) -> Vec<(Bdd, Vertex)> {
        let mut met = vec![false; function.index() + 1];
        let mut found = Vec::new();
        let mut todo = vec![function];
        while let Some(here) = todo.pop() {
            if here > Bdd::TRUE && !met[here.index()] {
                met[here.index()] = true;
                let vertex = self.at(here);
                found.push((here, vertex));
                todo.extend([vertex.low, vertex.high]);
            }
        }
        found.sort_unstable_by_key(|(here, _)| *here);
        found
    }

    /// The variable that decides a function first, 0 if none does.
    pub(super) fn top(&self, function: Bdd) -> Variable {
        self.at(function).variable
    }

    fn at(&self, function: Bdd) -> Vertex {
        self.vertices[function.index()]
    }

    fn apply(&mut self, operator: Operator, left: Bdd, right: Bdd) -> Result<Bdd, TooLarge> {
        if let Some(result) = self.known(operator, left, right) {
            return Ok(result);
        }
        let mut steps = self.most_steps.min(self.budget).max(STEPS_WITHOUT_BUDGET);
        let mut todo = vec![Task::Compute(left, right)];
        let mut done: Vec<Bdd> = Vec::new();
        while let Some(task) = todo.pop() {
            match task {
                Task::Compute(left, right) => match self.known(operator, left, right) {
                    Some(result) => done.push(result),
                    None => self.split(left, right, &mut todo),
                },
                Task::Join { variable, left, right } => {
                    steps = steps.checked_sub(1).ok_or(TooLarge)?;
                    self.budget = self.budget.saturating_sub(1);
                    let (high, low) = (done.pop().unwrap_or(Bdd::FALSE), done.pop().unwrap_or(Bdd::FALSE));
                    let result = self.choice(variable, high, low);
                    self.remember(Remembered { operator, left, right, result });
                    done.push(result);
                }
            }
        }
        Ok(done.pop().unwrap_or(Bdd::FALSE))
    }

    /// Asks for both halves of an operation, the low one first, and then for joining them.
    fn split(&self, left: Bdd, right: Bdd, todo: &mut Vec<Task>) {
        let variable = self.at(left).variable.max(self.at(right).variable);
        let half = |function: Bdd| {
            let vertex = self.at(function);
            if vertex.variable == variable { (vertex.low, vertex.high) } else { (function, function) }
        };
        let ((left_low, left_high), (right_low, right_high)) = (half(left), half(right));
        todo.push(Task::Join { variable, left, right });
        todo.push(Task::Compute(left_high, right_high));
        todo.push(Task::Compute(left_low, right_low));
    }

    fn known(&self, operator: Operator, left: Bdd, right: Bdd) -> Option<Bdd> {
        let (no, yes) = (Bdd::FALSE, Bdd::TRUE);
        let simple = match operator {
            Operator::And if left == no || right == no => Some(no),
            Operator::And if left == yes || left == right => Some(right),
            Operator::And if right == yes => Some(left),
            Operator::Or if left == yes || right == yes => Some(yes),
            Operator::Or if left == no || left == right => Some(right),
            Operator::Or if right == no => Some(left),
            Operator::Without if left == no || right == yes || left == right => Some(no),
            Operator::Without if right == no => Some(left),
            _ => None,
        };
        simple.or_else(|| self.recall(operator, left, right))
    }

    fn recall(&self, operator: Operator, left: Bdd, right: Bdd) -> Option<Bdd> {
        let known = self.memory[self.place(operator, left, right)]?;
        let same = known.operator == operator && known.left == left && known.right == right;
        same.then_some(known.result)
    }

    fn remember(&mut self, entry: Remembered) {
        let place = self.place(entry.operator, entry.left, entry.right);
        self.memory[place] = Some(entry);
    }

    fn place(&self, operator: Operator, left: Bdd, right: Bdd) -> usize {
        hash(operator as u32, left.0, right.0) & (self.memory.len() - 1)
    }

    /// Keeps both tables at most half full.
    fn grow(&mut self) {
        if self.vertices.len() * 2 <= self.unique.len() {
            return;
        }
        let size = self.unique.len() * 2;
        self.unique = vec![0; size];
        for (ix, vertex) in self.vertices.iter().enumerate().skip(2) {
            let mut slot = hash(vertex.variable, vertex.low.0, vertex.high.0) & (size - 1);
            while self.unique[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.unique[slot] = ix as u32;
        }
        self.memory = vec![None; size];
    }
}

/// Mixes three numbers by multiplying with odd constants (those of the golden ratio and of MurmurHash3).
fn hash(a: u32, b: u32, c: u32) -> usize {
    let mut mixed = u64::from(a).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ u64::from(b)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    mixed = (mixed ^ (mixed >> 29) ^ u64::from(c)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    (mixed ^ (mixed >> 32)) as usize
}

#[cfg(test)]
mod tests {
    use super::{Bdd, Functions, TooLarge};

    #[test]
    fn equal_functions_are_the_same() {
        let mut f = Functions::new(1000);
        let (x, y) = (f.variable(), f.variable());
        let (a, b) = (f.choice(x, Bdd::TRUE, Bdd::FALSE), f.choice(y, Bdd::TRUE, Bdd::FALSE));
        let (and, or) = (f.and(a, b).unwrap(), f.or(a, b).unwrap());
        let (not_a, not_b) = (f.not(a).unwrap(), f.not(b).unwrap());
        let nor = f.and(not_a, not_b).unwrap();
        assert_eq!(f.not(nor), Ok(or));
        assert_eq!(f.without(and, or), Ok(Bdd::FALSE));
        let only = f.without(or, and).unwrap();
        assert!(f.value(only, |v| v == x) && f.value(only, |v| v == y) && !f.value(only, |_| true));
    }

    #[test]
    fn deep_functions_need_no_stack_and_large_ones_are_refused() {
        let mut f = Functions::new(10);
        let mut chain = Bdd::TRUE;
        for _ in 0..200_000 {
            let x = f.variable();
            chain = f.choice(x, chain, Bdd::FALSE);
        }
        assert!(f.value(chain, |_| true));
        assert_eq!(f.not(chain), Err(TooLarge));
    }
}
