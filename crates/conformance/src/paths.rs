//! The paths of a case's `unchecked_paths`: `$..events[8].previousEventId`.

/// One step of a [`PathPattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `..`: any number of members, also none.
    AnyDepth,
    /// A member's name or a list index, as it stands.
    Name(String),
    /// `.*`: any member.
    AnyName,
    /// `[*]`: any index.
    AnyIndex,
}

/// A pattern over the places of a response, which are written `/events/8/previousEventId`.
///
/// A pattern names the place itself; what lies below is left out with it because the comparison
/// never goes there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Vec<Segment>);

impl PathPattern {
    /// Reads `$..a..b[3].c`. Characters that have no meaning there are passed over.
    pub fn parse(pattern: &str) -> Self {
        let mut segments = Vec::new();
        let mut rest = pattern.strip_prefix('$').unwrap_or(pattern);
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("..") {
                segments.push(Segment::AnyDepth);
                let (name, tail) = split_name(after);
                push_name(&mut segments, name);
                rest = tail;
            } else if let Some(after) = rest.strip_prefix('.') {
                let (name, tail) = split_name(after);
                if name == "*" {
                    segments.push(Segment::AnyName);
                } else {
                    push_name(&mut segments, name);
                }
                rest = tail;
            } else if let Some((index, tail)) = rest
                .strip_prefix('[')
                .and_then(|after| after.split_once(']'))
            {
                match index.trim_matches(['\'', '"']) {
                    "" | "*" => segments.push(Segment::AnyIndex),
                    name => push_name(&mut segments, name),
                }
                rest = tail;
            } else {
                let mut characters = rest.chars();
                characters.next();
                rest = characters.as_str();
            }
        }
        Self(segments)
    }

    /// Whether `path` (`/a/0/b`; the whole is the empty text) is a place that the pattern names.
    pub fn matches(&self, path: &str) -> bool {
        let places: Vec<&str> = path
            .strip_prefix('/')
            .map_or_else(Vec::new, |rest| rest.split('/').collect());
        // Which prefixes of `places` the segments read so far can end at.
        let mut ends = vec![false; places.len() + 1];
        ends[0] = true;
        for segment in &self.0 {
            let mut next = vec![false; places.len() + 1];
            if *segment == Segment::AnyDepth {
                let mut reached = false;
                for (at, end) in next.iter_mut().enumerate() {
                    let passable = at > 0 && !places[at - 1].is_empty();
                    reached = ends[at] || (reached && passable);
                    *end = reached;
                }
            } else {
                for (at, place) in places.iter().enumerate() {
                    next[at + 1] = ends[at] && accepts(segment, place);
                }
            }
            ends = next;
        }
        ends[places.len()]
    }
}

fn accepts(segment: &Segment, place: &str) -> bool {
    match segment {
        Segment::AnyDepth | Segment::AnyName => !place.is_empty(),
        Segment::Name(name) => name == place,
        Segment::AnyIndex => !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Places are written with slashes, so a name that holds one stands for several of them.
fn push_name(segments: &mut Vec<Segment>, name: &str) {
    if !name.is_empty() {
        segments.extend(name.split('/').map(|part| Segment::Name(part.to_owned())));
    }
}

fn split_name(text: &str) -> (&str, &str) {
    text.split_at(text.find(['.', '[']).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::PathPattern;

    #[test]
    fn patterns_name_places() {
        for (pattern, path, expected) in [
            ("$..x", "/x", true),
            ("$..x", "/a/0/x", true),
            ("$..x", "/a/x/b", false),
            ("$..x", "/a/xx", false),
            (
                "$..events[8].previousEventId",
                "/run/events/8/previousEventId",
                true,
            ),
            (
                "$..events[8].previousEventId",
                "/events/9/previousEventId",
                false,
            ),
            ("$..events..cause", "/events/3/d/cause", true),
            ("$..events..cause", "/events/cause", true),
            ("$..events..cause", "/cause", false),
            ("$.a.b", "/a/b", true),
            ("$.a.b", "/z/a/b", false),
            ("$.a.*", "/a/q", true),
            ("$.a[*].b", "/a/12/b", true),
            ("$.a[*].b", "/a/x/b", false),
            ("$.a['b c']", "/a/b c", true),
            ("$..Error.Message", "/step/Error/Message", true),
            ("$..x", "", false),
            ("$", "", true),
        ] {
            assert_eq!(
                PathPattern::parse(pattern).matches(path),
                expected,
                "{pattern} {path}"
            );
        }
    }
}
