"""References on the examiner's side: to the candidate's objects, and to those a test passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.exam.remote.by_reference import pass_on
from autograder.exam.remote.callbacks import Callbacks
from autograder.exam.remote.object_table import Ability
from autograder.exam.remote.proxies import About, is_proxy
from autograder.exam.remote.proxy_kinds import proxy_class
from autograder.exam.remote.remote_errors import ProcessEnded
from autograder.exam.wire import Caps, Decoder, Encoder, Ref, WireError, type_names
from autograder.exam.wire.arrays import exactly

_ALL = Ability(sum(Ability))


class References:
    """Makes references from objects, and proxies from the candidate's references.

    Parameters
    ----------
    client
        The `CandidateClient` that the proxies use.
    named
        Looks up a name in the candidate: after a restart, an object is found again by its name.

    Attributes
    ----------
    epoch
        The number of the candidate; references to objects of an earlier one are invalid.
    given
        Names defined by the given cells, which also exist in the candidate.
    own_words
        Words of the notebook: type names among them may be shown.
    """

    def __init__(self, client: Any, caps: Caps, named: Callable[[str], Any]) -> None:
        self.epoch = 0
        self.given: set[str] = set()
        self.own_words: frozenset[str] = frozenset()
        self.encoder = Encoder(caps, self._foreign)
        self.decoder = Decoder(caps, {"proxy": self._proxy, "yours": self._yours})
        self.callbacks = Callbacks(self.encoder)
        self._client = client
        self._named = named

    def _foreign(self, value: Any) -> Ref:
        if is_proxy(value):
            return Ref("own", self._ref(value._nnkit_about))
        ref = pass_on(value, self.given)
        if ref is not None:
            return ref
        if not callable(value):
            raise WireError(f"a {type(value).__name__}")
        name = getattr(value, "__name__", "function")
        return Ref("callback", [self.callbacks.number(value), name])

    def _ref(self, about: About) -> int:
        """Return an object's number; after a restart, that of the new object with its name."""
        if about.epoch != self.epoch:
            fresh = self._named(about.origin) if about.origin is not None else None
            if not is_proxy(fresh):
                raise ProcessEnded("this object was lost when the process was restarted")
            about.ref, about.epoch = fresh._nnkit_about.ref, self.epoch
            fresh._nnkit_about.epoch = -1  # its number now belongs to the older proxy
        return about.ref

    def _proxy(self, content: Any) -> Any:
        ref, abilities, type_name, known, name = exactly(content, list, 5)
        fits = 0 <= exactly(ref, int) < 1 << 63 and 0 <= exactly(abilities, int) <= _ALL
        if not fits or type(name) not in (str, type(None)):
            raise WireError("not a reference")
        exactly(type_name, str)
        if known is not None:
            module, qualified = exactly(known, list, 2)
            known = (exactly(module, str), exactly(qualified, str))
        about = About(ref, Ability(abilities), type_name, known, name, self.epoch)
        told = type_name in self.own_words or type_name in type_names.common()
        return proxy_class(about.abilities, type_name if told else "object")(self._client, about)

    def _yours(self, content: Any) -> Callable[..., Any]:
        return self.callbacks.get(content)
