"""A student's own work as pieces of tokens, each token one character, for fast comparison."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.similarity import code, texts
from autograder.similarity.names import Names
from autograder.similarity.own import OwnCell, Released
from autograder.similarity.statements import Parsed, parse
from autograder.similarity.token_writer import Tokens

MOST_TOKENS, MOST_PIECES = 30_000, 1_000
# A longer piece is cut in two, since aligning takes the product of two lengths.
LONGEST = 2_000
# This many words count as one thought, like a statement in code.
PHRASE = 8
END = "end"
_WORD = re.compile(r"\w+")
_FENCED = re.compile(r"^ {0,3}```[^\n`]*\n(.*?)^ {0,3}```", re.MULTILINE | re.DOTALL)
_SURROGATES = range(0xD800, 0xE000)
_LAST = 0x10FFFF


@dataclass(frozen=True)
class Piece:
    """A function, the other statements of a cell, or a written answer.

    Attributes
    ----------
    cell
        The index of its cell in the student's own cells.
    text
        One character for each token, and one for the end.
    lines, thoughts
        The line of each token in the cell, from 0, and the number of its statement.
    kind
        "code" or "markdown"; code may be in a cell of the other type.
    """

    cell: int
    text: str
    lines: tuple[int, ...]
    thoughts: tuple[int, ...]
    kind: str = "code"


@dataclass(frozen=True)
class Own:
    """A student's own work as tokens, before it is spelt in the alphabet of the class.

    ``pieces`` are triples: index of the cell, kind, tokens; ``remarks`` are sentences on parts that
    are not compared.
    """

    pieces: tuple[tuple[int, str, Tokens], ...] = ()
    remarks: tuple[str, ...] = ()


class Alphabet:
    """Gives every token a separate character."""

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
        letter = chr(min(number, _LAST))  # beyond a million tokens, all others share one
        self._letters[token] = letter
        return letter


def names_of(released: Released) -> Names:
    """Return the names that the released notebook gives to all students."""
    return Names.of(parse(text).tree for text in released.code)


def background(sources: Iterable[str], names: Names, alphabet: Alphabet) -> list[str]:
    """Return code that any student may have written, spelt like a student's."""
    found = {source: parse(source) for source in sources}
    known = names.with_imports(each.tree for each in found.values())
    pieces = (t for each in found.values() for t in code.pieces(each, known))
    return [_spell(alphabet, tokens.tokens) for tokens in pieces]


def background_words(sources: Iterable[str], alphabet: Alphabet) -> list[str]:
    """Return prose that any student may have written, spelt like a student's."""
    return [_spell(alphabet, _words(text).tokens) for text in sources]


def pieces(own: Own, alphabet: Alphabet) -> list[Piece]:
    """Spell a student's work."""
    return [
        Piece(
            cell,
            _spell(alphabet, tokens.tokens),
            tokens.lines,
            (*tokens.thoughts, tokens.thoughts[-1]),
            kind,
        )
        for cell, kind, tokens in own.pieces
    ]


def read(cells: Sequence[OwnCell], names: Names) -> Own:
    """Return a student's own cells as tokens, without those on released lines."""
    # Enough for the deepest tree that is walked, with several calls on each level.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
    parsed = {i: parse(each.text) for i, each in enumerate(cells) if each.cell_type == "code"}
    known = names.with_imports(each.tree for each in parsed.values())
    found: list[tuple[int, str, Tokens]] = []
    remarks: list[str] = []
    left = MOST_TOKENS
    for number, kind, tokens in _written(cells, parsed, known):
        for part in _parts(tokens, cells[number].lines):
            if len(part.tokens) <= left and len(found) < MOST_PIECES:
                left -= len(part.tokens)
                found.append((number, kind, part))
            else:
                remarks.append(f"{cells[number].named} is compared in part: it is too long")
    for number, each in parsed.items():
        remarks += _left_out(cells[number], each)
    return Own(tuple(found), tuple(remarks))


def _written(
    cells: Sequence[OwnCell], parsed: Mapping[int, Parsed], names: Names
) -> Iterator[tuple[int, str, Tokens]]:
    """Yield index of the cell, kind, and tokens; the least informative ones last."""
    for number, cell in enumerate(cells):
        if number in parsed:
            yield from ((number, "code", each) for each in code.pieces(parsed[number], names))
        else:
            yield number, "markdown", _words(cell.text)
            yield from ((number, "code", each) for each in _code_in_words(cell.text, names))
    for number, each in parsed.items():
        for tokens in code.unparsed(cells[number].text, each.left_out, names):
            yield number, "code", tokens


def _left_out(cell: OwnCell, parsed: Parsed) -> Iterator[str]:
    """Yield remarks on the parts of a cell that are not compared as code."""
    lines = [number + 1 for number in parsed.left_out if number in cell.lines]
    if lines:
        some = ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
        yield (
            f"{cell.named} is compared without line {some}: it is not valid Python"
            if cell.lines - set(parsed.left_out)
            else f"{cell.named} is not compared: it is not valid Python"
        )
    if texts.runs_what_is_not_there(parsed.tree):
        yield f"{cell.named} runs code that is not in it and is not compared"


def _code_in_words(text: str, names: Names) -> Iterator[Tokens]:
    """Yield the code in a Markdown cell: between fences, or the whole cell."""
    if not _FENCED.search(text):
        whole = parse(text)
        if not whole.left_out:
            yield from code.pieces(whole, names)
    for fenced in _FENCED.finditer(text):
        above = text.count("\n", 0, fenced.start(1))
        for each in code.pieces(parse(fenced[1]), names):
            lines = tuple(line + above for line in each.lines)
            yield Tokens(each.tokens, lines, each.thoughts)


def _words(text: str) -> Tokens:
    """Return the words of a text as tokens; a word and a name in code are different tokens."""
    found = [
        (f"“{word.lower()}”", number)
        for number, line in enumerate(text.split("\n"))
        for word in _WORD.findall(line)
    ]
    thoughts = tuple(place // PHRASE for place in range(len(found)))
    return Tokens(tuple(word for word, _ in found), tuple(line for _, line in found), thoughts)


def _parts(whole: Tokens, own: frozenset[int]) -> Iterator[Tokens]:
    """Yield the tokens of a piece on the student's own lines, in parts of at most `LONGEST`."""
    kept = [place for place, line in enumerate(whole.lines) if line in own]
    for start in range(0, len(kept), LONGEST):
        part = kept[start : start + LONGEST]
        both = whole.tokens, whole.lines, whole.thoughts
        yield Tokens(*(tuple(each[place] for place in part) for each in both))


def _spell(alphabet: Alphabet, tokens: Sequence[str]) -> str:
    return alphabet.spell((*tokens, END)) if tokens else ""
