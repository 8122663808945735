// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the mean of a sketched activation lacks of its kernel, on a sample.

import LinearAlgebra
import NeuralKernels
import Validation

/// E ZZᵀ − K for the features Z of patches behind one activation, with the features before it as they are and
/// what landmarks stand for exact; without what dropout adds.
struct SketchBias: Hashable, Codable, Sendable {
  /// Its Frobenius norm over that of K, over pairs of different patches.
  var pairs = 0.0
  /// The share of Σ K(p, p) that E Σ |z|² lacks.
  var own = 0.0

  /// Throws `InvalidInput` unless both are numbers.
  func validate() throws {
    guard pairs.isFinite, pairs >= 0, own.isFinite else {
      throw InvalidInput("bias of a sketch", found: "NaN or worse", expected: "a number")
    }
  }
}

extension SketchPlan {
  /// The biases of φ and of ψ on up to 200 patches of a sample.
  ///
  /// - Parameters:
  ///   - patches, projected: as they go into the fit of this plan, and as they come out of it.
  /// - Complexity: that of the kernels of 200 patches, and 20,000 powers for every term.
  func biases(
    of patches: PatchSample, projected: PatchSample, _ coordinates: PatchCoordinates,
    _ dual: DualActivation, on execution: Execution
  ) throws -> (nngp: SketchBias, ntk: SketchBias) {
    let picked = spread(200, over: patches.count)
    func part(_ sample: PatchSample) -> (points: Matrix<Double>, norms: [Double], Matrix<Double>) {
      let rows = sample.nngp.rows(at: picked)
      return (rows.columns(0..<coordinates.nngp), rows.rowNorms, sample.ntk.rows(at: picked))
    }
    let (points, norms, tangents) = part(patches)
    let (linePoints, lineNorms, lineTangents) = part(projected)
    let c = coordinates.tangentScale
    let exact = try landmarkGrams(
      dual, landmarks: points, deviations: norms, tangents: tangents, tangentScale: c,
      on: execution)
    let line = try landmarkGrams(
      dual, landmarks: linePoints, deviations: lineNorms, tangents: lineTangents, tangentScale: c,
      on: execution)

    // ⟨r, r′⟩ n n′, v, and what frames see of s.
    var beside = try points.outerGram(on: execution)
    var rest = try tangents.outerGram(on: execution)
    rest.add(beside, times: c)
    let along = try points.times(direction)
    beside.subtract(along)
    if c > 0 { rest.subtract(along.map { c.squareRoot() * $0 }) }
    let mean = normalized(Array(tangentDirection.prefix(coordinates.ntk))) ?? []
    if !mean.isEmpty { rest.subtract(try tangents.times(mean)) }
    let v = try tangentProducts(points, tangents, coordinates)

    let factors = SketchFactors(dual.activation, self)
    let values = picked.indices.map { i in
      factors.values(deviation: norms[i], cosine: norms[i] > 0 ? along[i] / norms[i] : 0)
    }
    func found(_ i: Int, _ j: Int) -> (nngp: Double, ntk: Double) {
      let scale = norms[i] * norms[j]
      let cosine = scale > 0 ? beside[i, j] / scale : 0
      var sums = (nngp: line.nngp[i, j], ntk: line.ntk[i, j])
      for (index, term) in terms.enumerated() {
        let power = Double.pow(cosine, term.degree)
        if term.nngp > 0 { sums.nngp += values[i].values[index] * values[j].values[index] * power }
        let slopes = values[i].slopes[index] * values[j].slopes[index] * power
        if term.ntk > 0 { sums.ntk += slopes * v[i] * v[j] }
        if term.rest > 0 { sums.ntk += slopes * rest[i, j] }
      }
      return sums
    }
    let isHomogeneous = dual.activation.slopes != nil
    let weights = picked.map { isHomogeneous ? patches.weights[$0] : 1 }
    var (nngp, ntk) = (BiasSums(), BiasSums())
    for i in weights.indices {
      for j in 0...i {
        let sums = found(i, j)
        let weight = weights[i] * weights[j]
        nngp.add(weight, exact.nngp[i, j], sums.nngp, isOwn: i == j)
        ntk.add(weight, exact.ntk[i, j], sums.ntk, isOwn: i == j)
      }
    }
    return (nngp.bias, ntk.bias)
  }
}

/// Weighted sums over pairs.
private struct BiasSums {
  private var (error, size, lack, trace) = (0.0, 0.0, 0.0, 0.0)

  mutating func add(_ weight: Double, _ exact: Double, _ found: Double, isOwn: Bool) {
    let difference = weight * (exact - found)
    if isOwn {
      trace += weight * exact
      lack += difference
    } else {
      size += weight * exact * weight * exact
      error += difference * difference
    }
  }

  var bias: SketchBias {
    SketchBias(
      pairs: size > 0 ? (error / size).squareRoot() : 0, own: trace > 0 ? lack / trace : 0)
  }
}

extension Matrix<Double> {
  /// A ← A − x xᵀ.
  fileprivate mutating func subtract(_ x: [Double]) {
    for i in 0..<rowCount { for j in 0..<columnCount { self[i, j] -= x[i] * x[j] } }
  }
}
