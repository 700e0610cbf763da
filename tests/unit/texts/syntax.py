"""Small questions about a syntax tree: names, arguments, and what a name is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.c`; empty for what has none."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
    return ""


def argument_of(call: ast.Call, keyword: str, position: int | None) -> ast.expr | None:
    """What a call gives for an argument; a starred one stands for all that follow."""
    for item in call.keywords:
        if item.arg == keyword:
            return item.value
    if position is None:
        return None
    for index, given in enumerate(call.args):
        if index == position or (isinstance(given, ast.Starred) and index <= position):
            return given
    return None


def arguments_of(function: Function) -> list[str]:
    """Names of the arguments, in order."""
    every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return [argument.arg for argument in every]


def defaults_of(function: Function, name: str) -> Iterator[ast.expr]:
    """The default of an argument, if it has one."""
    plain = [*function.args.posonlyargs, *function.args.args]
    for argument, default in zip(reversed(plain), reversed(function.args.defaults), strict=False):
        if argument.arg == name:
            yield default
    for argument, keyword_default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if argument.arg == name and keyword_default is not None:
            yield keyword_default


def assigned(body: ast.AST, name: str) -> Iterator[ast.expr]:
    """Values that a name gets in a function or, at its top, in a module."""
    nodes = ast.iter_child_nodes(body) if isinstance(body, ast.Module) else ast.walk(body)
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _parts(target, value, name)
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                yield value
            case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                yield value
            case ast.For(target=target, iter=values):
                yield from _items(target, values, name)


def _parts(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    """`what = …`, and `what, do = …, …`."""
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
        for part, given in zip(target.elts, values, strict=False):
            yield from _parts(part, given, name)


def _items(target: ast.expr, values: ast.expr, name: str) -> Iterator[ast.expr]:
    """`for key, what in ((…, "…"), …)`."""
    for item in values.elts if isinstance(values, ast.Tuple | ast.List) else [values]:
        yield from _parts(target, item, name)


def fields_of(kind: ast.ClassDef) -> list[str]:
    """The annotated fields of a class, in order."""
    return [it.target.id for it in kind.body if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name)]


def imports(tree: ast.Module, name: str, file: str) -> bool:
    """Whether a module takes a name from the module in `file`."""
    return any(
        isinstance(node, ast.ImportFrom)
        and f"/{(node.module or '').replace('.', '/')}.py".endswith(f"/{file.removeprefix('sim/')}")
        and any(alias.name == name for alias in node.names)
        for node in tree.body
    )
