"""Where a multivariable plant stands: lags, what is on its way, and the disturbance that is left."""

from __future__ import annotations

from collections import deque

import numpy as np

from cellctl.loop.adjust.laws.mpc_model import MpcModel
from cellctl.loop.adjust.laws.qp import Array


class MpcState:
    """Follows the model with the set-points in force; all in deviations from the recipe.

    Args:
        model: of the plant.
        samples: how far free responses reach.
    """

    def __init__(self, model: MpcModel, samples: int) -> None:
        self._follow, self._gains, self._mixing = model.follow, model.gains, model.mixing
        self._samples = samples
        count = len(model.inputs)
        self._acts = np.array([each.acts_after for each in model.inputs])
        self._seen = np.array([each.seen_after for each in model.inputs])
        self._index = np.arange(count)
        longest = int(max(self._acts.max(), self._seen.max())) + 1
        # newest last; the envelope's dead times bound both
        self._arriving: deque[Array] = deque([np.zeros(count)] * longest, maxlen=longest)
        self._lagged: deque[Array] = deque([np.zeros(count)] * longest, maxlen=longest)

    def settle(self, applied: Array) -> None:
        """These set-points (deviations from the recipe) have been in force for ever."""
        there = self._mixing @ applied
        for values in (self._arriving, self._lagged):
            values.extend([there] * len(values))

    def advance(self, applied: Array) -> None:
        """One sample with these set-points in force (deviations from the recipe)."""
        self._arriving.append(self._mixing @ applied)
        arrived = np.array(self._arriving)[-1 - self._acts, self._index]
        now = self._lagged[-1]
        self._lagged.append(now + self._follow * (arrived - now))

    def free(self) -> tuple[Array, Array]:
        """Outputs now and in the next samples if all set-points went to the recipe, (1 + samples) × outputs.

        Returns:
            The held characteristic's share, (1 + samples), and the limited ones', (1 + samples) × limits; entry 0 is
            now.
        """
        lags = self._coming()
        past = len(self._lagged) - 1
        web = np.arange(past, past + self._samples + 1)[:, None] - self._seen
        held = lags[web, self._index] @ self._gains[0]
        near = lags[past:] @ self._gains[1:].T
        return np.asarray(held), np.asarray(near)

    def _coming(self) -> Array:
        """Lagged values: the known past, then what comes of what has already been written."""
        arriving = np.array(self._arriving)
        lags = list(self._lagged)
        for ahead in range(1, self._samples + 1):
            back = self._acts - ahead  # samples before now at which that value was put in force
            arrived = np.where(back >= 0, arriving[-1 - np.maximum(back, 0), self._index], 0.0)
            lags.append(lags[-1] + self._follow * (arrived - lags[-1]))
        return np.array(lags)
