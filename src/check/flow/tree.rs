//! A growing tree that answers "which is above which" in logarithmic time.
//!
//! Each vertex keeps one jump beside its parent, as in Myers' skew-binary random-access lists
//! ("An applicative random-access stack", 1983): adding a vertex costs O(1), a search O(log n).

/// A vertex, by the order of adding; 0 is the root.
pub(super) type VertexIx = u32;

#[derive(Debug, Clone, Copy)]
struct Vertex {
    parent: VertexIx,
    jump: VertexIx,
    depth: u32,
}

#[derive(Debug)]
pub(super) struct Tree {
    vertices: Vec<Vertex>,
}

impl Tree {
    pub(super) const ROOT: VertexIx = 0;

    pub(super) fn new() -> Self {
        Self { vertices: vec![Vertex { parent: Self::ROOT, jump: Self::ROOT, depth: 0 }] }
    }

    /// Adds a vertex below `parent`.
    pub(super) fn add(&mut self, parent: VertexIx) -> VertexIx {
        let above = self.at(parent);
        let jumped = self.at(above.jump);
        let even = above.depth - jumped.depth == jumped.depth - self.at(jumped.jump).depth;
        let jump = if even { jumped.jump } else { parent };
        self.vertices.push(Vertex { parent, jump, depth: above.depth + 1 });
        (self.vertices.len() - 1) as VertexIx
    }

    /// Whether `above` is `below` or stands on its way to the root.
    pub(super) fn is_above(&self, above: VertexIx, below: VertexIx) -> bool {
        self.climb(below, self.at(above).depth) == above
    }

    /// The deepest vertex that is above both.
    pub(super) fn common(&self, a: VertexIx, b: VertexIx) -> VertexIx {
        let depth = self.at(a).depth.min(self.at(b).depth);
        let (mut a, mut b) = (self.climb(a, depth), self.climb(b, depth));
        while a != b {
            let (up_a, up_b) = (self.at(a), self.at(b));
            (a, b) = if up_a.jump == up_b.jump { (up_a.parent, up_b.parent) } else { (up_a.jump, up_b.jump) };
        }
        a
    }

    pub(super) fn deeper(&self, a: VertexIx, b: VertexIx) -> VertexIx {
        if self.at(b).depth > self.at(a).depth { b } else { a }
    }

    /// The vertex above `from` (or itself) that stands at `depth`, or `from` if it stands higher.
    fn climb(&self, from: VertexIx, depth: u32) -> VertexIx {
        let mut here = from;
        while self.at(here).depth > depth {
            let vertex = self.at(here);
            here = if self.at(vertex.jump).depth >= depth { vertex.jump } else { vertex.parent };
        }
        here
    }

    fn at(&self, ix: VertexIx) -> Vertex {
        self.vertices[ix as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn finds_what_is_above_in_deep_trees() {
        let mut tree = Tree::new();
        let fork = (0..1000).fold(Tree::ROOT, |above, _| tree.add(above));
        let left = (0..777).fold(fork, |above, _| tree.add(above));
        let right = (0..13).fold(fork, |above, _| tree.add(above));
        assert_eq!(tree.common(left, right), fork);
        assert_eq!(tree.common(left, 500), 500);
        assert!(tree.is_above(fork, left) && tree.is_above(left, left));
        assert!(!tree.is_above(left, right) && !tree.is_above(left, fork));
    }
}
