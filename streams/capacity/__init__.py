"""What a platform of a given size needs: machines, partitions, network, state, time to recover, money."""

from streams.capacity.costs import COSTS, Cost
from streams.capacity.planning import MOST, Need, Plan, Prices, plan_for
from streams.capacity.queueing import Waits, simulated

__all__ = ["COSTS", "MOST", "Cost", "Need", "Plan", "Prices", "Waits", "plan_for", "simulated"]
