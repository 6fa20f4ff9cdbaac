"""A student's own work as pieces of tokens, each token one character, for fast comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.similarity import code
from autograder.similarity.code import Names, Tokens
from autograder.similarity.own import OwnCell, Released

MOST_TOKENS, MOST_PIECES = 30_000, 1_000
# A longer piece is cut in two, since aligning takes the product of two lengths.
LONGEST = 2_000
# So many words count as one thought, as a statement does in code.
PHRASE = 8
END = "end"
_WORD = re.compile(r"\w+")
_SURROGATES = range(0xD800, 0xE000)
_LAST = 0x10FFFF


@dataclass(frozen=True)
class Piece:
    """A function, the other statements of a cell, or an answer in words.

    Attributes
    ----------
    cell
        Which of the student's own cells it stands in.
    text
        One character for each token, and one for the end.
    lines, thoughts
        The line of each token in the cell, from 0, and the number of its statement.
    """

    cell: int
    text: str
    lines: tuple[int, ...]
    thoughts: tuple[int, ...]


class Alphabet:
    """Gives every token a character of its own."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._letters)

    def spell(self, tokens: Iterable[str]) -> str:
        """Return tokens as a text, one character each."""
        return "".join(self._letters.get(token) or self._new(token) for token in tokens)

    def _new(self, token: str) -> str:
        number = len(self._letters) + 1
        if number >= _SURROGATES.start:
            number += len(_SURROGATES)
        letter = chr(min(number, _LAST))  # beyond a million words, the rest share one
        self._letters[token] = letter
        return letter


def names_of(released: Released) -> Names:
    """Return the names that the released notebook gives to all."""
    return Names.of(map(code.tree, released.code))


def background(texts: Iterable[str], names: Names, alphabet: Alphabet) -> list[str]:
    """Return code that anybody may have written, spelt as a student's is."""
    trees = list(map(code.tree, texts))
    known = names.with_imports(trees)
    return [_spell(alphabet, t.tokens) for tree in trees for t in code.pieces(tree, known)]


def background_words(texts: Iterable[str], alphabet: Alphabet) -> list[str]:
    """Return prose that anybody may have written, spelt as a student's is."""
    return [_spell(alphabet, _words(text).tokens) for text in texts]


def pieces(cells: Sequence[OwnCell], names: Names, alphabet: Alphabet) -> list[Piece]:
    """Return the pieces of a student's own cells, without what stands on released lines."""
    trees = {i: code.tree(c.text) for i, c in enumerate(cells) if c.cell_type == "code"}
    known = names.with_imports(trees.values())
    found: list[Piece] = []
    left = MOST_TOKENS
    for number, cell in enumerate(cells):
        if number in trees:
            written = code.pieces(trees[number], known)
        else:
            written = iter([_words(cell.text)])
        for tokens in _parts(written, cell.lines):
            if len(tokens.tokens) <= left and len(found) < MOST_PIECES:
                left -= len(tokens.tokens)
                text = _spell(alphabet, tokens.tokens)
                thoughts = (*tokens.thoughts, tokens.thoughts[-1])
                found.append(Piece(number, text, tokens.lines, thoughts))
    return found


def _words(text: str) -> Tokens:
    """Return the words of a text; a word is another token than a name in code."""
    found = [
        (f"“{word.lower()}”", number)
        for number, line in enumerate(text.split("\n"))
        for word in _WORD.findall(line)
    ]
    thoughts = tuple(place // PHRASE for place in range(len(found)))
    return Tokens(tuple(word for word, _ in found), tuple(line for _, line in found), thoughts)


def _parts(written: Iterable[Tokens], own: frozenset[int]) -> Iterator[Tokens]:
    """Yield pieces without the tokens of other lines than the student's own, none too long."""
    for whole in written:
        kept = [place for place, line in enumerate(whole.lines) if line in own]
        for start in range(0, len(kept), LONGEST):
            part = kept[start : start + LONGEST]
            both = whole.tokens, whole.lines, whole.thoughts
            yield Tokens(*(tuple(each[place] for place in part) for each in both))


def _spell(alphabet: Alphabet, tokens: Sequence[str]) -> str:
    return alphabet.spell((*tokens, END)) if tokens else ""
