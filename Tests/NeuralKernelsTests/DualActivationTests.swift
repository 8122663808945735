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

  @Test(arguments: TestActivation.all.indices)
  func equalsTheExpectation(_ index: Int) {
    let test = TestActivation.all[index]
    let dual = DualActivation(test.activation)
    forAll(cases: 60) {
      Self.pair(&$0, largest: test.largest)
    } _: { pair in
      let found = dual.values(pair.q, pair.r, covariance: pair.c)
      let expected = PlaneQuadrature.dual(test, pair)
      let (a, b) = (PlaneQuadrature.square(test, pair.q), PlaneQuadrature.square(test, pair.r))
      let errors = (
        abs(found.value - expected.0) / (a.0 * b.0).squareRoot(),
        abs(found.derivative - expected.1) / max(1e-300, (a.1 * b.1).squareRoot())
      )
      let same = abs(dual.deviation(pair.q) - a.0.squareRoot()) / a.0.squareRoot()
      let slope = abs(dual.derivative(atDeviation: pair.q) - a.1) / max(1e-300, a.1)
      return errors.0 < 1e-12 && errors.1 < 1e-12 && same < 1e-12 && slope < 1e-12
    }
  }
}
