"""Finds every sentence that an error can say, by following the syntax trees of the sources.

A sentence is a constant that reaches the `what` or `do` of an error with a code, or a call of `text`. It is followed
through local names, choices, tables, returned values, and through functions that hand their own argument on, such as
`self._fail("CELL-1020", place, "expected …", "add …")`. What cannot be followed is a finding, not a guess.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.unit.texts.syntax import (
    Function,
    argument_of,
    arguments_of,
    assigned,
    defaults_of,
    fields_of,
    imports,
    name_of,
)  # fmt: skip

CODE = re.compile(r"CELL-\d{4}")
SENTENCES = ("what_text", "do_text")
"""Attributes that hold sentences made elsewhere."""
Sentences = tuple[tuple[str, int | None], ...]
"""Arguments that are sentences: name and position, None for one that is given by name alone."""
SINKS: dict[str, Sentences] = {
    name: ((argument, 0),)
    for name, argument in (("text", "template"), ("Text", "template"), ("say", "template"), ("translate", ""))
}
"""Function → the arguments that are sentences; functions that hand theirs on are added while walking."""
OF_ERRORS: Sentences = (("what", 1), ("do", None))
"""The sentences of an error with a code."""
OWN = "cellctl/errors.py"
SPEAKERS = (OWN, "cellctl/cli/language.py")
"""Where sentences are put together: these files hand on what they are given."""


class Place(NamedTuple):
    """A line of the sources."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Scope(NamedTuple):
    """Where names are looked up."""

    module: Module
    function: Function | None


@dataclass
class Module:
    """One file."""

    file: str
    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[ast.ClassDef] = field(default_factory=list)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            match node:
                case ast.Call():
                    self.calls.append(node)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions.append(node)
                case ast.ClassDef():
                    self.classes.append(node)

    def function_of(self, node: ast.AST) -> Function | None:
        """The function that a node stands in."""
        at: ast.AST | None = node
        while at is not None and not isinstance(at, Function):
            at = self.parents.get(at)
        return at


@dataclass
class Walker:
    """Walks over modules; afterwards it knows sentences, codes and findings.

    Attributes:
        sentences: template → where it stands.
        codes: code → where it is raised.
        findings: what is no constant, or cannot be followed.
    """

    modules: list[Module]
    sentences: dict[str, Place] = field(default_factory=dict)
    codes: dict[str, Place] = field(default_factory=dict)
    findings: dict[Place, str] = field(default_factory=dict)
    _carriers: list[tuple[Scope, str]] = field(default_factory=list)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    @classmethod
    def over(cls, folders: list[Path], root: Path) -> Walker:
        """All Python files below some folders."""
        files = sorted(path for folder in folders for path in folder.rglob("*.py"))
        walker = cls([Module(str(path.relative_to(root)), ast.parse(path.read_text("utf-8"))) for path in files])
        walker.walk()
        return walker

    @classmethod
    def of(cls, source: str) -> Walker:
        """One piece of source, for the controls of the walker itself."""
        walker = cls([Module("piece.py", ast.parse(source))])
        walker.walk()
        return walker

    def walk(self) -> None:
        """Look at every call; then at the callers of functions that hand sentences on, until there are no more."""
        for module in self.modules:
            for call in module.calls:
                self._call(module, call)
            for function in module.functions:
                if _is_check(function, module):
                    self._check(module, function)
        while self._carriers:
            self._callers(*self._carriers.pop())

    def _call(self, module: Module, call: ast.Call) -> None:
        scope = Scope(module, module.function_of(call))
        name = name_of(call.func)
        for part in call.args:
            for item in (part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,):
                if isinstance(item, ast.Constant) and CODE.fullmatch(str(item.value)):
                    self.codes.setdefault(str(item.value), Place(module.file, call.lineno))
        if module.file in SPEAKERS and not _words(call):
            return
        if name.endswith(("Error", "Errors")) and (_code(call) or _hands_code_on(call)):
            wanted = OF_ERRORS
        else:
            wanted = SINKS.get(name, ()) if _is_ours(module, call) else ()
        for keyword, position in wanted:
            argument = argument_of(call, keyword, position)
            if argument is not None:
                self._follow(argument, scope)

    def _check(self, module: Module, function: Function) -> None:
        """A check of a typed section says by a ValueError what it expected."""
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Raise)
                and isinstance(node.exc, ast.Call)
                and name_of(node.exc.func) == "ValueError"
            ):
                self._all(node.exc.args, Scope(module, function))

    def _follow(self, node: ast.expr, scope: Scope) -> None:
        """Everything that an expression can be."""
        match node:
            case ast.Constant(value=str(sentence)):
                if sentence and not CODE.fullmatch(sentence):
                    self.sentences.setdefault(sentence, Place(scope.module.file, node.lineno))
            case ast.Constant():
                pass
            case ast.IfExp():
                self._all([node.body, node.orelse], scope)
            case ast.BoolOp():
                self._all(node.values, scope)
            case ast.Tuple() | ast.List():
                self._all(node.elts, scope)
            case ast.Dict():
                self._all(node.values, scope)
            case ast.Starred() | ast.NamedExpr():
                self._follow(node.value, scope)
            case ast.Subscript():
                self._follow(node.value, scope)
            case ast.Name():
                self._named(node, scope)
            case ast.Attribute():
                self._attribute(node, scope)
            case ast.Call():
                self._made(node, scope)
            case _:
                self._finding(node, scope, "is put together where it is raised: use a template with named places")

    def _all(self, nodes: list[ast.expr], scope: Scope) -> None:
        for node in nodes:
            self._follow(node, scope)

    def _named(self, node: ast.Name, scope: Scope) -> None:
        """A local name, an argument, or a constant of this or another module."""
        if scope.function is not None:
            if values := list(assigned(scope.function, node.id)):
                self._once(values, scope, node.id)
                return
            if node.id in arguments_of(scope.function):
                self._carrier(scope, node.id)
                return
        values = list(assigned(scope.module.tree, node.id))
        if values:
            self._once(values, Scope(scope.module, None), node.id)
            return
        for module in self.modules:
            if imports(scope.module.tree, node.id, module.file):
                self._once(list(assigned(module.tree, node.id)), Scope(module, None), node.id)
                return
        self._finding(node, scope, f"comes from {node.id!r}, which is assigned nowhere")

    def _once(self, values: list[ast.expr], scope: Scope, name: str) -> None:
        for value in values:
            key = (id(value), name)
            if key not in self._seen:
                self._seen.add(key)
                self._follow(value, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> None:
        """A field of a table in the same file: its constructor's calls are followed."""
        if node.attr in SENTENCES:
            return
        for kind in scope.module.classes:
            fields = fields_of(kind)
            if node.attr in fields:
                for call in scope.module.calls:
                    if name_of(call.func) == kind.name:
                        argument = argument_of(call, node.attr, fields.index(node.attr))
                        if argument is not None:
                            self._once([argument], Scope(scope.module, scope.module.function_of(call)), node.attr)
                return
        self._finding(node, scope, f"comes from `.{node.attr}`, which no class of this file has")

    def _made(self, node: ast.Call, scope: Scope) -> None:
        """A call of `text` is looked at by itself; a function of ours is followed into what it returns."""
        name = name_of(node.func)
        if name in SINKS or name == "sentence_of":
            return
        for module in self.modules:
            for function in module.functions:
                if function.name == name and _returns_words(function):
                    inside = Scope(module, function)
                    returned = [item.value for item in ast.walk(function) if isinstance(item, ast.Return)]
                    self._once([value for value in returned if value is not None], inside, name)
                    return
        self._finding(node, scope, f"comes from {name}(), which returns no sentence")

    def _carrier(self, scope: Scope, argument: str) -> None:
        assert scope.function is not None
        if (id(scope.function), argument) not in self._seen:
            self._seen.add((id(scope.function), argument))
            self._carriers.append((scope, argument))

    def _callers(self, scope: Scope, argument: str) -> None:
        """The calls of a function that hands `argument` on: in its file, where it is imported, or with a code."""
        function = scope.function
        assert function is not None
        names = arguments_of(function)
        has_code, position = "code" in names, names.index(argument) - (names[:1] == ["self"])
        only_keyword = argument in [item.arg for item in function.args.kwonlyargs]
        for default in defaults_of(function, argument):
            self._follow(default, scope)
        for module in self.modules:
            if not (has_code or module is scope.module or imports(module.tree, function.name, scope.module.file)):
                continue
            for call in module.calls:
                if name_of(call.func).lstrip("_") != function.name.lstrip("_"):
                    continue
                if has_code and not (_code(call) or _hands_code_on(call)):
                    continue
                given = argument_of(call, argument, None if only_keyword else position)
                if given is not None:
                    self._once([given], Scope(module, module.function_of(call)), argument)

    def _finding(self, node: ast.expr, scope: Scope, why: str) -> None:
        self.findings[Place(scope.module.file, node.lineno)] = f"`{ast.unparse(node)[:60]}` {why}"


def _is_check(function: Function, module: Module) -> bool:
    """Whether pydantic calls a function: by its decorator, or as `BeforeValidator(function)` and the like."""
    marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
    return any(name_of(mark).endswith("_validator") for mark in marks) or any(
        name_of(call.func).endswith("Validator") and any(name_of(argument) == function.name for argument in call.args)
        for call in module.calls
    )


def _is_ours(module: Module, call: ast.Call) -> bool:
    """Whether a function is the one that makes sentences, and not another library's of the same name."""
    name = name_of(call.func)
    return isinstance(call.func, ast.Name) and (
        module.file in SPEAKERS or any(imports(module.tree, name, speaker) for speaker in SPEAKERS)
    )


def _words(call: ast.Call) -> bool:
    """Whether a call has constants for arguments."""
    return any(isinstance(argument, ast.Constant) for argument in call.args)


def _code(call: ast.Call) -> bool:
    return any(isinstance(it, ast.Constant) and CODE.fullmatch(str(it.value)) is not None for it in call.args)


def _hands_code_on(call: ast.Call) -> bool:
    return (bool(call.args) and any(name_of(argument) == "code" for argument in call.args[:1])) or any(
        isinstance(it, ast.IfExp) and CODE.fullmatch(str(getattr(it.body, "value", ""))) for it in call.args
    )


def _returns_words(function: Function) -> bool:
    """A function that says what it returns, and that it may be a sentence."""
    said = ast.unparse(function.returns) if function.returns is not None else ""
    return "Text" in said or "str" in said
