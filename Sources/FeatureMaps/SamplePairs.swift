// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Pairs of sample points, and the variances that sketches of their powers have.

import LinearAlgebra
import RealModule
import Sketches
import TensorSketches

/// The moments of pairs of rows r = x̂ − u m of a sample, with u and the weights of both, and how much each
/// counts in the mean over all entries of the sample's kernel matrix.
struct SamplePairs {
  struct Pair {
    let first: Int
    let second: Int
    /// Of r and r′.
    let moments: PairMoments
    let share: Double
  }

  let pairs: [Pair]
  /// For every row in use.
  let u: [Double]
  /// Divided by the largest.
  let weights: [Double]
  /// The entries of a row.
  let inputDimension: Int
  private let known = PairVariances()

  /// All pairs of `rowCount` rows, which stand for all of different rows, and each of them with itself.
  ///
  /// - Parameters:
  ///   - direction: m; without one u = 0.
  ///   - multiples: u of every row of the sample.
  /// - Complexity: O(rowCount² c) operations for the c columns that the rows use, and O(nnz(m)); memory of
  ///   rowCount · 4096 numbers.
  init(
    _ sample: LiftedSample, rowCount: Int, without direction: SparseVector? = nil,
    multiples: [Double]? = nil
  ) throws {
    inputDimension = sample.rows.columnCount
    let picked = spread(rowCount, over: sample.rows.rowCount)
    let n = picked.count
    let u = picked.map { multiples?[$0] ?? 0 }
    self.u = u
    // All that is made of them is compared; what is far from 1 would overflow.
    let largest = picked.reduce(0) { max($0, sample.weights[$1]) }
    weights = picked.map { largest > 0 ? sample.weights[$0] / largest : 0 }

    // Gram matrices of r and of its entries' squares, some columns at a time.
    var products = Matrix<Double>(rowCount: n, columnCount: n)
    var overlaps = products
    let matrix = sample.rows.rows(at: picked).sparse
    let used = Rows.sparse(matrix).usedColumns
    let rows = Rows.sparse(try used.narrowed(matrix))
    let width = rows.columnCount
    let (own, others) = direction?.values(in: used) ?? ([], [])
    let m = own + [Double](repeating: 0, count: width - own.count)
    for start in stride(from: 0, to: width, by: 4096) {
      let range = start..<min(width, start + 4096)
      var rest = Matrix<Double>(rowCount: n, columnCount: range.count) { output in
        m.withUnsafeBufferPointer { m in
          rows.withUnsafeBlock { block in
            for i in 0..<n {
              block.writeRest(
                ofRow: i, columns: range, minus: u[i], times: m.baseAddress!,
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
    // Where no row has an entry r is −u m.
    if !others.isEmpty {
      let square = others.reduce(0) { $0 + $1 * $1 }
      let fourth = others.reduce(0) { $0 + $1 * $1 * $1 * $1 }
      for i in 0..<n {
        for j in 0..<n {
          let product = u[i] * u[j]
          products[i, j] += product * square
          overlaps[i, j] += product * product * fourth
        }
      }
    }
    // A kernel matrix of N points has N entries with i = j.
    let ownShare = n == 1 ? 1 : 1 / Double(sample.rows.rowCount)
    let otherShare = (1 - ownShare) / Double(max(1, n * (n - 1) / 2))
    pairs = (0..<n).flatMap { i in
      (0...i).map { j in
        let moments = PairMoments(
          product: products[i, j], norms: products[i, i] * products[j, j],
          diagonal: overlaps[i, j])
        return Pair(
          first: i, second: j, moments: moments, share: i == j ? ownShare / Double(n) : otherShare)
      }
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

  /// ⟨x̂, ŷ⟩ of a pair.
  func product(_ pair: Pair) -> Double { u[pair.first] * u[pair.second] + pair.moments.product }

  /// The mean over pairs of (vᵢ vⱼ)² · `value` of the pair, for v of every row.
  func mean(factors v: [Double], _ value: (Pair) -> Double) -> Double {
    pairs.reduce(0.0) { sum, pair in
      let scale = v[pair.first] * v[pair.second]
      return sum + pair.share * scale * scale * max(0, value(pair))
    }
  }

  /// The mean variance of vᵢ vⱼ ⟨S r, S r′⟩ for a sketch S of degree k and its number of columns.
  func variance(
    degree k: Int, columnCount: Int, law: TermSketch.Law, factors v: [Double]
  ) -> Double {
    let variances = known.variances(
      PairVariances.Key(degree: k, columnCount: columnCount, law: law), of: self)
    return zip(pairs, variances).reduce(0.0) { sum, pair in
      let scale = v[pair.0.first] * v[pair.0.second]
      return sum + pair.0.share * scale * scale * pair.1
    }
  }
}

/// The variances of sketches for every pair of a sample, found once: plans ask for the same again and again.
private final class PairVariances {
  struct Key: Hashable {
    var degree: Int
    var columnCount: Int
    var law: TermSketch.Law
  }

  private var known: [Key: [Double]] = [:]

  func variances(_ key: Key, of sample: SamplePairs) -> [Double] {
    if let found = known[key] { return found }
    let found = sample.pairs.map {
      max(
        0,
        key.law.variance(
          $0.moments, degree: key.degree, inputDimension: sample.inputDimension,
          columnCount: key.columnCount))
    }
    known[key] = found
    return found
  }
}
