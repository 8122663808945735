// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Frequencies in orthogonal directions, dense or by Hadamard transforms.

import LinearAlgebra
import Randomness
import Transforms

/// Frequencies whose directions are random orthonormal frames of up to d vectors, and whose lengths are
/// stratified: each one alone has the isotropic law, together they are spread more evenly.
///
/// - Source: Yu, Suresh, Choromanski, Holtmann-Rice, Kumar, "Orthogonal random features", NeurIPS
///   2016; the stratified lengths are this library's.
enum OrthogonalFrequencies {
  /// Entry (j, f) at `j · count + f`.
  ///
  /// - Complexity: about 4 d² operations for each frequency; memory of up to five times the table.
  static func table(
    _ measure: SpectralMeasure, inputDimension d: Int, count: Int, key: RandomKey,
    power: Int? = nil
  ) throws -> [Float] {
    let radii = try RadialLaw.radii(measure, dimension: d, count: count, key: key, power: power)
    var table = [Float](repeating: 0, count: d * count)
    let unit = 1 / Double(d).squareRoot()
    try orthogonalRows(count, d, key, on: Execution(isCancelled: { false })).withUnsafePointer {
      rows in
      for f in 0..<count {
        for j in 0..<d { table[j * count + f] = Float(radii[f] * unit * rows[f * d + j]) }
      }
    }
    return table
  }
}

/// Frequencies R H D₁ H D₂ H D₃ / P^(3/2), on points padded to P = 2^⌈log₂ d⌉ coordinates: Hadamard
/// transforms H, random signs D, stratified lengths R.
///
/// The directions of a block of P are orthogonal and nearly, not exactly, uniform.
///
/// - Source: Yu et al. 2016 (structured orthogonal random features, of one length).
struct HadamardFrequencies: Sendable {
  private let paddedDimension: Int
  /// Radii / P^(3/2).
  private let factors: [Double]
  /// For each block the signs D₃, D₂, D₁, in the order in which they are applied.
  private let signs: [[[Int8]]]

  init(
    _ measure: SpectralMeasure, inputDimension: Int, count: Int, key: RandomKey,
    power: Int? = nil
  ) throws {
    let padded = WalshHadamard.paddedLength(inputDimension)
    paddedDimension = padded
    let unit = 1 / (Double(padded) * Double(padded).squareRoot())
    factors = try RadialLaw.radii(
      measure, dimension: padded, count: count, key: key, power: power
    ).map { $0 * unit }
    signs = (0..<(count + padded - 1) / padded).map { block in
      (0..<3).map {
        key.child("block", block).child("signs", $0).stream.signs(count: padded)
      }
    }
  }

  /// The frequencies of each block.
  var blocks: [Range<Int>] { signs.indices.map(range) }

  private func range(ofBlock block: Int) -> Range<Int> {
    block * paddedDimension..<min(factors.count, (block + 1) * paddedDimension)
  }

  /// Writes ⟨w_f, xᵢ⟩ for all rows and the frequencies of one block.
  func multiply<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, block: Int, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let (length, range) = (paddedDimension, self.range(ofBlock: block))
    workspace.withScratch(Scalar.self, length) { scratch in
      for i in 0..<rows.rowCount {
        rows.copyDense(row: i, to: scratch)
        (scratch + rows.columnCount).update(repeating: 0, count: length - rows.columnCount)
        for signs in signs[block] {
          signs.withUnsafeBufferPointer { flip(scratch, length, $0.baseAddress!) }
          WalshHadamard.transform(scratch, rowCount: 1, length: length)
        }
        factors.withUnsafeBufferPointer {
          multiply(scratch, range.count, $0.baseAddress! + range.lowerBound, output.row(i))
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func flip<Scalar: RealScalar>(
    _ x: UnsafeMutablePointer<Scalar>, _ count: Int, _ signs: UnsafePointer<Int8>
  ) {
    for j in 0..<count { x[j] *= Scalar(signs[j]) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func multiply<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ count: Int, _ factors: UnsafePointer<Double>,
    _ output: UnsafeMutablePointer<Scalar>
  ) {
    for f in 0..<count { output[f] = x[f] * Scalar(factors[f]) }
  }
}
