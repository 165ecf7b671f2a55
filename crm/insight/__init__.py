"""Mathematics: arrays and frames in, results out. Knows nothing of the store, the pages or the clock."""
