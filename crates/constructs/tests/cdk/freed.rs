use std::rc::Rc;

use stepmill::prelude::*;

use crate::golden::{environment, golden};
use crate::snippets::{SNIPPETS, wrap};

/// What a tree owns must not own the tree: then an app would never be freed.
#[test]
fn apps_are_freed() {
    let mut kept = Vec::new();
    for snippet in SNIPPETS {
        let canary = Rc::new(());
        {
            let stack =
                Stack::with_environment(&App::new(), "Stack", environment(&golden(snippet)));
            let inner = canary.clone();
            CfnResource::new(&stack, "Canary", "Custom::Canary").lazy_property(
                "Canary",
                move || {
                    let _ = &inner;
                    None
                },
            );
            wrap(&stack, (snippet.build)(&stack));
            stack.template().unwrap();
        }
        if Rc::strong_count(&canary) > 1 {
            kept.push(snippet.name);
        }
    }
    assert_eq!(kept, [""; 0]);
}
