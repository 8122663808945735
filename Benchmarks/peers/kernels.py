# SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
"""Exact kernels by neural-tangents. Usage: kernels.py ROW [BATCH…]"""

import os
import sys

# Its parts that use TensorFlow greet at length.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import numpy as np
from neural_tangents import stax

from measure import main, measure, median_seconds, report

random = np.random.default_rng(0)
ROOT2 = 2**0.5


def points(*shape):
    return random.random(shape, dtype=np.float32) - np.float32(0.5)


def fully_connected(depth, activation):
    layers = []
    for _ in range(depth):
        layers += [stax.Dense(1, W_std=ROOT2), activation()]
    return stax.serial(*layers, stax.Dense(1, W_std=ROOT2))


def convolution():
    return stax.Conv(1, (3, 3), padding="SAME", W_std=ROOT2)


def myrtle5():
    pool = lambda: stax.AvgPool((2, 2), strides=(2, 2))
    return stax.serial(
        convolution(), stax.Relu(), convolution(), stax.Relu(), pool(),
        convolution(), stax.Relu(), pool(), convolution(), stax.Relu(),
        stax.GlobalAvgPool(), stax.Dense(1, W_std=ROOT2))


def flattened(depth):
    layers = []
    for _ in range(depth):
        layers += [convolution(), stax.Relu()]
    return stax.serial(*layers, stax.Flatten(), stax.Dense(1, W_std=ROOT2))


def compiled(network):
    """The NTK between two sets of points, compiled."""
    kernel = network[2]
    return jax.jit(lambda x, y: kernel(x, y, "ntk"))


def whole_matrix(name, depth, activation):
    x = points(2000, 784)
    kernel = compiled(fully_connected(depth, activation))
    measure(name, lambda: kernel(x, None).block_until_ready(), 5)


def per_pair(name, network, shape, repetitions):
    """Seconds per pair at the best of the batches that the command line names."""
    kernel = compiled(network)
    best = float("inf")
    for batch in map(int, sys.argv[2:]):
        x, y = points(batch, *shape), points(batch, *shape)
        run = lambda: kernel(x, y).block_until_ready()
        best = min(best, median_seconds(run, repetitions) / batch**2)
    report(name, best, repetitions)


def one_pair(name, network, shape):
    """Seconds per call for one pair, as the library is called without compiling."""
    x, y = points(1, *shape), points(1, *shape)
    measure(name, lambda: network[2](x, y, "ntk").block_until_ready(), 9)


def first_number():
    """The whole process is timed from outside."""
    x = points(10, 784)
    print(np.asarray(compiled(fully_connected(3, stax.Relu))(x, None)))


main({
    "ntkRelu3": lambda: whole_matrix("ntkRelu3", 3, stax.Relu),
    "ntkRelu10": lambda: whole_matrix("ntkRelu10", 10, stax.Relu),
    "ntkErf3": lambda: whole_matrix("ntkErf3", 3, stax.Erf),
    "myrtle28": lambda: per_pair("myrtle28", myrtle5(), (28, 28, 1), 3),
    "myrtle32": lambda: per_pair("myrtle32", myrtle5(), (32, 32, 3), 3),
    "flatten28": lambda: per_pair("flatten28", flattened(5), (28, 28, 1), 3),
    "flattenPlain": lambda: one_pair("flattenPlain", flattened(5), (28, 28, 1)),
    "firstNumber": first_number,
})
