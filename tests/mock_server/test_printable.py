import pytest

from mock_server.printable import printable

TEXTS = [
    pytest.param("fête 📷", "fête 📷", id="left-as-it-is"),
    pytest.param("a\r\nb", "a\\r\\nb", id="another-line"),
    pytest.param("\x1b[2J", "\\x1b[2J", id="a-terminal-sequence"),
    pytest.param("\u202eb", "\\u202eb", id="another-direction"),
]


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_only_what_can_be_printed_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown
