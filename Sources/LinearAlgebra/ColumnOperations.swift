// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Operations on blocks of vectors, column by column, each sum in the order of the rows.

extension Matrix<Double> {
  /// ⟨aⱼ, bⱼ⟩ for every column j. Cost: 2 operations an entry.
  package func columnProducts(_ other: Matrix) -> [Double] {
    precondition(other.rowCount == rowCount && other.columnCount == columnCount)
    var sums = [Double](repeating: 0, count: columnCount)
    sums.withUnsafeMutableBufferPointer { sums in
      withUnsafePointer { a in
        other.withUnsafePointer { b in
          for i in 0..<rowCount {
            let start = i * columnCount
            for j in 0..<columnCount { sums[j] += a[start + j] * b[start + j] }
          }
        }
      }
    }
    return sums
  }

  /// aⱼ ← aⱼ + factorsⱼ · bⱼ for every column j.
  package mutating func addColumns(_ other: Matrix, times factors: [Double]) {
    let (n, k) = (rowCount, columnCount)
    precondition(other.rowCount == n && other.columnCount == k && factors.count == k)
    withUnsafeMutablePointer { a in
      other.withUnsafePointer { b in
        for i in 0..<n {
          for j in 0..<k { a[i * k + j] += factors[j] * b[i * k + j] }
        }
      }
    }
  }

  /// A ← A + factor · B.
  package mutating func add(_ other: Matrix, times factor: Double) {
    let count = elements.count
    precondition(other.rowCount == rowCount && other.columnCount == columnCount)
    withUnsafeMutablePointer { a in
      other.withUnsafePointer { b in
        for i in 0..<count { a[i] += factor * b[i] }
      }
    }
  }

  /// Column j times factorsⱼ.
  package mutating func scaleColumns(by factors: [Double]) {
    let (n, k) = (rowCount, columnCount)
    precondition(factors.count == k)
    withUnsafeMutablePointer { a in
      for i in 0..<n {
        for j in 0..<k { a[i * k + j] *= factors[j] }
      }
    }
  }
}

extension Matrix {
  /// Row i times factorsᵢ. Cost: an operation an entry.
  package mutating func scaleRows(by factors: [Double]) {
    let (n, k) = (rowCount, columnCount)
    precondition(factors.count == n)
    withUnsafeMutablePointer { scaleRowEntries($0, n, k, factors) }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scaleRowEntries<Scalar: RealScalar>(
  _ a: UnsafeMutablePointer<Scalar>, _ n: Int, _ k: Int, _ factors: [Double]
) {
  for i in 0..<n {
    let factor = Scalar(factors[i])
    for j in 0..<k { a[i * k + j] *= factor }
  }
}
