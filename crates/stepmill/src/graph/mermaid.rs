//! Mermaid flowcharts.

use std::fmt::Write;

use super::{EdgeKind, Graph, Node, StateNode, Workflow};

pub(super) fn draw(graph: &Graph) -> String {
    let mut drawing = Drawing {
        out: "flowchart TD\n".to_owned(),
        next: 0,
        used: Vec::new(),
    };
    drawing.workflow(&graph.root, 1);
    for (type_name, style) in STYLES {
        if drawing.used.contains(type_name) {
            let _ = writeln!(drawing.out, "  classDef {} {style}", class(type_name));
        }
    }
    drawing.out
}

const STYLES: &[(&str, &str)] = &[
    ("Task", "fill:#fffaf4,stroke:#d9730d,color:#16202c"),
    ("Choice", "fill:#faf7ff,stroke:#7c4dcc,color:#16202c"),
    ("Wait", "fill:#f4fafd,stroke:#0b7fab,color:#16202c"),
    ("Succeed", "fill:#f4fbf5,stroke:#2e8b3d,color:#16202c"),
    ("Fail", "fill:#fef6f5,stroke:#c0392b,color:#16202c"),
    ("Pass", "fill:#f8f9fb,stroke:#6b7785,color:#16202c"),
];

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
