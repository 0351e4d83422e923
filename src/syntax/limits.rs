//! Limits that hold before anything recurses.

/// How deep brackets may nest, conditionals without their colon and types among them.
pub(super) const MAX_NESTING: usize = 128;

/// How deep interpolated texts may nest.
pub(super) const MAX_INTERPOLATIONS: usize = 4;

/// How deep the tree of an expression may be, so that whoever walks it may recurse.
pub(super) const MAX_HEIGHT: u16 = 256;
