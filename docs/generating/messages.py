"""The page of the messages between plugins."""

from __future__ import annotations

import msgspec

import cellctl.model
from cellctl.model import Message
from docs.generating.markdown import joined, listed, page, spoken, table

INTRODUCTION = (
    "What travels between plugins: frozen `msgspec.Struct`s from `cellctl.model`. Each also carries `source`, "
    "`sequence`, `stamp` and `trace`. Only messages marked *may leave* go outside of the cell."
)


def messages_page() -> str:
    """`messages.md`: messages first, then what they are made of."""
    kinds = [it for it in vars(cellctl.model).values() if isinstance(it, type) and issubclass(it, msgspec.Struct)]
    messages = sorted((it for it in kinds if issubclass(it, Message) and it is not Message), key=lambda it: it.__name__)
    parts = sorted((it for it in kinds if not issubclass(it, Message)), key=lambda it: it.__name__)
    return page("Messages", INTRODUCTION, [_struct(it) for it in [*messages, *parts]])


def _struct(kind: type[msgspec.Struct]) -> str:
    leaves = " *May leave the cell.*" if getattr(kind, "egress", None) == cellctl.model.Egress.FEATURES else ""
    fields = table(("field", "meaning"), [(f"`{name}`", said) for name, said in listed(kind).items()])
    return "\n\n".join(filter(None, [f"## `{kind.__name__}`", joined(spoken(kind)) + leaves, fields]))
