//! Graphviz's DOT language.

use std::fmt::Write;

use super::palette::{CATCH, INK, LINE, colours};
use super::{EdgeKind, Graph, Node, StateNode, Workflow};

pub(super) fn draw(graph: &Graph) -> String {
    let mut drawing = Drawing {
        out: String::new(),
        next: 0,
    };
    let font = "fontname=\"Helvetica\"";
    drawing.line(0, "digraph stepmill {");
    // Ways to and from clusters end at their border.
    drawing.line(
        1,
        &format!("graph [compound=true, rankdir=TB, {font}, fontsize=11]"),
    );
    drawing.line(
        1,
        &format!("node [shape=box, style=\"rounded,filled\", fillcolor=\"#f8f9fb\", color=\"#6b7785\", {font}, fontsize=11]"),
    );
    drawing.line(1, &format!("edge [color=\"{LINE}\", {font}, fontsize=9]"));
    drawing.workflow(&graph.root, 1);
    drawing.line(0, "}");
    drawing.out
}

struct Drawing {
    out: String,
    next: usize,
}

/// Where ways begin and end: DOT joins nodes only, and cuts the line at the cluster's border.
#[derive(Clone)]
struct Port {
    first: String,
    last: String,
    cluster: Option<String>,
}

impl Drawing {
    // Recursion is as deep as the definition nests, which the parser bounds.
    fn workflow(&mut self, workflow: &Workflow, depth: usize) -> Vec<Port> {
        let mut ports = Vec::with_capacity(workflow.nodes.len());
        for node in &workflow.nodes {
            let port = match node {
                Node::Start => self.point("shape=circle, width=0.15", depth),
                Node::End => self.point("shape=doublecircle, width=0.1", depth),
                Node::State(state) => self.state(state, depth),
            };
            ports.push(port);
        }
        for edge in &workflow.edges {
            if let (Some(from), Some(to)) = (ports.get(edge.from), ports.get(edge.to)) {
                self.edge(from, to, &edge.kind, depth);
            }
        }
        ports
    }

    fn point(&mut self, shape: &str, depth: usize) -> Port {
        let id = self.id();
        self.line(
            depth,
            &format!(
                "{id} [label=\"\", {shape}, style=filled, fillcolor=\"{INK}\", color=\"{INK}\"]"
            ),
        );
        Port {
            first: id.clone(),
            last: id,
            cluster: None,
        }
    }

    fn state(&mut self, state: &StateNode, depth: usize) -> Port {
        let label = format!("{}\\n{}", escape(&state.name), escape(&state.to_string()));
        let id = self.id();
        let (stroke, fill) = colours(state.type_name);
        if state.inside.is_empty() {
            let shape = match state.type_name {
                "Choice" => ", shape=diamond, style=filled",
                _ => "",
            };
            self.line(
                depth,
                &format!(
                    "{id} [label=\"{label}\", color=\"{stroke}\", fillcolor=\"{fill}\"{shape}]"
                ),
            );
            return Port {
                first: id.clone(),
                last: id,
                cluster: None,
            };
        }
        let cluster = format!("cluster_{id}");
        self.line(depth, &format!("subgraph {cluster} {{"));
        self.line(
            depth + 1,
            &format!("label=\"{label}\"; style=\"rounded,filled\"; color=\"{stroke}\"; fillcolor=\"{fill}\""),
        );
        let mut ends = (None, None);
        for (index, workflow) in state.inside.iter().enumerate() {
            self.line(depth + 1, &format!("subgraph cluster_{id}_{index} {{"));
            self.line(
                depth + 2,
                "label=\"\"; style=\"rounded,dashed,filled\"; fillcolor=\"#ffffff\"",
            );
            let ports = self.workflow(workflow, depth + 2);
            self.line(depth + 1, "}");
            // A middle branch's nodes make straighter lines.
            if index <= state.inside.len() / 2 {
                ends = (ports.first().cloned(), ports.last().cloned());
            }
        }
        self.line(depth, "}");
        Port {
            first: ends.0.map_or_else(|| id.clone(), |port| port.first),
            last: ends.1.map_or_else(|| id.clone(), |port| port.last),
            cluster: Some(cluster),
        }
    }

    fn edge(&mut self, from: &Port, to: &Port, kind: &EdgeKind, depth: usize) {
        let mut attributes = Vec::new();
        if let Some(cluster) = &from.cluster {
            attributes.push(format!("ltail={cluster}"));
        }
        if let Some(cluster) = &to.cluster {
            attributes.push(format!("lhead={cluster}"));
        }
        if let Some(label) = kind.label() {
            attributes.push(format!("label=\"{}\"", escape(label)));
        }
        if let EdgeKind::Catch(_) = kind {
            attributes.push(format!(
                "style=dashed, color=\"{CATCH}\", fontcolor=\"{CATCH}\""
            ));
        }
        let attributes = match attributes.as_slice() {
            [] => String::new(),
            some => format!(" [{}]", some.join(", ")),
        };
        self.line(depth, &format!("{} -> {}{attributes}", from.last, to.first));
    }

    fn id(&mut self) -> String {
        self.next += 1;
        format!("n{}", self.next)
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", depth * 2);
    }
}

/// Text within quotes; a backslash would begin one of DOT's escapes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(escape("a \"b\" \\N\n"), "a \\\"b\\\" \\\\N ");
    }
}
