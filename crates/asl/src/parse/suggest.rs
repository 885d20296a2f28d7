//! The nearest known name to a misspelled one.

/// The candidate that `name` was likely meant to be.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    // A definition may have many errors, many states and long names: the work is bounded.
    const LENGTH: usize = 80;
    const CANDIDATES: usize = 200;
    let length = name.chars().count();
    if length > LENGTH {
        return None;
    }
    let wanted = name.to_lowercase();
    candidates
        .into_iter()
        .take(CANDIDATES)
        .filter_map(|candidate| {
            let candidate_length = candidate.chars().count();
            let allowed = candidate_length.max(3) / 3;
            if candidate_length > LENGTH || candidate_length.abs_diff(length) > allowed {
                return None;
            }
            let distance = distance(&wanted, &candidate.to_lowercase());
            (distance <= allowed).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters must be inserted, removed, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j] + 1)
                .min(row[j - 1] + 1)
                .min(above[j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = above;
        above = row;
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_their_name() {
        let fields = ["Comment", "Next", "End", "ResultPath", "ResultSelector"];
        for (name, expected) in [
            ("Coment", Some("Comment")),
            ("next", Some("Next")),
            ("Nxet", Some("Next")),
            ("ResutlPath", Some("ResultPath")),
            ("TimeoutSeconds", None),
            ("Edn", Some("End")),
            ("", None),
        ] {
            assert_eq!(nearest(name, fields), expected, "{name}");
        }
    }
}
