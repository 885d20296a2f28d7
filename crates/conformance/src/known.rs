//! Known differences: why a case cannot pass, in our own words.

/// Lines of `ID<tab>REASON`.
const KNOWN: &str = include_str!("../data/known-differences.tsv");

/// Why the case with this id is known to differ.
pub fn reason(id: &str) -> Option<&'static str> {
    KNOWN
        .lines()
        .find_map(|line| line.split_once('\t').filter(|(known, _)| *known == id))
        .map(|(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn every_line_has_an_id_and_a_reason() {
        for line in KNOWN.lines() {
            let (id, reason) = line.split_once('\t').expect(line);
            assert!(id.contains("::") && reason.len() > 20, "{line}");
        }
    }
}
