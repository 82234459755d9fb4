"""Simulated branches whose stage is known in every week: the yardstick of the stage engine.

`life.toml` says how a simulated branch lives, `profiles.toml` what a market is like; neither is read by
the engine, and the engine's own numbers (`core/stages/*.csv`) are not read here.
"""

from core.simulation.chain import Chain, chain_of
from core.simulation.markets import Market, Simulated, market, market_names, simulated
from core.simulation.scores import Scores, scores_of

__all__ = ["Chain", "Market", "Scores", "Simulated", "chain_of", "market", "market_names", "scores_of", "simulated"]
