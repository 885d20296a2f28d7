//! Mermaid flowcharts.

use std::fmt::Write;

use super::palette::{INK, colours};
use super::{EdgeKind, Graph, Node, StateNode, Workflow};

pub(super) fn draw(graph: &Graph) -> String {
    let mut drawing = Drawing {
        out: "flowchart TD\n".to_owned(),
        next: 0,
        used: Vec::new(),
    };
    drawing.workflow(&graph.root, 1);
    for type_name in TYPES {
        if !drawing.used.contains(&type_name) {
            continue;
        }
        let (stroke, fill) = colours(type_name);
        let style = format!("fill:{fill},stroke:{stroke},color:{INK}");
        drawing.line(1, &format!("classDef {} {style}", class(type_name)));
    }
    drawing.out
}

/// Types whose states hold no others.
const TYPES: [&str; 6] = ["Task", "Choice", "Wait", "Succeed", "Fail", "Pass"];

fn class(type_name: &str) -> String {
    type_name.to_lowercase()
}

struct Drawing {
    out: String,
    next: usize,
    used: Vec<&'static str>,
}

impl Drawing {
    // Recursion is as deep as the definition nests, which the parser bounds.
    fn workflow(&mut self, workflow: &Workflow, depth: usize) {
        let mut ids = Vec::with_capacity(workflow.nodes.len());
        for node in &workflow.nodes {
            let id = self.id();
            match node {
                Node::Start => self.line(depth, &format!("{id}(( ))")),
                Node::End => self.line(depth, &format!("{id}((( )))")),
                Node::State(state) => self.state(state, &id, depth),
            }
            ids.push(id);
        }
        for edge in &workflow.edges {
            let arrow = match &edge.kind {
                EdgeKind::Next => "-->".to_owned(),
                EdgeKind::Catch(label) => format!("-. \"{}\" .->", escape(label)),
                EdgeKind::Condition(label) => format!("-- \"{}\" -->", escape(label)),
                EdgeKind::Default => "-- \"Default\" -->".to_owned(),
            };
            if let (Some(from), Some(to)) = (ids.get(edge.from), ids.get(edge.to)) {
                self.line(depth, &format!("{from} {arrow} {to}"));
            }
        }
    }

    fn state(&mut self, state: &StateNode, id: &str, depth: usize) {
        let name = escape(&state.name);
        let caption = escape(&state.to_string());
        if state.inside.is_empty() {
            let (open, close) = match state.type_name {
                "Choice" => ("{", "}"),
                "Succeed" | "Fail" => ("([", "])"),
                "Wait" => ("{{", "}}"),
                _ => ("(", ")"),
            };
            let class = class(state.type_name);
            let node = format!("{id}{open}\"{name}<br><small>{caption}</small>\"{close}:::{class}");
            self.line(depth, &node);
            self.used.push(state.type_name);
            return;
        }
        self.line(depth, &format!("subgraph {id} [\"{name} ({caption})\"]"));
        for workflow in &state.inside {
            if state.inside.len() == 1 {
                self.workflow(workflow, depth + 1);
            } else {
                let branch = self.id();
                self.line(depth + 1, &format!("subgraph {branch} [\" \"]"));
                self.workflow(workflow, depth + 2);
                self.line(depth + 1, "end");
            }
        }
        self.line(depth, "end");
    }

    fn id(&mut self) -> String {
        self.next += 1;
        format!("n{}", self.next)
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", depth * 2);
    }
}

/// Text within quotes, where Mermaid knows `#NUMBER;` for any character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | '*' | '_' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
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
    fn quotes_and_markup_are_escaped() {
        assert_eq!(escape("a \"b\" <c>\n"), "a #34;b#34; #60;c#62; ");
    }
}
