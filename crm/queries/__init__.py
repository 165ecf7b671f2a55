"""Questions: typed reads, one file a noun, short SQL over the views. None of them changes anything."""
