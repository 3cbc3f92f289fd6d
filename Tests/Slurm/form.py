#!/usr/bin/env python3
"""Says how the documents of two sweeps differ in form, and whether a cluster's is whole.

    form.py GATHERED LOCAL

What only a cluster has (plan.launch, machines, nodes) and what chance decides (which points were
disturbed, and so what follows from them) is left out of the comparison.
"""

import json
import sys

ONLY_CLUSTER = {".plan.launch", ".machines", ".points[].nodes"}
BY_CHANCE = {".points[].disturbed", ".points[].latency.ci95", ".analysis"}
# Intervals are of so many processes or more; disturbed points get more than the plan's rounds.
LEAST_FOR_INTERVAL = 6


def forms(value, path=""):
    if any(path.startswith(one) for one in ONLY_CLUSTER | BY_CHANCE):
        return set()
    if isinstance(value, dict):
        return {(path, "object")}.union(*(forms(v, f"{path}.{k}") for k, v in value.items()))
    if isinstance(value, list):
        return {(path, "array")}.union(*(forms(v, f"{path}[]") for v in value))
    return {(path, "number" if isinstance(value, (int, float)) and not isinstance(value, bool)
             else type(value).__name__)}


def main():
    gathered, local = (json.load(open(path)) for path in sys.argv[1:3])
    faults = []
    # What this machine is set to, and so its environment, may differ between its nodes.
    here, there = forms(gathered), forms(local)
    for path, kind in sorted(here ^ there):
        if path.startswith(".machine.environment") or path.startswith(".topology.parameters"):
            continue
        faults.append(f"{'gathered' if (path, kind) in here else 'local'} alone has {path}: {kind}")
    for key in ("index", "settings", "batch", "totals"):
        if [p.get(key) for p in gathered["points"]] != [p.get(key) for p in local["points"]]:
            faults.append(f"the points' {key} differ")
    rounds = gathered["plan"]["rounds"]
    for point in gathered["points"]:
        if point["state"] != "measured" or len(point["latency"]["samples"]) < rounds:
            faults.append(f"point {point['index']} is not whole: {point['state']}")
        elif len(point["nodes"]) != len(point["latency"]["samples"]):
            faults.append(f"point {point['index']} has not a node a sample")
        elif ("ci95" in point["latency"]) != (len(point["latency"]["samples"]) >= LEAST_FOR_INTERVAL):
            faults.append(f"point {point['index']} of {len(point['latency']['samples'])} processes "
                          f"has {'an' if 'ci95' in point['latency'] else 'no'} interval")
    for fault in faults:
        print(fault)
    if not faults:
        nodes = {node for point in gathered["points"] for node in point["nodes"]}
        print(f"{len(gathered['points'])} points, {rounds} processes each or more, of nodes "
              f"{', '.join(sorted(nodes))}: {len(here & there)} paths alike")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
