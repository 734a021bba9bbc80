"""Keeps what others sent from doing something to a terminal, or to a log."""


def printable(text: str) -> str:
    """Escape what would move the cursor or forge another line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
