//! SVG: a picture that stands alone, on a light card that also reads on dark pages.

use std::fmt::Write;

use super::layout::{
    HEAD, LABEL_LINE, LABEL_SIZE, Label, NAME_LINE, NAME_SIZE, Placed, Scene, TYPE_SIZE, Way,
};
use super::palette::{BORDER, CATCH, INK, LINE, MUTED, colours};
use super::text::{width, wrap};
use super::{EdgeKind, Node, StateNode};

const FONT: &str = "Inter,'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif";

pub(super) fn draw(scene: &Scene<'_>) -> String {
    let mut out = String::new();
    let (width, height) = (scene.width.ceil(), scene.height.ceil());
    line(
        &mut out,
        format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}" role="img">"#
        ),
    );
    line(&mut out, format_args!("<defs>"));
    for (id, colour) in [("arrow", LINE), ("arrow-catch", CATCH)] {
        line(
            &mut out,
            format_args!(
                r#"<marker id="stepmill-{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 1 9.5 5 0 9z" fill="{colour}"/></marker>"#
            ),
        );
    }
    line(&mut out, format_args!("</defs>"));
    line(
        &mut out,
        format_args!(
            r##"<rect x="0.5" y="0.5" width="{}" height="{}" rx="10" fill="#ffffff" stroke="#e3e8ee"/>"##,
            width - 1.0,
            height - 1.0
        ),
    );
    draw_scene(&mut out, scene);
    out.push_str("</svg>\n");
    out
}

fn draw_scene(out: &mut String, scene: &Scene<'_>) {
    for way in &scene.ways {
        draw_way(out, way);
    }
    for node in &scene.nodes {
        draw_node(out, node);
    }
    // Above all ways, so that none crosses a text.
    for way in &scene.ways {
        if let Some(label) = &way.label {
            draw_label(out, way.kind, label);
        }
    }
}

fn draw_node(out: &mut String, placed: &Placed<'_>) {
    let (x, y) = (round(placed.x), round(placed.y));
    let (cx, cy) = (
        round(placed.x + placed.width / 2.0),
        round(placed.y + placed.height / 2.0),
    );
    match placed.node {
        Node::Start => line(
            out,
            format_args!(
                r#"<circle cx="{cx}" cy="{cy}" r="8" fill="{INK}"><title>Start</title></circle>"#
            ),
        ),
        Node::End => line(
            out,
            format_args!(
                r##"<g><title>End</title><circle cx="{cx}" cy="{cy}" r="8" fill="#ffffff" stroke="{INK}" stroke-width="1.5"/><circle cx="{cx}" cy="{cy}" r="4.5" fill="{INK}"/></g>"##
            ),
        ),
        Node::State(state) => {
            line(out, format_args!(r#"<g transform="translate({x} {y})">"#));
            line(
                out,
                format_args!("<title>{}</title>", escape(&title(state))),
            );
            if state.inside.is_empty() {
                draw_state(out, placed, state);
            } else {
                draw_group(out, placed, state);
            }
            line(out, format_args!("</g>"));
        }
    }
}

fn title(state: &StateNode) -> String {
    format!("{} ({state})", state.name)
}

fn draw_state(out: &mut String, placed: &Placed<'_>, state: &StateNode) {
    let (accent, tint) = colours(state.type_name);
    let (width, height) = (round(placed.width), round(placed.height));
    line(
        out,
        format_args!(
            r#"<rect width="{width}" height="{height}" rx="7" fill="{tint}" stroke="{BORDER}"/>"#
        ),
    );
    line(
        out,
        format_args!(
            r#"<path d="M7 0.5H5.5a5 5 0 0 0-5 5V{}a5 5 0 0 0 5 5H7z" fill="{accent}"/>"#,
            round(placed.height - 5.5)
        ),
    );
    caption(out, placed, state, accent, 17.0);
    let mut y = 34.0;
    for text in &placed.lines {
        name(out, text, 17.0, y);
        y += NAME_LINE;
    }
}

fn draw_group(out: &mut String, placed: &Placed<'_>, state: &StateNode) {
    let (accent, tint) = colours(state.type_name);
    let (width, height) = (round(placed.width), round(placed.height));
    if state.type_name == "Map" {
        // A second sheet behind the first: what is inside happens for each item.
        line(
            out,
            format_args!(
                r##"<rect x="5" y="5" width="{width}" height="{height}" rx="9" fill="#ffffff" stroke="{BORDER}"/>"##
            ),
        );
    }
    line(
        out,
        format_args!(
            r#"<rect width="{width}" height="{height}" rx="9" fill="{tint}" stroke="{accent}" stroke-opacity="0.55"/>"#
        ),
    );
    caption(out, placed, state, accent, 14.0);
    for text in &placed.lines {
        name(out, text, 14.0, HEAD - 10.0);
    }
    for (x, y, scene) in &placed.inside {
        line(
            out,
            format_args!(r#"<g transform="translate({} {})">"#, round(*x), round(*y)),
        );
        line(
            out,
            format_args!(
                r##"<rect width="{}" height="{}" rx="7" fill="#ffffff" stroke="{BORDER}" stroke-dasharray="4 3"/>"##,
                round(scene.width),
                round(scene.height)
            ),
        );
        draw_scene(out, scene);
        line(out, format_args!("</g>"));
    }
}

/// The state's type above its name.
fn caption(out: &mut String, placed: &Placed<'_>, state: &StateNode, accent: &str, x: f64) {
    let room = placed.width - x - 8.0;
    let kind = state.type_name;
    let shown = wrap(&state.to_string(), TYPE_SIZE, room, 1).concat();
    let detail = shown.strip_prefix(kind).unwrap_or_default();
    line(
        out,
        format_args!(
            r#"<text x="{x}" y="18" font-size="{TYPE_SIZE}" fill="{MUTED}"><tspan font-weight="600" fill="{accent}">{kind}</tspan>{}</text>"#,
            escape(detail)
        ),
    );
}

fn name(out: &mut String, text: &str, x: f64, y: f64) {
    line(
        out,
        format_args!(
            r#"<text x="{x}" y="{y}" font-size="{NAME_SIZE}" font-weight="500" fill="{INK}">{}</text>"#,
            escape(text)
        ),
    );
}

fn draw_way(out: &mut String, way: &Way<'_>) {
    let (colour, marker, dashes) = match way.kind {
        EdgeKind::Catch(_) => (CATCH, "arrow-catch", r#" stroke-dasharray="5 4""#),
        EdgeKind::Default => (
            LINE,
            "arrow",
            r#" stroke-dasharray="1.5 3.5" stroke-linecap="round""#,
        ),
        EdgeKind::Next | EdgeKind::Condition(_) => (LINE, "arrow", ""),
    };
    line(
        out,
        format_args!(
            r#"<path d="{}" fill="none" stroke="{colour}" stroke-width="1.4"{dashes} marker-end="url(#stepmill-{marker})"/>"#,
            curve(&way.points)
        ),
    );
}

/// A cubic B-spline along the points, from the first to the last.
fn curve(points: &[(f64, f64)]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let mut path = format!("M{} {}", round(first.0), round(first.1));
    let towards = |path: &mut String, a: (f64, f64), b: (f64, f64), c: (f64, f64)| {
        let mix = |a: f64, b: f64, part: f64| round(a + (b - a) * part);
        let knot = |a: f64, b: f64, c: f64| round((a + 4.0 * b + c) / 6.0);
        let _ = write!(
            path,
            "C{} {} {} {} {} {}",
            mix(a.0, b.0, 1.0 / 3.0),
            mix(a.1, b.1, 1.0 / 3.0),
            mix(a.0, b.0, 2.0 / 3.0),
            mix(a.1, b.1, 2.0 / 3.0),
            knot(a.0, b.0, c.0),
            knot(a.1, b.1, c.1),
        );
    };
    if points.len() > 2 {
        let second = points[1];
        let _ = write!(
            path,
            "L{} {}",
            round((5.0 * first.0 + second.0) / 6.0),
            round((5.0 * first.1 + second.1) / 6.0)
        );
        for three in points.windows(3) {
            towards(&mut path, three[0], three[1], three[2]);
        }
        let before = points[points.len() - 2];
        towards(&mut path, before, *last, *last);
    }
    let _ = write!(path, "L{} {}", round(last.0), round(last.1));
    path
}

fn draw_label(out: &mut String, kind: &EdgeKind, label: &Label) {
    let colour = if matches!(kind, EdgeKind::Catch(_)) {
        CATCH
    } else {
        MUTED
    };
    line(out, format_args!("<g>"));
    line(
        out,
        format_args!(
            "<title>{}</title>",
            escape(kind.label().unwrap_or_default())
        ),
    );
    let wide = label
        .lines
        .iter()
        .map(|text| width(text, LABEL_SIZE))
        .fold(0.0, f64::max)
        + 6.0;
    line(
        out,
        format_args!(
            r##"<rect x="{}" y="{}" width="{}" height="{}" rx="4" fill="#ffffff" fill-opacity="0.92"/>"##,
            round(label.x - wide / 2.0),
            round(label.y - label.height / 2.0 + 1.0),
            round(wide),
            round(label.height - 2.0)
        ),
    );
    let mut y = label.y - label.height / 2.0 + 3.0 + LABEL_LINE - 3.5;
    for text in &label.lines {
        line(
            out,
            format_args!(
                r#"<text x="{}" y="{}" font-size="{LABEL_SIZE}" text-anchor="middle" fill="{colour}">{}</text>"#,
                round(label.x),
                round(y),
                escape(text)
            ),
        );
        y += LABEL_LINE;
    }
    line(out, format_args!("</g>"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

/// Two decimals are finer than any screen.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Text within markup; characters that XML 1.0 cannot hold are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{curve, escape};

    #[test]
    fn text_cannot_break_out() {
        assert_eq!(
            escape("<a b=\"c\">&\u{1}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}"
        );
    }

    #[test]
    fn a_curve_begins_and_ends_at_its_points() {
        assert_eq!(curve(&[]), "");
        assert_eq!(curve(&[(0.0, 0.0), (5.0, 5.0)]), "M0 0L5 5");
        let bent = curve(&[(0.0, 0.0), (5.0, 5.0), (0.0, 10.0)]);
        assert!(
            bent.starts_with("M0 0L") && bent.ends_with("L0 10"),
            "{bent}"
        );
    }
}
