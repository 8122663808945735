# SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
"""Sketches by scikit-learn and SciPy. Usage: sketches.py ROW"""

import numpy as np
import scipy.linalg
import scipy.sparse
from sklearn.kernel_approximation import PolynomialCountSketch
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from measure import main, measure

random = np.random.default_rng(0)


def dense(rows, columns):
    return random.random((rows, columns), dtype=np.float32) - np.float32(0.5)


def tensor_sketch_dense():
    x = dense(2048, 784)
    sketch = PolynomialCountSketch(degree=3, n_components=3072, random_state=0).fit(x)
    measure("tensorSketchDense", lambda: sketch.transform(x), 3, units=len(x))


def tensor_sketch_sparse(columns, rows):
    indices = np.concatenate(
        [np.sort(random.choice(columns, 50, replace=False)) for _ in range(rows)])
    values = random.standard_normal(50 * rows).astype(np.float32)
    x = scipy.sparse.csr_matrix((values, indices, np.arange(0, 50 * rows + 1, 50)), (rows, columns))
    sketch = PolynomialCountSketch(degree=3, n_components=3072, random_state=0).fit(x)
    measure(f"tensorSketchSparse{columns}", lambda: sketch.transform(x), 1, units=rows)


def count_sketch_left():
    a = dense(100_000, 256)
    measure(
        "countSketchLeft",
        lambda: scipy.linalg.clarkson_woodruff_transform(a, 2048, seed=0), 5)


def sparse_projection(nonzeros):
    x = np.ascontiguousarray(dense(100_000, 256).T)
    projection = SparseRandomProjection(2048, density=nonzeros / 2048, random_state=0)
    measure(f"sparseSigns{nonzeros}", lambda: projection.fit_transform(x), 3)


def gaussian_projection():
    x = dense(16, 100_000)
    projection = GaussianRandomProjection(2048, random_state=0)
    measure("gaussian", lambda: projection.fit_transform(x), 1)


main({
    "tensorSketchDense": tensor_sketch_dense,
    "tensorSketchSparse10000": lambda: tensor_sketch_sparse(10_000, 1024),
    "tensorSketchSparse100000": lambda: tensor_sketch_sparse(100_000, 1024),
    "countSketchLeft": count_sketch_left,
    "sparseSigns4": lambda: sparse_projection(4),
    "sparseSigns8": lambda: sparse_projection(8),
    "gaussian": gaussian_projection,
})
