//! What must hold for the graph of a machine.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::GraphId;
use super::state::{StateIndex, States};
use crate::core::{Place, Problem};
use crate::value::Name;

impl States {
    /// Checks a machine's graph.
    pub(crate) fn check(&self, graph: GraphId, place: &Place) {
        for index in self.all_members(graph) {
            let node = self.node(index);
            for problem in node.problems() {
                node.place.report(problem);
            }
        }
        self.check_names(graph, &mut BTreeMap::new(), place);
        self.check_reachable(graph, place);
    }

    /// A machine's states have different names, also those in branches.
    fn check_names(&self, graph: GraphId, names: &mut BTreeMap<Name, GraphId>, place: &Place) {
        let (_, members) = self.start_and_members(graph);
        for index in members {
            let name = self.node(index).state_id();
            if let Some(other) = names.insert(name.clone(), graph) {
                let message = format!(
                    "State with name '{name}' occurs in both {} and {}. All states must have unique names.",
                    self.described(graph),
                    self.described(other),
                );
                place.report(Problem::graph(message, [name]));
            }
            for inner in self.node(index).kind.graphs() {
                self.check_names(inner, names, place);
            }
        }
    }

    /// All states can be reached from the start, and from all of these an end.
    fn check_reachable(&self, graph: GraphId, place: &Place) {
        let (start, members) = self.start_and_members(graph);
        let reached = self.reached_from(start);
        let lost = self.names(&members, |index| !reached.contains(&index));
        if !lost.is_empty() {
            let message = format!(
                "Cannot be reached from the start state '{}': '{}'",
                self.node(start).state_id(),
                lost.join("', '")
            );
            place.report(Problem::graph(message, lost));
        }
        let ending = self.leading_to_an_end(&members);
        let endless = self.names(&members, |index| {
            reached.contains(&index) && !ending.contains(&index)
        });
        if !endless.is_empty() {
            let message = format!(
                "No end can be reached from '{}': add a state that ends, or a branch that leads to one",
                endless.join("', '")
            );
            place.report(Problem::graph(message, endless));
        }
        for index in members {
            for inner in self.node(index).kind.graphs() {
                self.check_reachable(inner, place);
            }
        }
    }

    fn names(&self, members: &[StateIndex], which: impl Fn(StateIndex) -> bool) -> Vec<Name> {
        let members = members.iter().filter(|index| which(**index));
        members.map(|index| self.node(*index).state_id()).collect()
    }

    fn reached_from(&self, start: StateIndex) -> BTreeSet<StateIndex> {
        let mut reached = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            let outgoing = self.node(index).outgoing(true).into_iter();
            open.extend(outgoing.filter(|next| reached.insert(*next)));
        }
        reached
    }

    /// The states from which one that ends the execution can be reached.
    fn leading_to_an_end(&self, members: &[StateIndex]) -> BTreeSet<StateIndex> {
        let mut sources: BTreeMap<StateIndex, Vec<StateIndex>> = BTreeMap::new();
        for index in members {
            for next in self.node(*index).outgoing(true) {
                sources.entry(next).or_default().push(*index);
            }
        }
        let ends = members.iter().filter(|index| self.node(**index).can_end());
        let mut leading: BTreeSet<StateIndex> = ends.copied().collect();
        let mut open: Vec<StateIndex> = leading.iter().copied().collect();
        while let Some(index) = open.pop() {
            let sources = sources.get(&index).into_iter().flatten().copied();
            open.extend(sources.filter(|source| leading.insert(*source)));
        }
        leading
    }
}
