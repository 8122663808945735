// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The kernels of a network on pixels, for a tile of images.

import Kernels
import LinearAlgebra
import Validation

/// The plans of a network on pixels, and how images are put through them.
struct PixelKernel: Sendable {
  private let plan: PixelPlan
  private let deviations: PixelPlan
  private let layout: PixelLayout

  /// - Throws: `InvalidInput` if the images are too large for it.
  init(_ network: Network) throws(InvalidInput) {
    let graph = PixelGraph(network)
    try graph.checkSizes()
    plan = PixelPlan(kernelOf: graph)
    deviations = PixelPlan(deviationsOf: graph)
    layout = PixelLayout(graph)
    let bytes = max(
      PixelRun<Double>.bytesPerPair(plan, layout), PixelRun<Double>.bytesPerPair(deviations, layout)
    )
    guard bytes < Self.largestSizeOfPair else {
      throw InvalidInput(
        "network", found: "images that take \(bytes) bytes for each pair",
        expected: "at most \(Self.largestSizeOfPair)")
    }
  }

  /// The pairs of pixels that all steps go through, for a pair of images.
  var work: Double { plan.work }

  /// 16 GB.
  private static var largestSizeOfPair: Double { 17_179_869_184 }

  /// Writes the kernel of all pairs; of rows of one set, those above the diagonal are mirrored.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, _ kind: NeuralKernel.Kind,
    into output: RowOutput<Scalar>, workspace: Workspace
  ) throws {
    let isSymmetric = diagonalOffset == 0 && x.rowCount == y.rowCount
    try withImages(x, workspace) { xs in
      try withImages(isSymmetric ? x.rows(0..<0) : y, workspace) { others in
        let ys = isSymmetric ? xs : others
        var (samePairs, pairs) = ([(Int, Int)](), [(Int, Int)]())
        for i in 0..<x.rowCount {
          for j in (isSymmetric ? i : 0)..<y.rowCount {
            if let diagonalOffset, i + diagonalOffset == j {
              samePairs.append((i, j))
            } else {
              pairs.append((i, j))
            }
          }
        }
        try run(samePairs + pairs, xs, ys, sameCount: samePairs.count, kind, workspace) {
          i, j, value in
          output.row(i)[j] = value
          if isSymmetric { output.row(j)[i] = value }
        }
      }
    }
  }

  /// Writes the kernel of every image with itself.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ kind: NeuralKernel.Kind, into output: UnsafeMutablePointer<Scalar>,
    workspace: Workspace
  ) throws {
    try withImages(x, workspace) { xs in
      let pairs = (0..<x.rowCount).map { ($0, $0) }
      try run(pairs, xs, xs, sameCount: pairs.count, kind, workspace) { i, _, value in
        output[i] = value
      }
    }
  }

  /// Lends images with their deviations at all layers.
  private func withImages<Scalar: RealScalar, Result>(
    _ rows: Rows<Scalar>, _ workspace: Workspace, _ body: (PixelImages<Scalar>) throws -> Result
  ) throws -> Result {
    let count = rows.rowCount
    return try workspace.withScratch(Scalar.self, layout.rowCount * count) { base in
      let images = PixelImages(layout: layout, count: count, base: base)
      if count > 0 {
        images.fill(rows)
        try forEachBatch(of: count, deviations, Scalar.self) { range in
          try withSelection(images, Array(range), workspace) { part in
            try PixelRun.recordDeviations(deviations, of: part, workspace: workspace)
            images.store(part, at: range.lowerBound)
          }
        }
      }
      return try body(images)
    }
  }

  /// Takes pairs, of which the first `sameCount` are of one image, through the network.
  private func run<Scalar: RealScalar>(
    _ pairs: [(Int, Int)], _ x: PixelImages<Scalar>, _ y: PixelImages<Scalar>, sameCount: Int,
    _ kind: NeuralKernel.Kind, _ workspace: Workspace, _ write: (Int, Int, Scalar) -> Void
  ) throws {
    try forEachBatch(of: pairs.count, plan, Scalar.self) { range in
      let batch = pairs[range]
      try withSelection(x, batch.map(\.0), workspace) { xs in
        try withSelection(y, batch.map(\.1), workspace) { ys in
          let same = range.clamped(to: 0..<sameCount).count
          try PixelRun.kernels(plan, xs, ys, sameCount: same, kind, workspace: workspace) {
            values in
            for (lane, pair) in batch.enumerated() { write(pair.0, pair.1, values[lane]) }
          }
        }
      }
    }
  }

  private func withSelection<Scalar: RealScalar, Result>(
    _ images: PixelImages<Scalar>, _ indices: [Int], _ workspace: Workspace,
    _ body: (PixelImages<Scalar>) throws -> Result
  ) rethrows -> Result {
    try workspace.withScratch(Scalar.self, layout.rowCount * indices.count) { base in
      let selection = PixelImages(layout: layout, count: indices.count, base: base)
      selection.fill(images, indices)
      return try body(selection)
    }
  }

  /// So many pairs go through a plan at once, at most: a whole number of the widest vectors.
  private static var largestBatch: Int { 16 }
  /// What a batch may take in scratch memory, unless a single pair takes more.
  private static var largestSize: Double { 16_777_216 }

  private func largestBatch<Scalar: RealScalar>(_ plan: PixelPlan, _: Scalar.Type) -> Int {
    let bytes = PixelRun<Scalar>.bytesPerPair(plan, layout)
    return max(1, min(Self.largestBatch, Int(min(1e6, Self.largestSize / bytes))))
  }

  /// Cuts `0..<count` into as few batches as can be, of about the same size.
  private func forEachBatch<Scalar: RealScalar>(
    of count: Int, _ plan: PixelPlan, _ type: Scalar.Type, _ body: (Range<Int>) throws -> Void
  ) throws {
    let largest = largestBatch(plan, type)
    let batchCount = (count + largest - 1) / largest
    for batch in 0..<batchCount {
      try body(batch * count / batchCount..<(batch + 1) * count / batchCount)
    }
  }

  /// The side of tiles that take some hundredths of a second, or of those that just fill a batch.
  var tileSide: Int {
    let batch = largestBatch(plan, Double.self)
    var side = 32
    while side > 1, side * side / 4 >= batch, Double(side * side) * plan.work > 2.5e7 { side /= 2 }
    return side
  }
}
