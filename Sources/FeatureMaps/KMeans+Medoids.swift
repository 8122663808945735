// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points in the middle of clusters, for points whose means would not be sparse.

import LinearAlgebra
import Randomness
import Sketches

extension KMeans {
  /// The most coordinates in which distances are measured.
  static let medoidWidth = 512

  /// The numbers, rising, of up to `count` points: of every cluster the one nearest to its centre, of
  /// equally near ones the first. Fewer where fewer points differ, or clusters end without points.
  ///
  /// Centres of sparse points have the columns of all of theirs; these stay rows of the sample. Clusters
  /// are found in a `SparseSignEmbedding` of the points to 512 coordinates, or in the points themselves
  /// where they have no more: squared distances are unbiased, each with a relative standard deviation of
  /// at most √(2/512).
  ///
  /// The same for any number of threads.
  ///
  /// - Complexity: that of `centres` for 512 coordinates and 8 additions for each nonzero, whatever d is;
  ///   memory of 512 n numbers.
  /// - Throws: `InvalidInput` if squared distances overflow; `CancellationError`.
  /// - Source: Boutsidis, Zouzias, Drineas, "Random projections for k-means clustering", NeurIPS 2010.
  static func medoids<Scalar: RealScalar>(
    of points: SparseMatrix<Scalar>, count: Int, steps: Int, key: RandomKey,
    on execution: Execution
  ) throws -> [Int] {
    let images = try coordinates(of: points, key: key.child("sketch"), on: execution.silent)
    let centres = try centres(of: images, count: count, steps: steps, key: key, on: execution)
    let assignment = try nearest(centres, to: images, on: execution.silent)
    var best = [(distance: Scalar, index: Int)?](repeating: nil, count: centres.rowCount)
    let width = images.columnCount
    images.withUnsafePointer { images in
      centres.withUnsafePointer { centres in
        for (i, centre) in assignment.enumerated() {
          let distance = squaredDistance(images + i * width, centres + Int(centre) * width, width)
          if distance < best[Int(centre)]?.distance ?? .infinity {
            best[Int(centre)] = (distance, i)
          }
        }
      }
    }
    return best.compactMap { $0?.index }.sorted()
  }

  private static func coordinates<Scalar: RealScalar>(
    of points: SparseMatrix<Scalar>, key: RandomKey, on execution: Execution
  ) throws -> Matrix<Scalar> {
    guard points.columnCount > medoidWidth else { return Rows.sparse(points).dense }
    let sketch = try SparseSignEmbedding(
      inputDimension: points.columnCount, outputDimension: medoidWidth, seed: key.seed)
    return try sketch.images(of: .sparse(points), on: execution)
  }
}
