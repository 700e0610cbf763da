"""Files of up to 1 MB that mean no good: each is refused before it costs anything."""

from __future__ import annotations

NESTS = 100_000
HOSTILE = {
    "lists in lists": "[" * NESTS,
    "mappings in mappings": "{a: " * NESTS,
    "dashes in dashes": "- " * NESTS,
    "keys in keys": "? " * NESTS,
    "lists and mappings": "[{a: " * NESTS,
    "indented mappings": "".join(" " * depth + "a:\n" for depth in range(1300)),
    "one long text": "a: " + "x" * 999_000,
    "one long quoted text": 'a: "' + "x" * 999_000 + '"',
    "one long block": "a: |\n" + "  x\n" * 240_000,
    "one long key": '? "' + "k" * 999_000 + '"\n: 1',
    "a long number": "a: " + "9" * 999_000,
    "a number beyond all": "a: 1e999999",
    "a long hexadecimal number": "a: 0x" + "f" * 999,
    "many keys": "".join(f"k{number}: 1\n" for number in range(80_000)),
    "many items": "a: [" + "1," * 400_000 + "]",
    "many empty lists": "[" + "[]," * 300_000 + "]",
    "one key many times": "a: 1\n" * 150_000,
    "an anchor, many aliases": "a: &a [x]\nb: [" + "*a," * 300_000 + "]",
    "a bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20)
    ),
    "many tags": "- !!x 1\n" * 100_000,
    "many documents": "---\na: 1\n" * 80_000,
    "many escapes": 'a: "' + "\\u0041" * 150_000 + '"',
    "an open quote": 'a: "' + "x" * 999_000,
}  # fmt: skip
