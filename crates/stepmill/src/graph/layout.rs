//! Where everything stands in the picture.
//!
//! Each workflow is laid out in layers by dagre, as a graph of its own. What lies inside a Parallel
//! or Map state is laid out first; the state then is a node large enough to hold it.

use dagre::graph::{Graph as Layered, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};

use super::effort;
use super::text::{width, wrap};
use super::{Edge, EdgeKind, Node, StateNode, TooLarge, Workflow};

/// Font size of a state's name.
pub(super) const NAME_SIZE: f64 = 13.0;
/// Font size of a state's type.
pub(super) const TYPE_SIZE: f64 = 10.0;
/// Font size of what is written at ways.
pub(super) const LABEL_SIZE: f64 = 11.0;
/// From one line of a name to the next.
pub(super) const NAME_LINE: f64 = 16.0;
/// From one line of a label to the next.
pub(super) const LABEL_LINE: f64 = 14.0;
/// The head of a state that holds others.
pub(super) const HEAD: f64 = 44.0;

const MARGIN: f64 = 24.0;
const INNER_MARGIN: f64 = 14.0;
const NAME_WIDTH: f64 = 210.0;
const CAPTION_WIDTH: f64 = 260.0;
const LABEL_WIDTH: f64 = 170.0;

/// A workflow laid out; places are relative to its upper left corner.
pub(super) struct Scene<'g> {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) nodes: Vec<Placed<'g>>,
    pub(super) ways: Vec<Way<'g>>,
}

/// A node in its place.
pub(super) struct Placed<'g> {
    pub(super) node: &'g Node,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The name's lines, of a state.
    pub(super) lines: Vec<String>,
    /// What lies inside, relative to the node's upper left corner.
    pub(super) inside: Vec<(f64, f64, Scene<'g>)>,
}

/// A way with its course.
pub(super) struct Way<'g> {
    pub(super) kind: &'g EdgeKind,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) label: Option<Label>,
}

/// What is written at a way, around a centre.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) lines: Vec<String>,
}

/// Lays out the machine's own workflow.
pub(super) fn lay_out(workflow: &Workflow) -> Result<Scene<'_>, TooLarge> {
    place(workflow, MARGIN)
}

// Recursion is as deep as the definition nests, which the parser bounds.
fn place(workflow: &Workflow, margin: f64) -> Result<Scene<'_>, TooLarge> {
    effort::check(workflow)?;
    let mut layered = Layered::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: false,
    });
    let mut nodes = Vec::with_capacity(workflow.nodes.len());
    for (index, node) in workflow.nodes.iter().enumerate() {
        let placed = size(node)?;
        let label = NodeLabel {
            width: placed.width,
            height: placed.height,
            ..NodeLabel::default()
        };
        layered.set_node(index.to_string(), Some(label));
        nodes.push(placed);
    }
    let mut labels = Vec::with_capacity(workflow.edges.len());
    for (index, edge) in workflow.edges.iter().enumerate() {
        let label = write(edge);
        let room = label
            .as_ref()
            .map_or((0.0, 0.0), |label| (label.width, label.height));
        let weight = if matches!(edge.kind, EdgeKind::Catch(_)) {
            1
        } else {
            4
        };
        layered.set_edge(
            edge.from.to_string(),
            edge.to.to_string(),
            Some(EdgeLabel {
                width: room.0,
                height: room.1,
                weight,
                labelpos: dagre::layout::types::LabelPos::Center,
                ..EdgeLabel::default()
            }),
            Some(&index.to_string()),
        );
        labels.push(label);
    }
    let options = LayoutOptions {
        nodesep: 36.0,
        edgesep: 18.0,
        ranksep: 44.0,
        marginx: margin,
        marginy: margin,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut layered, Some(options));
    Ok(collect(workflow, &layered, nodes, labels, margin))
}

fn collect<'g>(
    workflow: &'g Workflow,
    layered: &Layered<NodeLabel, EdgeLabel>,
    mut nodes: Vec<Placed<'g>>,
    labels: Vec<Option<Label>>,
    margin: f64,
) -> Scene<'g> {
    let (mut right, mut bottom) = (0.0_f64, 0.0_f64);
    let mut reach = |x: f64, y: f64| {
        right = right.max(x);
        bottom = bottom.max(y);
    };
    for (index, placed) in nodes.iter_mut().enumerate() {
        if let Some(label) = layered.node(&index.to_string()) {
            placed.x = label.x.unwrap_or_default() - placed.width / 2.0;
            placed.y = label.y.unwrap_or_default() - placed.height / 2.0;
        }
        reach(placed.x + placed.width, placed.y + placed.height);
    }
    let mut ways = Vec::with_capacity(workflow.edges.len());
    for (index, (edge, mut label)) in workflow.edges.iter().zip(labels).enumerate() {
        let (from, to) = (edge.from.to_string(), edge.to.to_string());
        let Some(course) = layered.edge(&from, &to, Some(&index.to_string())) else {
            continue;
        };
        let points: Vec<_> = course
            .points
            .iter()
            .map(|point| (point.x, point.y))
            .collect();
        for (x, y) in &points {
            reach(*x, *y);
        }
        if let Some(label) = &mut label {
            label.x = course.x.unwrap_or_default();
            label.y = course.y.unwrap_or_default();
            reach(label.x + label.width / 2.0, label.y + label.height / 2.0);
        }
        ways.push(Way {
            kind: &edge.kind,
            points,
            label,
        });
    }
    Scene {
        width: right + margin,
        height: bottom + margin,
        nodes,
        ways,
    }
}

/// A node with its size, still without its place.
fn size(node: &Node) -> Result<Placed<'_>, TooLarge> {
    let mut placed = Placed {
        node,
        x: 0.0,
        y: 0.0,
        width: 18.0,
        height: 18.0,
        lines: Vec::new(),
        inside: Vec::new(),
    };
    if let Node::State(state) = node {
        size_state(state, &mut placed)?;
    }
    Ok(placed)
}

fn size_state<'g>(state: &'g StateNode, placed: &mut Placed<'g>) -> Result<(), TooLarge> {
    let caption = width(&state.to_string(), TYPE_SIZE).min(CAPTION_WIDTH);
    let fits = |lines: &[String]| {
        let widest = lines.iter().map(|line| width(line, NAME_SIZE));
        widest.fold(caption, f64::max) + 34.0
    };
    if state.inside.is_empty() {
        placed.lines = wrap(&state.name, NAME_SIZE, NAME_WIDTH, 2);
        placed.width = fits(&placed.lines).max(130.0);
        placed.height = 34.0 + NAME_LINE * count(&placed.lines);
        return Ok(());
    }
    placed.lines = wrap(&state.name, NAME_SIZE, NAME_WIDTH * 1.5, 1);
    let mut across = INNER_MARGIN;
    let mut tallest = 0.0_f64;
    for workflow in &state.inside {
        let scene = place(workflow, INNER_MARGIN)?;
        tallest = tallest.max(scene.height);
        let next = across + scene.width + INNER_MARGIN;
        placed.inside.push((across, HEAD, scene));
        across = next;
    }
    placed.width = across.max(fits(&placed.lines));
    placed.height = HEAD + tallest + INNER_MARGIN;
    // Branches are boxes of one height, in the middle of the state.
    let shift = (placed.width - across) / 2.0;
    for (x, _, scene) in &mut placed.inside {
        *x += shift;
        scene.height = tallest;
    }
    Ok(())
}

fn write(edge: &Edge) -> Option<Label> {
    let lines = wrap(edge.kind.label()?, LABEL_SIZE, LABEL_WIDTH, 3);
    let widest = lines
        .iter()
        .map(|line| width(line, LABEL_SIZE))
        .fold(0.0, f64::max);
    Some(Label {
        x: 0.0,
        y: 0.0,
        width: widest + 12.0,
        height: LABEL_LINE * count(&lines) + 6.0,
        lines,
    })
}

#[allow(clippy::cast_precision_loss)] // a handful of lines
fn count(lines: &[String]) -> f64 {
    lines.len() as f64
}
