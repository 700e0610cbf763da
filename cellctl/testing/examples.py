"""Messages, frames and a cell for tests: everything that is not said gets the plainest value of its type."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from cellctl.config.resolved import GuardRules, Recipe, ResolvedCell, Web
from cellctl.errors import PluginError
from cellctl.model.frame import Frame
from cellctl.model.message import Message, Stamp
from cellctl.model.waveform import Waveform

M = TypeVar("M", bound=msgspec.Struct)
ROWS, COLUMNS = 8, 64
"""Shape of an example's frame."""
SAMPLES, RATE_HZ = 256, 1000.0
"""Shape of an example's window."""
_SHAPES: dict[type[msgspec.Struct], dict[str, Any]] = {
    Frame: {"rows": ROWS, "columns": COLUMNS, "row_mm": 0.1, "column_mm": 0.1},
    Waveform: {"samples": SAMPLES, "rate_hz": RATE_HZ, "unit": "g"},
}
_COUNTERS = ("frame_id", "window_id")
PERIOD_NS = 100_000_000
"""Between two examples."""
_PLAIN: dict[type[Any], Any] = {
    inspect.IntType: 0,
    inspect.FloatType: 0.0,
    inspect.StrType: "example",
    inspect.BoolType: False,
    inspect.BytesType: b"",
    inspect.NoneType: None,
    inspect.AnyType: None,
    inspect.VarTupleType: (),
    inspect.DictType: {},
}


def example(kind: type[M], **fields: Any) -> M:
    """A message of any type, or any other struct of the model, of which only what matters has to be said.

    ```python
    example(Alarm, text="lamp is out")
    example(Frame, frame_id=7, rows=100, columns=4096)
    ```

    Args:
        kind: the type; every field without a default gets the plainest value of its type, a frame or a window its
            example shape.
        fields: what matters to the test.
    """
    given = {**_SHAPES.get(kind, {}), **fields}
    missing = [field for field in msgspec.structs.fields(kind) if field.required and field.name not in given]
    return kind(**given, **{field.name: _plain(field.type) for field in missing})


def examples(kind: type[Message], count: int = 3) -> list[Message]:
    """So many examples, each one period after the one before; those that count up do."""
    made = []
    for number in range(count):
        message = example(kind, stamp=Stamp(number * PERIOD_NS), trace=number)
        counter = {name: number for name in _COUNTERS if name in kind.__struct_fields__}
        made.append(msgspec.structs.replace(message, **counter))
    return made


def bare_cell(**changes: Any) -> ResolvedCell:
    """A resolved cell with nothing in it; `changes` are fields of `ResolvedCell`.

    ```python
    cell = bare_cell(lot="LOT-7")
    ```
    """
    cell = ResolvedCell(
        id="example", path="", mode="production", lot="example", seed=0, web=Web("", "", "", {}),
        recipe=Recipe("", 1.0, "", ""), devices=(), plugins=(), defects=(), loops=(),
        guard=GuardRules((), 0.2, 2.0, 0.5, {}),
    )  # fmt: skip
    return msgspec.structs.replace(cell, **changes)


def _plain(kind: Any) -> Any:
    """The plainest value of a type; PluginError CELL-3041 for one that has none."""
    return _plain_of(inspect.type_info(kind))


def _plain_of(found: inspect.Type) -> Any:
    if isinstance(found, inspect.StructType):
        return example(found.cls)
    if isinstance(found, inspect.EnumType):
        return next(iter(found.cls))
    if isinstance(found, inspect.UnionType):
        return None if found.includes_none else _plain_of(found.types[0])
    if isinstance(found, inspect.TupleType):
        return tuple(_plain_of(item) for item in found.item_types)
    if type(found) not in _PLAIN:
        raise PluginError("CELL-3041", "no plain value is known of {kind}", do="hand the field over", kind=found)
    return _PLAIN[type(found)]
