// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sketch of one power of a vector.

import LinearAlgebra
import Sketches
import TensorSketches
import Transforms

/// A sketch of (x̂ − u m)^{⊗k} by one of several laws, with what m adds to its factors, or all monomials of
/// that degree.
struct TermSketch: Sendable {
  /// Which sketch a term has; each with its exact variance.
  enum Law: String, Codable, CaseIterable {
    case tensorSketch, polySketch
    /// The Complex-to-Real form with shared signs.
    case tensorSRHT
    /// No sketch: all monomials, without variance.
    case exact

    /// Whether it makes sense for so many dimensions and columns.
    ///
    /// Up to degree 2 the tree is a TensorSketch. A Hadamard transform runs over all coordinates, zero
    /// or not, so they must not be many more than the columns.
    func suits(degree: Int, inputDimension: Int, columnCount: Int) -> Bool {
      switch self {
      case .tensorSketch: true
      case .polySketch: degree > 2
      case .tensorSRHT:
        columnCount >= 2 && columnCount % 2 == 0
          && WalshHadamard.paddedLength(inputDimension) <= 4 * columnCount
      case .exact:
        columnCount
          == MonomialEnumeration.count(dimension: inputDimension, degree: degree, upTo: columnCount)
      }
    }

    /// The exact variance for a pair with the given moments.
    func variance(
      _ pair: PairMoments, degree: Int, inputDimension: Int, columnCount: Int
    ) -> Double {
      let parameters = PolynomialSketchParameters(
        inputDimension: inputDimension, degree: degree, outputDimension: columnCount, seed: 0)
      return switch self {
      case .tensorSketch:
        TensorSketch.variance(pair, degree: degree, outputDimension: columnCount)
      case .polySketch:
        PolySketch.variance(pair, power: degree, parameters: PolySketchParameters(parameters))
      case .tensorSRHT:
        TensorSRHT.variance(pair, parameters: TensorSRHTParameters(parameters, isComplex: true))
      case .exact: 0
      }
    }
  }

  private enum Sketch {
    case flat(TensorSketch)
    case tree(PolySketch)
    case transform(TensorSRHT)
    /// With the entries of m, zeros where there is none.
    case monomials(SymmetricPower, direction: [Double])
  }

  private let sketch: Sketch
  /// nil where no direction is split off.
  private let images: LeafImages?

  init(
    _ term: PowerSeriesMap.Term, inputDimension: Int, seed: UInt64, direction: SparseVector?
  ) throws {
    let parameters = PolynomialSketchParameters(
      inputDimension: inputDimension, degree: term.degree, outputDimension: term.columnCount,
      seed: seed)
    switch term.law {
    case .tensorSketch:
      let flat = try TensorSketch(parameters)
      (sketch, images) = (.flat(flat), direction?.withBlock(flat.leafImages))
    case .polySketch:
      let tree = try PolySketch(PolySketchParameters(parameters))
      (sketch, images) = (.tree(tree), direction?.withBlock(tree.leafImages))
    case .tensorSRHT:
      let transform = try TensorSRHT(TensorSRHTParameters(parameters, isComplex: true))
      (sketch, images) = (.transform(transform), direction?.withBlock(transform.leafImages))
    case .exact:
      let power = SymmetricPower(dimension: inputDimension, degree: term.degree)
      let m = direction?.dense ?? [Double](repeating: 0, count: inputDimension)
      (sketch, images) = (.monomials(power, direction: m), nil)
    }
  }

  /// - Parameter u: one number per row.
  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, minus u: UnsafePointer<Double>, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    let multiples = images.map { Multiples(of: $0, factors: u) }
    switch sketch {
    case .flat(let flat): flat.map(rows, minus: multiples, into: output, workspace: workspace)
    case .tree(let tree): tree.map(rows, minus: multiples, into: output, workspace: workspace)
    case .transform(let transform):
      transform.map(rows, minus: multiples, into: output, workspace: workspace)
    case .monomials(let power, let direction):
      workspace.withScratch(Scalar.self, power.dimension) { rest in
        direction.withUnsafeBufferPointer { m in
          for i in 0..<rows.rowCount {
            rows.writeRest(
              ofRow: i, columns: 0..<power.dimension, minus: u[i], times: m.baseAddress!, to: rest)
            power.write(rest, to: output.row(i), workspace: workspace)
          }
        }
      }
    }
  }
}
