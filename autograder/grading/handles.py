"""Handles: how a test refers to the student's objects.

``student.Tensor(x)`` reads like a local call, but names, calls, attributes, items and operators are forwarded to the
agent in the student's kernel. Data comes back by value, anything else as another handle. Operations that would let the
student's code decide a comparison on the trusted side are refused: ``==``, ``in``, truth, and a ``<`` that returns
data. Compare ``value(handle)`` or use ``same`` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, NoReturn, Protocol, cast

import numpy as np

from autograder.errors import CheckFailed, StudentError
from autograder.grading.channel import Channel
from autograder.grading.convert import array_of
from autograder.grading.dressed import as_object, asked_by_a_library
from autograder.grading.transcript import Transcript, describe
from autograder.jail.inside.values import Reference

MAX_ITEMS = 10_000
"""The most items that a test may take from one of the student's iterators."""
MAX_LENGTH = 10_000_000
"""The largest length of a student's object: ``list``, ``range`` and numpy make room for as many items here."""


class SessionLike(Protocol):
    """What handles need of :class:`autograder.grading.session.Session`."""

    channel: Channel
    transcript: Transcript
    generation: int
    received: bool
    methods: set[tuple[str, str]]

    def perform(
        self,
        text: str,
        operation: str,
        *args: object,
        kwargs: Mapping[str, object] | None = None,
        keep: bool = False,
    ) -> Any: ...


class _NoLength(StudentError, TypeError):
    """The TypeError that ``list`` expects if it asks an object without a length for its length."""


class Handle:
    """An object in the student's kernel."""

    __slots__ = ("__generation__", "__keep__", "__label__", "__number__", "__session__", "__type_name__")

    # otherwise numpy treats the handle in `array * handle` as a scalar and broadcasts over it
    __array_ufunc__ = None

    def __init__(
        self, session: SessionLike, reference: Reference, label: str | None = None, keep: bool = False
    ) -> None:
        put = object.__setattr__
        put(self, "__session__", session)
        put(self, "__generation__", session.generation)
        put(self, "__number__", reference.number)
        put(self, "__type_name__", reference.type_name[:80])
        put(self, "__label__", label)
        put(self, "__keep__", keep)

    __session__: SessionLike
    __generation__: int
    __number__: int
    __type_name__: str
    __label__: str | None
    __keep__: bool

    def __describe__(self) -> str:
        """The object's label in the transcript. It gets one when it is first mentioned."""
        if self.__label__ is None:
            object.__setattr__(self, "__label__", self.__session__.transcript.label())
        return self.__label__ or ""

    def _do(self, text: str, operation: str, *args: object, kwargs: Mapping[str, object] | None = None) -> Any:
        return self.__session__.perform(text, operation, *args, kwargs=kwargs, keep=self.__keep__)

    def __call__(self, /, *args: object, **kwargs: object) -> Any:
        text = f"{describe(self)}{_shown(args, kwargs)}"
        return self._do(text, "call", self, *args, kwargs=kwargs)

    def __getattr__(self, name: str) -> Any:
        if (name.startswith("__") and name.endswith("__")) or asked_by_a_library():
            raise AttributeError(name)  # numpy, pytest and copy look for these; the student's code must not answer
        session, text = self.__session__, f"{describe(self)}.{name}"
        kind = (self.__type_name__, name)
        if kind in session.methods and not self.__keep__:
            return Method(self, name, text)
        session.transcript.add(text)
        result = session.channel.request("getattr", self, name, keep=self.__keep__)
        session.received = True
        if isinstance(result, Handle):
            session.transcript.drop()  # the label already says where the object comes from, so no line is needed
            if result.__type_name__ == "method":
                session.methods.add(kind)
        else:
            session.transcript.returned(result)
        return relabelled(result, text)

    def __setattr__(self, name: str, new: object) -> None:
        self._do(f"{describe(self)}.{name} = {describe(new)}", "setattr", self, name, new)

    def __getitem__(self, key: object) -> Any:
        return self._do(f"{describe(self)}[{describe(key)}]", "operator", "getitem", self, key)

    def __setitem__(self, key: object, new: object) -> None:
        text = f"{describe(self)}[{describe(key)}] = {describe(new)}"
        self._do(text, "operator", "setitem", self, key, new)

    def __delitem__(self, key: object) -> None:
        self._do(f"del {describe(self)}[{describe(key)}]", "operator", "delitem", self, key)

    def __len__(self) -> int:
        try:
            length = self._do(f"len({describe(self)})", "len", self)
        except StudentError as error:
            if "TypeError" in error.types:
                raise _NoLength(error.types, error.message, error.traceback) from None
            raise
        if type(length) is int and length > MAX_LENGTH:
            raise StudentError(("OverflowError",), f"a length of more than {MAX_LENGTH:,} came back")
        return length if type(length) is int and length >= 0 else 0

    def __iter__(self) -> Iterator[Any]:
        session = self.__session__
        iterator = self._do(f"iter({describe(self)})", "iter", self)
        for _ in range(MAX_ITEMS):
            item = session.channel.request("next", iterator)
            if not (isinstance(item, tuple) and item):
                return
            yield item[0]
        raise StudentError(("RuntimeError",), f"the iterator gave more than {MAX_ITEMS} items")

    def __enter__(self) -> Any:
        return self._do(f"with {describe(self)}:", "enter", self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the student's context. It cannot suppress the exception inside, which may be this test's failure."""
        name = error.types[0] if isinstance(error, StudentError) else kind.__name__ if kind else None
        # the text of our own exceptions is not sent: it may contain expected values
        message = error.message if isinstance(error, StudentError) else ""
        text = f"(leave {describe(self)})" if name is None else f"(leave {describe(self)} by {name})"
        self.__session__.transcript.add(text)  # the return value of __exit__ is ignored and not shown
        self.__session__.channel.request("exit", self, name, message)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        data = self.__session__.channel.request("value", self)
        if isinstance(data, Handle):
            raise StudentError(("TypeError",), f"a {data.__type_name__} came back where data was expected")
        return array_of(data, dtype)

    def __repr__(self) -> str:
        return f"<{self.__type_name__} in the student's notebook>"

    def _refuse(self, *_: object) -> NoReturn:
        # the student's fault: the reference gave data here, the student an object; a test that forgot value(handle)
        # or same(one, other) would fail on the reference too
        raise CheckFailed(f"a {self.__type_name__} came back where data was expected")

    __bool__ = __contains__ = _refuse

    def __eq__(self, other: object) -> bool:
        self._refuse()

    __hash__ = object.__hash__


class Method(Handle):
    """A method that is looked up when it is called, in one request instead of two.

    An attribute is taken for one when the same attribute of an object of this type has been a method in the same test.
    Where the test does something else with it, it is looked up then.
    """

    __slots__ = ("__attribute__", "__found__", "__owner__")

    def __init__(self, owner: Handle, name: str, label: str) -> None:
        put = object.__setattr__
        put(self, "__session__", owner.__session__)
        put(self, "__generation__", owner.__generation__)
        put(self, "__type_name__", "method")
        put(self, "__label__", label)
        put(self, "__keep__", False)
        put(self, "__owner__", owner)
        put(self, "__attribute__", name)
        put(self, "__found__", None)

    __owner__: Handle
    __attribute__: str
    __found__: Handle | None

    @property
    def __number__(self) -> int:  # type: ignore[override]
        """The object's number, for which it is looked up once."""
        if self.__found__ is None:
            found = self.__session__.channel.request("getattr", self.__owner__, self.__attribute__)
            if not isinstance(found, Handle):
                raise CheckFailed(f"{describe(self)} must be a method; what came back: {describe(found)}")
            object.__setattr__(self, "__found__", found)
        assert self.__found__ is not None
        return self.__found__.__number__

    def __call__(self, /, *args: object, **kwargs: object) -> Any:
        text = f"{describe(self)}{_shown(args, kwargs)}"
        return self._do(text, "call_method", self.__owner__, self.__attribute__, *args, kwargs=kwargs)


def _binary(name: str, symbol: str, reflected: bool) -> Callable[[Handle, object], Any]:
    def forward(self: Handle, other: object) -> Any:
        left, right = (other, self) if reflected else (self, other)
        return self._do(f"{describe(left)} {symbol} {describe(right)}", "operator", name, left, right)

    return forward


def _comparison(name: str, symbol: str) -> Callable[[Handle, object], Any]:
    def forward(self: Handle, other: object) -> Any:
        result = self._do(f"{describe(self)} {symbol} {describe(other)}", "operator", name, self, other)
        if not isinstance(result, Handle):
            # the student's class decided this, and any data has a truth value: numpy's bool, a list, a number
            raise CheckFailed(f"a {self.__type_name__} came back where a number was expected")
        return result

    return forward


def _unary(name: str, symbol: str) -> Callable[[Handle], Any]:
    def forward(self: Handle) -> Any:
        return self._do(f"{symbol}({describe(self)})", "operator", name, self)

    return forward


for _name, _symbol in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}.items():  # fmt: skip
    _remote = f"{_name}_" if _name in ("and", "or") else _name
    setattr(Handle, f"__{_name}__", _binary(_remote, _symbol, reflected=False))
    setattr(Handle, f"__r{_name}__", _binary(_remote, _symbol, reflected=True))
for _name, _symbol in {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(Handle, f"__{_name}__", _comparison(_name, _symbol))
for _name, _symbol in {"neg": "-", "pos": "+", "abs": "abs", "invert": "~"}.items():
    setattr(Handle, f"__{_name}__", _unary(_name, _symbol))


def _shown(args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
    """The arguments of a call, in brackets."""
    shown = [describe(a) for a in args] + [f"{name}={describe(a)}" for name, a in kwargs.items()]
    return f"({', '.join(shown)})"


def relabelled(result: Any, label: str, keep: bool = False) -> Any:
    """The same handle with another label. Data is returned unchanged."""
    if not isinstance(result, Handle):
        return result
    return Handle(result.__session__, Reference(result.__number__, result.__type_name__), label, keep)


def keep(handle: Any) -> Handle:
    """A view of the handle whose results stay remote, even if they are data.

    Raises
    ------
    CheckFailed
        when data came back instead of an object, so that there is no handle.
    """
    behind = as_object(handle)
    if not isinstance(behind, Handle):
        raise CheckFailed(f"{describe(handle)} came back where an object was expected")
    return cast(Handle, relabelled(behind, describe(behind), keep=True))
