"""HTTP beside the pages: health, the command line's way in, and the headers that every answer carries."""
