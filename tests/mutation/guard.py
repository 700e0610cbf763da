"""How many deliberate faults in the guard its tests notice: `python -m tests.mutation.guard`.

The faults are made by cosmic-ray's operators, at every place: another comparison, number or sign, `and` for `or`, a
condition turned round, a decorator or the body of a loop taken away. Left out are changes that nothing runs, as in
annotations. Each fault lives in a process of its own, forked with everything
imported but the guard, and one failing test or 30 s without an end finds it.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import cosmic_ray.ast
import cosmic_ray.plugins
import pytest
from cosmic_ray.mutating import MutationVisitor

ROOT = Path(__file__).resolve().parents[2]
MUTATED = ("cellctl.guard.case", "cellctl.guard.core", "cellctl.guard.rules", "cellctl.guard.slew",
           "cellctl.model.guarding")  # fmt: skip
QUICK = ("rules", "core", "edges", "hands", "trip", "budgets", "changeover", "slew_property")
UNIT = ROOT / "tests/unit/guard"
TESTS = [str(UNIT / f"test_{name}.py") for name in QUICK]
"""Without the stories by chance: they find much, but at the cost of seconds each."""
OPTIONS = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", f"--confcutdir={UNIT}"]
LIMIT_S = 30
BINARY = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "BitOr_BitAnd")
COMPARISON = ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt",
              "Is_IsNot", "IsNot_Is")  # fmt: skip
OTHERS = ("ReplaceUnaryOperator_USub_UAdd", "ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_Delete_Not",
          "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
          "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer",
          "RemoveDecorator", "ZeroIterationForLoop")  # fmt: skip
OPERATORS = (
    *(f"core/ReplaceBinaryOperator_{name}" for name in BINARY),
    *(f"core/ReplaceComparisonOperator_{name}" for name in COMPARISON),
    *(f"core/{name}" for name in OTHERS),
)
"""Of each sign the one or two that are nearest to it: its opposite, and the limit itself in or out."""


@dataclass(frozen=True)
class Fault:
    """One place where one operator changes a module."""

    module: str
    operator: str
    occurrence: int
    line: int
    code: str
    before: str
    after: str


class _Without(ast.NodeTransformer):
    """Takes away what nothing runs."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # the name is given
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:  # the name is given
        node.annotation = ast.Constant(0)
        return self.generic_visit(node)


def _runs(code: str) -> str:
    return ast.dump(_Without().visit(ast.parse(code)))


def _path(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def faults(module: str) -> Iterator[Fault]:
    """Every fault of one module that can be told from its code as it is."""
    source = _path(module).read_text()
    runs, seen = _runs(source), set[str]()
    nodes = list(cosmic_ray.ast.ast_nodes(cosmic_ray.ast.get_ast(source)))
    for name in OPERATORS:
        operator = cosmic_ray.plugins.get_operator(name)()
        for occurrence in range(sum(len(list(operator.mutation_positions(node))) for node in nodes)):
            code = MutationVisitor.mutate_code(source, operator, occurrence)
            try:
                changed = _runs(code)
            except SyntaxError:
                continue
            if changed not in {runs, *seen}:
                seen.add(changed)
                yield _fault(module, name, occurrence, source, code)


def _fault(module: str, name: str, occurrence: int, source: str, code: str) -> Fault:
    lines = zip(source.splitlines(), code.splitlines(), strict=False)
    number, (before, after) = next((n, it) for n, it in enumerate(lines, 1) if it[0] != it[1])
    return Fault(module, name, occurrence, number, code, before.strip(), after.strip())


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from changed code."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        found = name == self._fault.module
        return importlib.util.spec_from_file_location(name, _path(name), loader=self) if found else None

    def create_module(self, _: importlib.machinery.ModuleSpec) -> None:
        """Leave it to the interpreter."""

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._fault.code, str(_path(self._fault.module)), "exec"), module.__dict__)


def survives(fault: Fault | None) -> bool:
    """Whether all tests pass with the fault; None: with the code as it is."""
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT_S)
        if fault is not None:
            sys.meta_path.insert(0, _Finder(fault))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os._exit(int(pytest.main([*OPTIONS, *TESTS])))
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """Try every fault, list those that no test notices, print the score; 1 when it is below what was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("modules", nargs="*", default=MUTATED)
    arguments.add_argument("--at-least", type=float, default=95.0, help="score that must be reached, %%")
    asked = arguments.parse_args()
    for name in ("cellctl.config.resolved", "cellctl.model", "hypothesis", "hypothesis.stateful"):
        importlib.import_module(name)
    if not survives(None):
        print("the tests fail without any fault")
        return 2
    tried = survived = 0
    for module in asked.modules:
        for fault in faults(module):
            tried += 1
            if survives(fault):
                survived += 1
                print(f"{module}:{fault.line}: {fault.operator.split('/')[1]}\n  - {fault.before}\n  + {fault.after}",
                      flush=True)  # fmt: skip
    score = 100.0 * (tried - survived) / tried
    print(f"{tried} faults, {tried - survived} noticed, {survived} not: {score:.1f} %")
    return int(score < asked.at_least)


if __name__ == "__main__":
    sys.exit(main())
