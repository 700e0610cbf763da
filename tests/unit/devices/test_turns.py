"""One at a time, the most urgent first, and nobody is lost."""

from __future__ import annotations

import asyncio

from cellctl.devices.modbus.turns import Turns, Urgency


def test_the_most_urgent_waiter_is_served_first() -> None:
    """Writes before the heartbeat before polls, then by order of asking."""
    served: list[str] = []

    async def ask(turns: Turns, urgency: Urgency, name: str) -> None:
        async with turns.turn(urgency):
            served.append(name)
            await asyncio.sleep(0)

    async def scene() -> None:
        turns = Turns()
        async with turns.turn(Urgency.POLL):
            polls = [(Urgency.POLL, "poll 1"), (Urgency.POLL, "poll 2")]
            asked = [*polls, (Urgency.HEARTBEAT, "beat"), (Urgency.WRITE, "write")]
            tasks = [asyncio.create_task(ask(turns, *item)) for item in asked]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)

    asyncio.run(scene())
    assert served == ["write", "beat", "poll 1", "poll 2"]


def test_only_one_holds_the_wire() -> None:
    """However many ask at once."""
    holding: list[int] = []
    most = 0

    async def ask(turns: Turns, number: int) -> None:
        nonlocal most
        async with turns.turn(Urgency(number % 4)):
            holding.append(number)
            most = max(most, len(holding))
            await asyncio.sleep(0)
            holding.remove(number)

    async def scene() -> None:
        turns = Turns()
        await asyncio.gather(*(ask(turns, number) for number in range(20)))

    asyncio.run(scene())
    assert most == 1


def test_a_cancelled_waiter_hands_its_turn_on() -> None:
    """Cancelled while waiting, and in the very moment of being served."""

    async def scene() -> None:
        turns = Turns()
        async with turns.turn(Urgency.WRITE):
            waiting = asyncio.create_task(_hold(turns))
            served = asyncio.create_task(_hold(turns))
            await asyncio.sleep(0)
            waiting.cancel()
        served.cancel()
        await asyncio.gather(waiting, served, return_exceptions=True)
        async with asyncio.timeout(1), turns.turn(Urgency.POLL):
            pass

    asyncio.run(scene())


async def _hold(turns: Turns) -> None:
    async with turns.turn(Urgency.POLL):
        await asyncio.sleep(0)
