// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The kernels of a network on vectors, for a tile of pairs of points.

import Kernels
import LinearAlgebra

/// A tile of kernel values on its way through a network, with its registers.
struct VectorTile<Scalar: RealScalar> {
  private let program: VectorProgram
  private let rowCount: Int
  private let columnCount: Int
  private let x: LayerDeviations<Scalar>
  private let y: LayerDeviations<Scalar>
  /// Row i of register 0 of the wanted kernel is row i of the output; all other registers lie one
  /// after the other in scratch memory.
  private let type: NeuralKernel.Kind
  private let output: RowOutput<Scalar>
  private let registers: UnsafeMutablePointer<Scalar>
  /// Where x and y are of one set: row i of x is row i + offset of y.
  private let diagonalOffset: Int?
  /// Two rows for activations.
  private let scratch: UnsafeMutablePointer<Scalar>

  /// Writes the kernel of all pairs but those of a point with itself. Memory: a tile for each
  /// register, two for the NTK.
  static func run(
    _ program: VectorProgram, _ xRows: Rows<Scalar>, _ yRows: Rows<Scalar>,
    _ x: LayerDeviations<Scalar>, _ y: LayerDeviations<Scalar>, type: NeuralKernel.Kind,
    diagonalOffset: Int?, into output: RowOutput<Scalar>, workspace: Workspace
  ) throws {
    let (m, n) = (xRows.rowCount, yRows.rowCount)
    let registerCount = (type == .ntk ? 2 : 1) * program.registerCount
    try workspace.withScratch(Scalar.self, (registerCount * m + 2) * n) { base in
      let tile = VectorTile(
        program: program, rowCount: m, columnCount: n, x: x, y: y, type: type, output: output,
        registers: base + 2 * n, diagonalOffset: diagonalOffset, scratch: base)
      let stride = type == .nngp ? output.stride : n
      try InnerProducts.write(
        xRows, yRows, scale: 1 / Scalar(xRows.columnCount),
        into: RowOutput(base: tile.covariances(0, 0), stride: stride), workspace: workspace)
      tile.runSteps(workspace)
    }
  }

  /// Row i of K in a register.
  private func covariances(_ register: Int, _ i: Int) -> UnsafeMutablePointer<Scalar> {
    if type == .nngp, register == 0 { return output.row(i) }
    return registers + (register * rowCount + i) * columnCount
  }

  /// Row i of Θ in a register, if it is wanted.
  private func tangents(_ register: Int, _ i: Int) -> UnsafeMutablePointer<Scalar>? {
    guard type == .ntk else { return nil }
    if register == 0 { return output.row(i) }
    return registers + ((program.registerCount + register) * rowCount + i) * columnCount
  }

  /// So few rows stay in the nearest cache from one step to the next.
  private static var rowsAtOnce: Int { 8 }

  /// Runs of steps go by some rows at once; activations by quadrature, which share tables, take the
  /// whole tile.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runSteps(_ workspace: Workspace) {
    for i in 0..<rowCount { tangents(0, i)?.update(repeating: 0, count: columnCount) }
    var rest = program.steps[...]
    while let step = rest.first {
      if case .activation(_, let pieces?) = step.operation, let slot = step.slot {
        let tile = QuadratureTile(
          pieces, x.values(slot), rowCount, y.values(slot), columnCount)
        for i in 0..<rowCount {
          tile.apply(
            left: i, leftStep: 0, right: 0, count: columnCount,
            same: diagonalOffset.map { i + $0 }, nngp: covariances(step.register, i),
            ntk: tangents(step.register, i), workspace: workspace)
        }
        rest = rest.dropFirst()
      } else {
        let closed = rest.prefix {
          if case .activation(_, _?) = $0.operation { false } else { true }
        }
        for first in stride(from: 0, to: rowCount, by: Self.rowsAtOnce) {
          let rows = first..<min(first + Self.rowsAtOnce, rowCount)
          for step in closed { run(step, rows) }
        }
        rest = rest[closed.endIndex...]
      }
    }
  }

  /// Takes rows through a step.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func run(_ step: VectorProgram.Step, _ rows: Range<Int>) {
    let (register, slot, n) = (step.register, step.slot ?? 0, columnCount)
    switch step.operation {
    case .dense(let weightStd, let biasStd):
      let (weight, bias) = (Scalar(weightStd * weightStd), Scalar(biasStd * biasStd))
      for i in rows {
        applyDense(n, weight, bias, nngp: covariances(register, i), ntk: tangents(register, i))
      }
    case .activation(let dual, _):
      for i in rows {
        dual.apply(
          DualRow(
            count: n, q: x.values(slot) + i, inverseQ: x.reciprocals(slot) + i, qStep: 0,
            r: y.values(slot), inverseR: y.reciprocals(slot), nngp: covariances(register, i),
            ntk: tangents(register, i), scratch: scratch))
      }
    case .normalize:
      let inverses = y.reciprocals(slot)
      for i in rows {
        let inverse = x.reciprocals(slot)[i]
        let (nngp, ntk) = (covariances(register, i), tangents(register, i))
        for j in 0..<n { nngp[j] *= inverse * inverses[j] }
        guard let ntk else { continue }
        for j in 0..<n { ntk[j] *= inverse * inverses[j] }
      }
    case .dropout:
      // Masks of different points are independent, of mean 1.
      break
    case .copy(let source):
      for i in rows {
        covariances(register, i).update(from: covariances(source, i), count: n)
        guard let ntk = tangents(register, i), let other = tangents(source, i) else { continue }
        ntk.update(from: other, count: n)
      }
    case .add(let source):
      for i in rows {
        add(covariances(source, i), to: covariances(register, i))
        guard let ntk = tangents(register, i), let other = tangents(source, i) else { continue }
        add(other, to: ntk)
      }
    }
  }

  private func add(
    _ source: UnsafeMutablePointer<Scalar>, to row: UnsafeMutablePointer<Scalar>
  ) {
    for j in 0..<columnCount { row[j] += source[j] }
  }
}

/// One dense layer on a row of values.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func applyDense<Scalar: RealScalar>(
  _ count: Int, _ weight: Scalar, _ bias: Scalar, nngp: UnsafeMutablePointer<Scalar>,
  ntk: UnsafeMutablePointer<Scalar>?
) {
  if let ntk {
    for j in 0..<count {
      let covariance = weight * nngp[j] + bias
      nngp[j] = covariance
      ntk[j] = covariance + weight * ntk[j]
    }
  } else {
    for j in 0..<count { nngp[j] = weight * nngp[j] + bias }
  }
}
