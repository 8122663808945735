// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations against quadrature in the plane, with the edges: correlations next to ±1, points
// that vanish, tiny and huge variances.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@Suite struct DualActivationTests {
  static func pair(_ generator: inout CaseGenerator, largest: Double) -> TestPair {
    func deviation() -> Double {
      switch generator.int(in: 0...9) {
      case 0: 1e-4
      case 1: largest
      default: min(largest, Double.exp(0.8 * generator.normal()))
      }
    }
    let (q, r) = (deviation(), deviation())
    let cosine =
      switch generator.int(in: 0...11) {
      case 0: 1.0
      case 1: -1.0
      case 2: 1 - 1e-14
      case 3: 1e-14 - 1
      case 4: 0.0
      default: Double.tanh(1.5 * generator.normal())
      }
    return TestPair(q: q, r: r, c: cosine * q * r)
  }

  /// Errors count in proportion to √(k(a, a, a) k(b, b, b)): where a dual cancels almost to 0, digits of
  /// its own are beyond what rounded covariances determine.
  private func isClose(
    _ found: (value: Double, derivative: Double), _ value: Double, _ derivative: Double,
    _ a: (Double, Double), _ b: (Double, Double), _ tolerance: Double
  ) -> Bool {
    abs(found.value - value) < 1e-12 * (a.0 * b.0).squareRoot()
      && abs(found.derivative - derivative) < tolerance * max(1e-300, (a.1 * b.1).squareRoot())
  }

  /// 500 pairs each, of which NumPy has done the quadrature.
  @Test(arguments: TestActivation.all.indices)
  func equalsTheReference(_ index: Int) throws {
    let test = TestActivation.all[index]
    let dual = DualActivation(test.activation)
    let name = test.name.replacing(" ", with: "_")
    let pairs = try Goldens.archive("neural/duals.npz", name)
    try #require(pairs.rowCount == 500)
    var squares: [Double: (Double, Double)] = [:]
    func square(_ deviation: Double) -> (Double, Double) {
      if let known = squares[deviation] { return known }
      let found = PlaneQuadrature.square(test, deviation)
      squares[deviation] = found
      return found
    }
    for i in 0..<pairs.rowCount {
      let (q, r, c) = (pairs[i, 0], pairs[i, 1], pairs[i, 2])
      let found = dual.values(q, r, covariance: c)
      #expect(
        isClose(found, pairs[i, 3], pairs[i, 4], square(q), square(r), test.tolerance),
        "\(test.name), \(q), \(r), \(c): \(found), not (\(pairs[i, 3]), \(pairs[i, 4]))")
    }
  }

  /// A variable that is always 0 beside another; derivatives where they are unique.
  @Test(arguments: TestActivation.all.indices)
  func variancesOfZero(_ index: Int) {
    let test = TestActivation.all[index]
    let dual = DualActivation(test.activation)
    let (value, slope) = (test.value(0), test.derivative(0))
    for deviation in [0, 1e-4, 0.7, min(3, test.largest)] {
      let kinks = (test.kinks + [0]).map { ($0 / deviation, 1 / deviation) }
      let mean =
        deviation == 0
        ? (value, slope)
        : PlaneQuadrature.mean(kinks: kinks.filter { $0.0.isFinite && $0.1.isFinite }) {
          (test.value(deviation * $0), test.derivative(deviation * $0))
        }
      let scales = (abs(value * mean.0) + 1e-12, abs(slope * mean.1) + 1e-12)
      for (q, r) in [(0, deviation), (deviation, 0)] {
        let found = dual.values(q, r, covariance: 0)
        #expect(abs(found.value - value * mean.0) < 1e-12 * scales.0, "\(test.name), \(q), \(r)")
        guard !test.kinks.contains(0) else { continue }
        #expect(
          abs(found.derivative - slope * mean.1) < 1e-12 * scales.1, "\(test.name), \(q), \(r)")
      }
    }
  }

  /// The same by quadrature here, and the duals of a variable with itself.
  @Test(arguments: TestActivation.all.indices)
  func equalsTheExpectation(_ index: Int) {
    let test = TestActivation.all[index]
    let dual = DualActivation(test.activation)
    forAll(cases: 8) {
      Self.pair(&$0, largest: test.largest)
    } _: { pair in
      let found = dual.values(pair.q, pair.r, covariance: pair.c)
      let expected = PlaneQuadrature.dual(test, pair)
      let (a, b) = (PlaneQuadrature.square(test, pair.q), PlaneQuadrature.square(test, pair.r))
      let same = abs(dual.deviation(pair.q) - a.0.squareRoot()) / a.0.squareRoot()
      let slope = abs(dual.derivative(atDeviation: pair.q) - a.1) / max(1e-300, a.1)
      return isClose(found, expected.0, expected.1, a, b, test.tolerance) && same < 1e-12
        && slope < 1e-12
    }
  }
}
