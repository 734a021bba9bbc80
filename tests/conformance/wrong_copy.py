"""What a wrong client in another language is: the right one of examples/adapters with a few words changed."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ADAPTERS = Path(__file__).parents[2] / "examples" / "adapters"


@dataclass(frozen=True)
class WrongCopy:
    """A wrong client; `trips` says for each obligation that it breaks why, and there is no other.

    `changes` gives for words of the right client those of the wrong one. It is tried with the one `operation`, and if
    any `trials` are named, of those that are written down only with the ones that begin so.
    """

    name: str
    operation: str
    changes: Mapping[str, str]
    trips: Mapping[str, str]
    trials: tuple[str, ...] = ()


def copy_changed(language: str, folder: Path, changes: Mapping[str, str]) -> None:
    """Put a copy of the right client in a language into a folder, with other words in it.

    Fails unless each of the words to change stands there exactly once: the client is another one by now.
    """
    shutil.copytree(_ADAPTERS / language, folder, dirs_exist_ok=True)
    for old, new in changes.items():
        texts = {path: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
        times = sum(text.count(old) for text in texts.values())
        assert times == 1, f"{old!r} stands {times} times in the {language} client, expected once"
        path, text = next((path, text) for path, text in texts.items() if old in text)
        path.write_text(text.replace(old, new), encoding="utf-8")
