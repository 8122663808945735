// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The random weights of product sketches, drawn where they are needed.

import LinearAlgebra
import Randomness
import Sketches

/// Independent weights for every factor, coordinate and output. Times `scale` they are w with
/// E[w w̄] = 1, and E[w²] = 0 where they are complex.
///
/// Held as a table while there are few, else computed from their counters at each use, with the same
/// values.
struct ProductWeights: Sendable {
  let law: ProductSketch.Weights
  let isComplex: Bool
  /// The entries of a point.
  let dimension: Int
  /// The outputs; a complex weight counts once.
  let columnCount: Int
  private let keys: [RandomKey]
  private var table: [Double]?

  /// How many numbers are tabulated at most: 16 MB.
  private static let tableLimit = 1 << 21
  /// How many numbers `draw` may write behind those asked for.
  static let slack = 3

  init(
    key: RandomKey, law: ProductSketch.Weights, isComplex: Bool, dimension: Int, columnCount: Int,
    degree: Int
  ) {
    self.law = law
    self.isComplex = isComplex
    self.dimension = dimension
    self.columnCount = columnCount
    keys = (0..<degree).map { key.child("factor", $0) }
    let (width, rows) = (columnCount * (isComplex ? 2 : 1), degree * dimension)
    guard width <= Self.tableLimit / rows else { return }
    // Numbers are drawn four at a time, so the last ones need room behind them.
    table = [Double](unsafeUninitializedCapacity: width * rows + ProductWeights.slack) {
      buffer, count in
      count = width * rows
      for row in 0..<rows {
        draw(
          factor: row / dimension, coordinate: row % dimension, 0..<columnCount,
          into: buffer.baseAddress! + row * width)
      }
    }
  }

  /// The given weights: for every factor and coordinate all real parts, then all imaginary ones.
  init(
    _ table: [Double], law: ProductSketch.Weights, isComplex: Bool, dimension: Int,
    columnCount: Int
  ) {
    self.law = law
    self.isComplex = isComplex
    self.dimension = dimension
    self.columnCount = columnCount
    keys = []
    self.table = table
  }

  /// What weights must be multiplied by.
  var scale: Double { law == .gaussian && isComplex ? (0.5).squareRoot() : 1 }

  /// Writes the weights of some outputs, which start at a multiple of 128: the real parts, then the
  /// imaginary parts if there are any. May write `slack` numbers more.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func draw<Scalar: RealScalar>(
    factor t: Int, coordinate j: Int, _ outputs: Range<Int>,
    into weights: UnsafeMutablePointer<Scalar>
  ) {
    let parts = isComplex ? 2 : 1
    if let table {
      table.withUnsafeBufferPointer { table in
        for part in 0..<parts {
          let start = ((t * dimension + j) * parts + part) * columnCount + outputs.lowerBound
          let (source, target) = (table.baseAddress! + start, weights + part * outputs.count)
          for k in 0..<outputs.count { target[k] = Scalar(source[k]) }
        }
      }
      return
    }
    switch law {
    case .gaussian:
      drawNormals(keys[t].child("real"), j, outputs, into: weights)
      if isComplex {
        drawNormals(keys[t].child("imaginary"), j, outputs, into: weights + outputs.count)
      }
    case .rademacher:
      drawSigns(keys[t], j, outputs, into: weights)
    }
  }

  private func drawNormals<Scalar: RealScalar>(
    _ key: RandomKey, _ j: Int, _ outputs: Range<Int>, into weights: UnsafeMutablePointer<Scalar>
  ) {
    let first = UInt64(j) * UInt64((columnCount + 3) / 4) + UInt64(outputs.lowerBound / 4)
    let blockCount = (outputs.count + 3) / 4
    switch Scalar.precision {
    case .single:
      key.stream.fillNormals(from: first, count: blockCount, into: weights.cast(to: Float.self))
    case .double:
      key.stream.fillNormals(from: first, count: blockCount, into: weights.cast(to: Double.self))
    }
  }

  /// Signs; in the complex case a second one tells which of the two parts is not zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func drawSigns<Scalar: RealScalar>(
    _ key: RandomKey, _ j: Int, _ outputs: Range<Int>, into weights: UnsafeMutablePointer<Scalar>
  ) {
    let first = UInt64(j) * UInt64((columnCount + 127) / 128) + UInt64(outputs.lowerBound / 128)
    fillSigns(key.child("sign"), first, outputs.count, into: weights)
    guard isComplex else { return }
    let imaginary = weights + outputs.count
    fillSigns(key.child("axis"), first, outputs.count, into: imaginary)
    for k in 0..<outputs.count {
      let (sign, axis) = (weights[k], imaginary[k])
      weights[k] = sign * ((1 + axis) / 2)
      imaginary[k] = sign * ((1 - axis) / 2)
    }
  }

  private func fillSigns<Scalar: RealScalar>(
    _ key: RandomKey, _ first: UInt64, _ count: Int, into output: UnsafeMutablePointer<Scalar>
  ) {
    switch Scalar.precision {
    case .single:
      key.stream.fillSigns(fromBlock: first, count: count, into: output.cast(to: Float.self))
    case .double:
      key.stream.fillSigns(fromBlock: first, count: count, into: output.cast(to: Double.self))
    }
  }
}
