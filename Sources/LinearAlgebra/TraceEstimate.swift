// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The trace of an operator from few products: Hutch++.

import Randomness
import Validation

/// An estimate of tr A from products with random signs.
///
/// A third of the products finds a basis Q of the dominant images, a third the trace on Q exactly, and
/// a third samples gᵀ(I − QQᵀ)A(I − QQᵀ)g on the rest. Unbiased given Q. For a positive semidefinite A
/// the error falls like 1/m with the products m, where plain sampling has 1/√m; its relative size is
/// of order √ln(1/η)/m + ln(1/η)/m with probability 1 − η.
///
/// - Source: Meyer, Musco, Musco, Woodruff, "Hutch++: optimal stochastic trace estimation", 2021.
public struct TraceEstimate: Hashable, Codable, Sendable {
  public let value: Double
  /// The sampled part's standard error; 0 where Q spans everything.
  public let standardError: Double
  /// m, the vectors multiplied.
  public let products: Int

  /// - Parameter products: at most this many, at least 6; from 2n on the trace is exact.
  /// - Throws: `InvalidInput` unless A is square and the products suffice; what A throws;
  ///   `CancellationError`.
  /// - Complexity: three products with blocks of m/3 vectors and 4nm²/9 operations for Q.
  public init(
    of a: some LinearOperator, products: Int, seed: UInt64 = 0,
    on execution: Execution = .allCores
  ) throws {
    try a.validateSquare()
    guard products >= 6 else {
      throw InvalidInput("number of products", found: "\(products)", expected: "at least 6")
    }
    let n = a.rowCount
    let third = min(n, products / 3)
    let key = RandomKey(seed: seed).child("Hutch++")
    func signs(_ name: StaticString) -> Matrix<Double> {
      let stream = key.child(name).stream
      return Matrix(rowCount: n, columnCount: third) { output in
        stream.fillSigns(fromBlock: 0, count: n * third, into: output)
      }
    }
    let image = try a.multiplied(by: signs("range"), on: execution)
    let basis = try n == third ? Matrix.identity(n) : QR(image).orthonormal
    let inner = try basis.columnProducts(a.multiplied(by: basis, on: execution)).reduce(0, +)
    guard third < n else {
      (value, standardError, self.products) = (inner, 0, 2 * third)
      return
    }
    var probes = signs("probes")
    let inside = try basis.transposeMultiplied(by: probes, on: execution)
    probes.add(try basis.multiplied(by: inside, on: execution), times: -1)
    let samples = try probes.columnProducts(a.multiplied(by: probes, on: execution))
    let mean = samples.reduce(0, +) / Double(third)
    let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    value = inner + mean
    standardError = (squares / Double((third - 1) * third)).squareRoot()
    self.products = 3 * third
  }
}
