//! `stepmill graph`.

use stepmill::graph::Graph;

use crate::Exit;
use crate::cli::{GraphArgs, GraphFormat};
use crate::problem::Problem;
use crate::source::Source;
use crate::{terminal, validate};

pub(crate) fn draw(args: &GraphArgs) -> Result<Exit, Problem> {
    let source = Source::open(&args.path)?;
    let parsed = source.parse(source.machine_type(false));
    let Some(machine) = &parsed.machine else {
        validate::show(&source, &parsed.diagnostics);
        return Err(validate::refusal(&source, &parsed.diagnostics));
    };
    let graph = Graph::new(machine);
    let drawing = match args.format {
        GraphFormat::Mermaid => graph.mermaid(),
        GraphFormat::Dot => graph.dot(),
        GraphFormat::Svg => graph.svg().map_err(|error| {
            Problem::new(format!("{}: {error}", source.path.display()))
                .help("draw it with --format dot or --format mermaid")
        })?,
    };
    terminal::print(&drawing)?;
    Ok(Exit::Succeeded)
}
