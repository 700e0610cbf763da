"""Ports of a plugin: typed inputs and outputs, and the decorators that bind handlers to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, overload

from cellctl.errors import PluginError
from cellctl.model.message import Message

M = TypeVar("M", bound=Message)
Sent_contra = TypeVar("Sent_contra", bound=Message, contravariant=True)
Handler = TypeVar("Handler", bound=Callable[..., None])

INPUT_MARK = "__cellctl_input__"
PERIOD_MARK = "__cellctl_period_s__"


class Input(Generic[M]):
    """Declares that a plugin listens to messages of one type."""

    def __init__(self, message: type[M]) -> None:
        self.message = message
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Sender(Protocol[Sent_contra]):
    """What a handler sees of an output."""

    def send(self, message: Sent_contra) -> None:
        """Queue one message for every listener; never blocks."""
        ...


class Output(Generic[M]):
    """Declares that a plugin sends messages of one type; on an instance it is a `Sender`."""

    def __init__(self, message: type[M]) -> None:
        self.message = message
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Output[M]: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> Sender[M]: ...
    def __get__(self, instance: Any, owner: type) -> Output[M] | Sender[M]:
        if instance is None:
            return self
        sender: Sender[M] = instance.context.sender(self.name)
        return sender


def on(port: Input[Any]) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of an input."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, INPUT_MARK, port)
        return handler

    return mark


def every(seconds: float) -> Callable[[Handler], Handler]:
    """Mark a method to be called periodically, whether messages arrive or not."""
    if seconds <= 0:
        raise PluginError("CELL-3001", "@every: expected a period above 0 s, got {seconds}", seconds=seconds)

    def mark(handler: Handler) -> Handler:
        setattr(handler, PERIOD_MARK, seconds)
        return handler

    return mark
