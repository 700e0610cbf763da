"""The laws of control: small pure classes that turn samples into set-points (each names its formula and source)."""

from cellctl.loop.adjust.laws.base import Aim, Law, Sample
from cellctl.loop.adjust.laws.double_ewma import DoubleEwma
from cellctl.loop.adjust.laws.ewma import Ewma
from cellctl.loop.adjust.laws.feed_forward import FeedForward, Influence
from cellctl.loop.adjust.laws.mpc import PredictiveLaw, Source, VectorSample, kalman_weight
from cellctl.loop.adjust.laws.mpc_model import MpcInput, MpcModel
from cellctl.loop.adjust.laws.mpc_problem import MpcCosts, MpcProblem
from cellctl.loop.adjust.laws.pi import SimcPi
from cellctl.loop.adjust.laws.pulse import PulseAndWait
from cellctl.loop.adjust.laws.qp import Problem, Solve, solve
from cellctl.loop.adjust.laws.smith import SmithPredictor
from cellctl.loop.adjust.laws.solver_thread import SolverThread
from cellctl.loop.adjust.laws.stability import ewma_bound, largest_root
from cellctl.loop.adjust.laws.step import Step
from cellctl.loop.adjust.laws.suitable import minimum_variance, prediction_gain, require_suitable, suitable

__all__ = [
    "Aim",
    "DoubleEwma",
    "Ewma",
    "FeedForward",
    "Influence",
    "Law",
    "MpcCosts",
    "MpcInput",
    "MpcModel",
    "MpcProblem",
    "PredictiveLaw",
    "Problem",
    "PulseAndWait",
    "Sample",
    "SimcPi",
    "SmithPredictor",
    "Solve",
    "SolverThread",
    "Source",
    "Step",
    "VectorSample",
    "ewma_bound",
    "kalman_weight",
    "largest_root",
    "minimum_variance",
    "prediction_gain",
    "require_suitable",
    "solve",
    "suitable",
]
