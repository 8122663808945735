// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Pairs of sample points, and the variances that sketches of their powers have.

import LinearAlgebra
import RealModule
import Sketches
import TensorSketches

/// The moments of pairs of rows r = x̂ − u m of a sample, with u and the weights of both.
struct SamplePairs {
  private let pairs: [(first: Int, second: Int, moments: PairMoments)]
  private let u: [Double]
  private let weights: [Double]
  /// The entries of a row.
  let inputDimension: Int

  /// All pairs of `rowCount` rows; a single row is paired with itself.
  ///
  /// - Parameter direction: m; without one u = 0.
  /// - Complexity: O(rowCount² c) operations for the c columns that the rows and m use; memory of
  ///   rowCount · 4096 numbers.
  init(_ sample: LiftedSample, rowCount: Int, direction: SparseVector?) throws {
    inputDimension = sample.rows.columnCount
    let picked = spread(rowCount, over: sample.rows.rowCount)
    let n = picked.count
    let allU = direction.map(sample.products)
    let u = picked.map { allU?[$0] ?? 0 }
    self.u = u
    weights = picked.map { sample.weights[$0] }

    // Gram matrices of r and of its entries' squares, some columns at a time.
    var products = Matrix<Double>(rowCount: n, columnCount: n)
    var overlaps = products
    let matrix = sample.rows.rows(at: picked).sparse
    let used = ColumnSubset(
      Rows.sparse(matrix).usedColumns.columns + (direction?.columns.columns ?? []))
    let rows = Rows.sparse(try used.narrowed(matrix))
    var m = [Double](repeating: 0, count: rows.columnCount)
    direction?.withBlock { block in
      if case .sparse(let view) = block.entries {
        used.forEachEntry(view, row: 0) { m[$1] = $0 }
      }
    }
    let width = rows.columnCount
    for start in stride(from: 0, to: width, by: 4096) {
      let range = start..<min(width, start + 4096)
      var rest = Matrix<Double>(rowCount: n, columnCount: range.count) { output in
        m.withUnsafeBufferPointer { m in
          rows.withUnsafeBlock { block in
            for i in 0..<n {
              block.writeRest(
                ofRow: i, columns: range, minus: u[i], times: m.baseAddress!, factor: 1,
                to: output + i * range.count)
            }
          }
        }
      }
      SamplePairs.addOuterGram(of: rest, to: &products)
      rest.withUnsafeMutablePointer { p in
        for position in 0..<n * range.count { p[position] *= p[position] }
      }
      SamplePairs.addOuterGram(of: rest, to: &overlaps)
    }
    let indices = n == 1 ? [(0, 0)] : (0..<n).flatMap { i in (0..<i).map { j in (i, j) } }
    pairs = indices.map { i, j in
      let moments = PairMoments(
        product: products[i, j], norms: products[i, i] * products[j, j], diagonal: overlaps[i, j])
      return (i, j, moments)
    }
  }

  private static func addOuterGram(of a: Matrix<Double>, to sum: inout Matrix<Double>) {
    let (n, k) = (a.rowCount, a.columnCount)
    sum.withUnsafeMutablePointer { sum in
      a.withUnsafePointer {
        BLAS.gemm(
          transposeB: true, m: n, n: n, k: k, $0, lda: k, $0, ldb: k, beta: 1, sum, ldc: n)
      }
    }
  }

  /// The mean over pairs of w² w′² g(u)² g(u′)² · `value` of the pair.
  private func mean(factor g: (Double) -> Double, _ value: (PairMoments) -> Double) -> Double {
    let factors = zip(weights, u).map { $0 * g($1) }
    let sum = pairs.reduce(0.0) { sum, pair in
      let scale = factors[pair.first] * factors[pair.second]
      return sum + scale * scale * max(0, value(pair.moments))
    }
    return sum / Double(pairs.count)
  }

  /// The mean square of w w′ g(u) g(u′) ⟨r, r′⟩ᵏ: what is lost without the term.
  func energy(degree k: Int, factor g: (Double) -> Double) -> Double {
    mean(factor: g) { Double.pow($0.product * $0.product, k) }
  }

  /// The mean variance of w w′ g(u) g(u′) ⟨S r, S r′⟩ for a sketch S of degree k and its number of
  /// columns.
  func variance(
    degree k: Int, columnCount: Int, law: TermSketch.Law, factor g: (Double) -> Double
  ) -> Double {
    mean(factor: g) {
      law.variance($0, degree: k, inputDimension: inputDimension, columnCount: columnCount)
    }
  }
}
