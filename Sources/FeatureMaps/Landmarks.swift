// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How the landmarks of a Nyström map are chosen from a sample.

import LinearAlgebra
import Randomness
import Validation

/// How landmarks are chosen from a sample of points.
public enum LandmarkChoice: String, Hashable, Codable, CaseIterable, Sendable {
  /// A uniform sample without replacement.
  case uniform
  /// The centres of k-means clusters (10 Lloyd steps), of dense points only. Mostly a little better
  /// than a sample, and slower to find.
  ///
  /// - Source: Zhang, Tsang, Kwok, "Improved Nyström low-rank approximation and error analysis", ICML
  ///   2008.
  case kMeans = "kmeans"
}

extension Rows {
  /// Up to `count` landmarks for the rows: all of them where there are no more.
  ///
  /// The same for any number of threads. Centres are rounded to single precision, so that both
  /// precisions see the same ones.
  ///
  /// - Throws: `InvalidInput` if the count is not in 1 to 2³¹ − 1, there are no rows, they hold NaN or
  ///   infinity, or k-means is asked of sparse ones; `CancellationError`.
  /// - Complexity: O(count) for a sample; for k-means of n rows about 20 n · count · d operations.
  public func landmarks(
    _ choice: LandmarkChoice, count: Int, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> Rows {
    try Check.dimension(count, "number of landmarks")
    try Check.dimension(rowCount, "rows of the sample")
    try validate(columnCount: columnCount, "sample")
    guard count < rowCount else { return self }
    let key = RandomKey(seed: seed).child("landmarks")
    switch (choice, self) {
    case (.uniform, _):
      return rows(at: try key.stream.sampleWithoutReplacement(count, from: rowCount).sorted())
    case (.kMeans, .dense(let points)):
      let centres = try KMeans.centres(
        of: points, count: count, steps: 10, key: key, on: execution)
      return .dense(centres.converted(to: Float.self).converted(to: Scalar.self))
    case (.kMeans, .sparse):
      throw InvalidInput(
        "landmarks", found: "kmeans of sparse points", expected: "uniform, or dense points")
    }
  }
}
