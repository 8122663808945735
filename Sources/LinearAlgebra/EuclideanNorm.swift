// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Lengths of vectors of any size.

/// ‖x‖ of `count` numbers, without overflow or underflow of their squares. Cost: O(count).
public func euclideanNorm<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ count: Int) -> Scalar {
  let square = BLAS.dot(count, x, x)
  // Outside this range squares may have lost digits: scale by the largest entry.
  let safe = Scalar.leastNormalMagnitude / (Scalar.ulpOfOne * Scalar.ulpOfOne)
  if square.isFinite, square >= safe { return square.squareRoot() }
  var largest: Scalar = 0
  for j in 0..<count { largest = max(largest, abs(x[j])) }
  guard largest > 0 else { return 0 }
  var sum: Scalar = 0
  for j in 0..<count { sum += (x[j] / largest) * (x[j] / largest) }
  return largest * sum.squareRoot()
}
