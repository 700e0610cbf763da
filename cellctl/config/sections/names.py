"""Types that several sections of the YAML file share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="lower case letters, digits and _")]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[A-Za-z0-9_{}]+$", description="<device>.<tag>")]
Authority = Annotated[
    Literal["off", "shadow", "advisory", "confirm", "auto"],
    Field(description="how far a loop may go: see nothing, record, advise, act after a person's yes, act"),
]
