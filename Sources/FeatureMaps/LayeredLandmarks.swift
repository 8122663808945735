// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which patches stand for all others: a weighted sample, moved by Lloyd's algorithm, or one by leverage.

import Kernels
import LeverageScores
import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// Patches of a sample: coordinates of μ and of ψ, and how much each counts.
struct PatchSample {
  var nngp: Matrix<Double>
  var ntk: Matrix<Double>
  /// √K(p, p), or what stands for it.
  var weights: [Double]

  var count: Int { weights.count }
}

/// `count` landmarks for the patches of an activation; where there are no more patches, all of them.
///
/// - `kMeans`: centroids of k-means on (μ, 3 ψ / its mean norm), from a start that `uniform` draws; of
///   more than `largestCentroidCount` landmarks the start itself.
/// - `uniform`: patches drawn without replacement with probabilities proportional to their weights.
/// - `leverage`, `bless`: patches drawn with probabilities proportional to their ridge leverage under
///   `PatchKernel`, at the λ for which `count` are about enough; fewer where fewer have any.
///
/// - Throws: for leverage as `Kernel.ridgeSample(of:count:)`; `CancellationError`.
/// - Complexity: for k-means 20 · patches · landmarks · coordinates operations; for leverage that of
///   `RidgeSampler`, some 8 · patches · landmarks².
/// - Source: Lloyd, "Least squares quantization in PCM", 1982; Zhang, Tsang, Kwok, "Improved Nyström
///   low-rank approximation and error analysis", 2008.
func chooseLandmarks(
  _ count: Int, by choice: LandmarkChoice = .kMeans, from patches: PatchSample,
  under dual: DualActivation, key: RandomKey, on execution: Execution
) throws -> (nngp: Matrix<Double>, ntk: Matrix<Double>) {
  guard count < patches.count else { return (patches.nngp, patches.ntk) }
  let key = key.child("landmarks")
  let picked: [Int]
  switch choice {
  case .kMeans where count <= largestCentroidCount:
    return try centroids(count, of: patches, key: key, on: execution)
  case .kMeans, .uniform: picked = weightedSample(count, patches.weights, key)
  case .leverage, .bless:
    let (points, kernel) = (Rows.dense(patches.nngp), PatchKernel(dual: dual))
    guard try kernel.diagonal(points, on: execution).contains(where: { $0 > 0 }) else {
      // Patches without leverage, as of a black sample before an activation with σ(0) = 0.
      picked = weightedSample(count, patches.weights, key)
      break
    }
    picked = try kernel.ridgeSample(
      of: points, count: count, by: choice == .bless ? .bless : .recursive, seed: key.seed,
      on: execution
    ).indices
  }
  return (patches.nngp.rows(at: picked), patches.ntk.rows(at: picked))
}

/// The dual of an activation as a kernel of patches: κ₁ on unit patches for ReLU.
///
/// Behind dropout and in sketches the last coordinate, the root of an excess, counts as the others do.
struct PatchKernel: Kernel {
  let dual: DualActivation

  var inputDimension: Int? { nil }

  func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    try InnerProducts.write(x, y, into: output, workspace: workspace)
    let (n, m) = (x.rowCount, y.rowCount)
    workspace.withScratch(Scalar.self, n + 2 * m) { norms in
      let (others, reciprocals) = (norms + n, norms + n + m)
      InnerProducts.norms(of: x, into: norms)
      InnerProducts.norms(of: y, into: others)
      for j in 0..<m { reciprocals[j] = others[j] > 0 ? 1 / others[j] : 0 }
      dual.apply(
        rowCount: n, columnCount: m, q: norms, r: others, inverseR: reciprocals, nngp: output,
        ntk: nil, workspace: workspace)
    }
  }

  func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    InnerProducts.norms(of: x, into: output)
    for i in 0..<x.rowCount {
      let deviation = dual.deviation(output[i])
      output[i] = deviation * deviation
    }
  }
}

/// More landmarks than this are patches themselves. Centroids of a few patches each lack what is fine in
/// them, on which predictions with small ridges depend, and are slow to find.
let largestCentroidCount = 1024

/// Centroids of k-means from a weighted sample, 10 steps.
private func centroids(
  _ count: Int, of patches: PatchSample, key: RandomKey, on execution: Execution
) throws -> (nngp: Matrix<Double>, ntk: Matrix<Double>) {
  let (nngpWidth, ntkWidth) = (patches.nngp.columnCount, patches.ntk.columnCount)
  let meanNorm = patches.ntk.rowNorms.reduce(0, +) / Double(patches.count)
  let ntkUnit = meanNorm > 0 ? 3 / meanNorm : 0
  let width = nngpWidth + ntkWidth
  let points = Matrix<Double>(rowCount: patches.count, columnCount: width) { output in
    patches.nngp.withUnsafePointer {
      LayeredLoops.copyRows(patches.count, nngpWidth, $0, nngpWidth, to: output, width)
    }
    patches.ntk.withUnsafePointer {
      LayeredLoops.copyRows(
        patches.count, ntkWidth, $0, ntkWidth, to: output + nngpWidth, width, factor: ntkUnit)
    }
  }.converted(to: Float.self)
  let first = weightedSample(count, patches.weights, key)
  var clusters = Clusters(
    points: points, weights: patches.weights.map(Float.init), centroids: points.rows(at: first))
  for _ in 0..<10 { try clusters.step(on: execution) }
  let centroids = clusters.centroids.converted(to: Double.self)
  var tangents = centroids.columns(nngpWidth..<width)
  tangents.scaleEntries(by: ntkUnit > 0 ? 1 / ntkUnit : 0)
  return (centroids.columns(0..<nngpWidth), tangents)
}

/// Different indices drawn one after the other with probabilities proportional to the weights of those
/// left.
///
/// - Source: Efraimidis, Spirakis, "Weighted random sampling with a reservoir", 2006.
func weightedSample(_ count: Int, _ weights: [Double], _ key: RandomKey) -> [Int] {
  let stream = key.stream
  let arrivals = weights.indices.map { index in
    weights[index] > 0
      ? -Double.log(stream.uniform(at: UInt64(index))) / weights[index] : Double.infinity
  }
  let order = weights.indices.sorted {
    (arrivals[$0], $0) < (arrivals[$1], $1)
  }
  return Array(order.prefix(count))
}

/// One k-means problem.
private struct Clusters {
  let points: Matrix<Float>
  let weights: [Float]
  var centroids: Matrix<Float>

  /// Moves every centroid to the weighted mean of the points nearest to it; one without points stays.
  mutating func step(on execution: Execution) throws {
    let nearest = try nearestCentroids(on: execution)
    var members = [[Int32]](repeating: [], count: centroids.rowCount)
    for (point, cluster) in nearest.enumerated() { members[Int(cluster)].append(Int32(point)) }
    let width = points.columnCount
    let (clusters, weights) = (members, weights)
    try centroids.withUnsafeMutablePointer { centroids in
      nonisolated(unsafe) let centroids = centroids
      try points.withUnsafePointer { points in
        nonisolated(unsafe) let points = points
        try Parallel.forEachBlock(of: clusters.count, size: 16, on: execution.silent) { range, _ in
          for cluster in range {
            let centroid = centroids + cluster * width
            let total = clusters[cluster].reduce(Float(0)) { $0 + weights[Int($1)] }
            guard total > 0 else { continue }
            centroid.update(repeating: 0, count: width)
            for point in clusters[cluster] {
              LayeredLoops.addRows(
                1, width, factor: weights[Int(point)] / total, points + Int(point) * width, width,
                to: centroid, width)
            }
          }
        }
      }
    }
  }

  /// The centroid of least distance for each point: that of the largest ⟨x, z⟩ − |z|²/2.
  private func nearestCentroids(on execution: Execution) throws -> [Int32] {
    let (count, width, clusterCount) = (points.rowCount, points.columnCount, centroids.rowCount)
    let halves = (0..<clusterCount).map { centroids.row($0).reduce(Float(0)) { $0 + $1 * $1 } / 2 }
    var result = [Int32](repeating: 0, count: count)
    try result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let result = result
      try points.withUnsafePointer { points in
        nonisolated(unsafe) let points = points
        try centroids.withUnsafePointer { centroids in
          nonisolated(unsafe) let centroids = centroids
          try Parallel.forEachBlock(of: count, size: 512, on: execution.silent) {
            range, workspace in
            workspace.withScratch(Float.self, range.count * clusterCount) { products in
              BLAS.gemm(
                transposeB: true, m: range.count, n: clusterCount, k: width,
                points + range.lowerBound * width, lda: width, centroids, ldb: width, products,
                ldc: clusterCount)
              for i in range {
                let row = products + (i - range.lowerBound) * clusterCount
                var best = 0
                for j in 1..<clusterCount where row[j] - halves[j] > row[best] - halves[best] {
                  best = j
                }
                result[i] = Int32(best)
              }
            }
          }
        }
      }
    }
    return result
  }
}
