"""The fake: answers as Distinct would, over HTTP."""
