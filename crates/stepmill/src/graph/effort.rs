//! How much work a workflow's layout would be, told before it is done.
//!
//! dagre's time grows with the square of the places that ways take up in the layers they pass.
//! Definitions come from anyone, so what would take minutes is refused.

use super::{TooLarge, Workflow};

/// Places that nodes and ways may take up: about two seconds of layout.
const MOST: usize = 12_000;

/// Refuses a workflow whose layout would take too long.
pub(super) fn check(workflow: &Workflow) -> Result<(), TooLarge> {
    let layers = layers(workflow);
    let layer = |node: usize| layers.get(node).copied().unwrap_or_default();
    let places = workflow
        .edges
        .iter()
        .map(|edge| layer(edge.to).abs_diff(layer(edge.from)) * 2);
    // A layout's recursion is as deep as it has layers, at most as many as nodes.
    let places = places.fold(workflow.nodes.len() * 8, usize::saturating_add);
    if places > MOST {
        return Err(TooLarge {
            states: workflow.nodes.len(),
            ways: workflow.edges.len(),
        });
    }
    Ok(())
}

/// The length of the longest way to each node from the start, ways back left out.
fn layers(workflow: &Workflow) -> Vec<usize> {
    let count = workflow.nodes.len();
    let mut targets = vec![Vec::new(); count];
    for edge in &workflow.edges {
        if edge.from < count && edge.to < count {
            targets[edge.from].push(edge.to);
        }
    }
    let mut place = vec![None; count];
    let mut finished = Vec::with_capacity(count);
    for root in 0..count {
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.pop() {
            place[node].get_or_insert(usize::MAX);
            match targets[node].get(next) {
                Some(target) => {
                    stack.push((node, next + 1));
                    if place[*target].is_none() {
                        stack.push((*target, 0));
                    }
                }
                None if place[node] == Some(usize::MAX) => {
                    place[node] = Some(finished.len());
                    finished.push(node);
                }
                None => {}
            }
        }
    }
    let mut layers = vec![0; count];
    for node in finished.into_iter().rev() {
        for target in &targets[node] {
            // What was finished before this node lies after it; the rest are ways back.
            if place[*target] < place[node] {
                layers[*target] = layers[*target].max(layers[node] + 1);
            }
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::super::{Edge, EdgeKind, Node, Workflow};
    use super::{check, layers};

    fn workflow(nodes: usize, edges: &[(usize, usize)]) -> Workflow {
        let edge = |(from, to): &(usize, usize)| Edge {
            from: *from,
            to: *to,
            kind: EdgeKind::Next,
        };
        Workflow {
            nodes: vec![Node::End; nodes],
            edges: edges.iter().map(edge).collect(),
        }
    }

    #[test]
    fn layers_are_longest_ways_without_loops() {
        let looping = workflow(4, &[(0, 1), (1, 2), (2, 1), (0, 2), (2, 3), (3, 3)]);
        assert_eq!(layers(&looping), [0, 1, 2, 3]);
    }

    #[test]
    fn long_ways_from_everywhere_are_refused() {
        let chain = |count: usize, skip: bool| {
            let mut edges: Vec<_> = (1..count).map(|node| (node - 1, node)).collect();
            if skip {
                edges.extend((0..count - 1).map(|node| (node, count - 1)));
            }
            workflow(count, &edges)
        };
        assert!(check(&chain(1_000, false)).is_ok());
        assert!(check(&chain(80, true)).is_ok());
        assert!(check(&chain(200, true)).is_err());
        assert!(check(&chain(5_000, false)).is_err());
    }
}
