// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Swift functions as activations.

/// A continuous function of one number, with the points where a derivative jumps.
///
/// It must be finite everywhere and grow more slowly than exp(x² / 4s²) for the standard deviations s
/// that occur. Between kinks it should be smooth on a scale of 1; kinks that are not given cost
/// accuracy. Equality is that of the object: a copy of the value equals it, a second one does not.
public struct PointwiseFunction: Sendable {
  public let name: String
  /// Sorted.
  public let kinks: [Double]
  private let body: Body

  private final class Body: Sendable {
    let value: @Sendable (Double) -> Double
    let derivative: (@Sendable (Double) -> Double)?

    init(
      _ value: @escaping @Sendable (Double) -> Double,
      _ derivative: (@Sendable (Double) -> Double)?
    ) {
      (self.value, self.derivative) = (value, derivative)
    }
  }

  /// - Parameters:
  ///   - name: for errors.
  ///   - derivative: if nil, differences stand for it, with relative errors of about 1e-13; next to kinks,
  ///     within 4e-9, they are wrong, which costs 1e-12 where correlations are next to ±1.
  public init(
    _ name: String, kinks: [Double] = [], derivative: (@Sendable (Double) -> Double)? = nil,
    _ value: @escaping @Sendable (Double) -> Double
  ) {
    self.name = name
    self.kinks = kinks.sorted()
    body = Body(value, derivative)
  }

  public func callAsFunction(_ x: Double) -> Double { body.value(x) }

  /// The derivative between kinks.
  func derivative(_ x: Double) -> Double {
    if let derivative = body.derivative { return derivative(x) }
    // Central differences of order 8 that stay on one side of all kinks.
    let distance = kinks.map { ($0 - x).magnitude }.min() ?? .infinity
    let step = max(min(0.03, distance / 4), 1e-9 * max(1, x.magnitude))
    return [4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280].enumerated().reduce(0) { sum, term in
      let shift = Double(term.offset + 1) * step
      return sum + term.element * (body.value(x + shift) - body.value(x - shift)) / step
    }
  }
}

extension PointwiseFunction: Hashable {
  public static func == (left: PointwiseFunction, right: PointwiseFunction) -> Bool {
    left.body === right.body
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(body)) }
}
