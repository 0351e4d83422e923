//! Circles in a small graph of names.

/// Each circle once, as the nodes on it, found at the edge that closes it. `edges` lists for each node where it
/// leads; a walk with its own stack, so depth doesn't matter.
pub(super) fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut state = vec![Visit::New; edges.len()];
    let mut found = Vec::new();
    for root in 0..edges.len() {
        if state[root] == Visit::New {
            walk(root, edges, &mut state, &mut found);
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

fn walk(root: usize, edges: &[Vec<usize>], state: &mut [Visit], found: &mut Vec<Vec<usize>>) {
    let mut path = vec![(root, 0)];
    state[root] = Visit::Open;
    while let Some((node, next)) = path.last_mut() {
        let Some(target) = edges[*node].get(*next).copied() else {
            state[*node] = Visit::Done;
            path.pop();
            continue;
        };
        *next += 1;
        match state[target] {
            Visit::New => {
                state[target] = Visit::Open;
                path.push((target, 0));
            }
            Visit::Open => {
                let start = path.iter().position(|(node, _)| *node == target).unwrap_or(0);
                found.push(path[start..].iter().map(|(node, _)| *node).collect());
            }
            Visit::Done => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn each_circle_is_found_once() {
        assert!(circles(&[vec![1], vec![2], vec![]]).is_empty());
        assert_eq!(circles(&[vec![1], vec![2], vec![0]]), [[0, 1, 2]]);
        assert_eq!(circles(&[vec![0], vec![0]]), [[0]]);
    }
}
