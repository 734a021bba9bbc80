"""The obligations, chapter by chapter, each with its judge beside it."""
