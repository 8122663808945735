// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Powers and differences of powers without cancellation, which variances are made of.

/// xⁿ for n ≥ 0 by repeated multiplication.
func power(_ x: Double, _ n: Int) -> Double {
  (0..<n).reduce(1.0) { product, _ in product * x }
}

/// ∏ (aᵢ + δᵢ) − ∏ aᵢ, with a relative error of some roundings where all δᵢ have one sign and aᵢ ≥ 0.
func productChange(_ a: [Double], by delta: [Double]) -> Double {
  // After each factor: the change so far and the product of the a so far.
  zip(a, delta).reduce((change: 0.0, product: 1.0)) { sofar, factor in
    let (a, delta) = factor
    return (sofar.change * (a + delta) + sofar.product * delta, sofar.product * a)
  }.change
}

/// (a + δ)ⁿ − aⁿ, likewise.
func powerChange(_ a: Double, by delta: Double, _ n: Int) -> Double {
  var (change, product) = (0.0, 1.0)
  for _ in 0..<n {
    (change, product) = (change * (a + delta) + product * delta, product * a)
  }
  return change
}
