# SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
"""Ridge regression on scikit-learn's Nystroem features of the Gaussian kernel.

Usage: realuse.py FOLDER DIMENSION TRIAL_POINTS TRIAL_COLUMNS LENGTH_SCALE…

Reads training.npy, targets.npy and test.npy of FOLDER, writes outputs.npy there and prints one JSON line.
The length scale is chosen on at most TRIAL_POINTS points with at most TRIAL_COLUMNS columns, the ridge
on all: both by the error of a tenth held out.
"""

import json
import sys
import time

import numpy as np
from sklearn.kernel_approximation import Nystroem

TILE = 4096
RIDGES = 10.0 ** np.arange(-7, 3.25, 0.5)


def fitted_map(x, dimension, length_scale):
    components = min(dimension, len(x))
    gamma = 0.5 / length_scale**2
    return Nystroem(kernel="rbf", gamma=gamma, n_components=components, random_state=0).fit(x)


class Sums:
    """ZᵀZ, ZᵀY and Zᵀ1, tile by tile."""

    def __init__(self, features, x, y):
        self.gram = self.moments = self.columns = 0
        for start in range(0, len(x), TILE):
            z = features.transform(x[start:start + TILE])
            self.gram = self.gram + z.T @ z
            self.moments = self.moments + z.T @ y[start:start + TILE]
            self.columns = self.columns + z.sum(axis=0)

    def add(self, other):
        self.gram += other.gram
        self.moments += other.moments
        self.columns += other.columns

    def centred(self, means):
        return self.moments - np.outer(self.columns, means)


def outputs(features, x, weights):
    tiles = [features.transform(x[start:start + TILE]) @ weights
             for start in range(0, len(x), TILE)]
    return np.concatenate(tiles)


def error(found, truth):
    """The share of wrong classes, or the mean squared error."""
    if truth.shape[1] == 1:
        return np.mean((found - truth) ** 2)
    return np.mean(found.argmax(axis=1) != truth.argmax(axis=1))


def best_place(errors, are_shares):
    """Of the least error, for shares of classes averaged with its neighbours'; of equals, the last."""
    if are_shares:
        errors = [np.mean(errors[max(0, i - 1):i + 2]) for i in range(len(errors))]
    return len(errors) - 1 - int(np.argmin(errors[::-1]))


def learned(features, x, y):
    """Weights and intercepts from all points, the held-out error, and the ridge."""
    held = np.random.default_rng(0).random(len(x)) < 0.1
    total = Sums(features, x[~held], y[~held])
    means = y[~held].mean(axis=0)
    values, vectors = np.linalg.eigh(total.gram)
    projected = vectors.T @ total.centred(means)
    paths = [vectors @ (projected / (np.maximum(values, 0) + ridge)[:, None]) for ridge in RIDGES]
    found = outputs(features, x[held], np.concatenate(paths, axis=1))
    found = found.reshape(len(found), len(RIDGES), -1)
    errors = [error(found[:, i] + means, y[held]) for i in range(len(RIDGES))]
    best = best_place(errors, y.shape[1] > 1)
    total.add(Sums(features, x[held], y[held]))
    means = y.mean(axis=0)
    total.gram[np.diag_indices_from(total.gram)] += RIDGES[best]
    weights = np.linalg.solve(total.gram, total.centred(means))
    return weights, means, min(errors), RIDGES[best]


def main(folder, dimension, trial_points, trial_columns, *length_scales):
    def read(name):
        return np.load(f"{folder}/{name}.npy").astype(np.float64)

    x, y, test = read("training"), read("targets"), read("test")
    dimension = int(dimension)
    count = min(int(trial_points), len(x))
    picked = np.arange(count) * len(x) // count

    def trial_error(length_scale):
        features = fitted_map(x[picked], min(dimension, int(trial_columns)), length_scale)
        return learned(features, x[picked], y[picked])[2]

    length_scale = min(map(float, length_scales), key=trial_error)
    start = time.perf_counter()
    features = fitted_map(x, dimension, length_scale)
    weights, means, held_out, ridge = learned(features, x, y)
    found = outputs(features, test, weights) + means
    seconds = time.perf_counter() - start
    np.save(f"{folder}/outputs.npy", found)
    # The Gaussian kernel's diagonal is 1.
    print(json.dumps({"seconds": seconds, "columns": len(weights), "heldOutError": held_out,
                      "relativeRidge": ridge}))


main(*sys.argv[1:])
