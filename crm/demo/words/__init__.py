"""What the demo company's people say and are called: plain tuples, so that a better sentence is a one-line change."""
