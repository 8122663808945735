// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fitting the sketch of an activation: mean directions, and columns for every degree.

import LinearAlgebra
import NeuralKernels

extension SketchPlan {
  /// m, unless it is 0.
  var exactPoints: [[Double]] { direction.contains { $0 != 0 } ? [direction] : [] }

  /// The directions of q that landmarks on the line of m carry exactly: that of the mean of ψ, and m.
  func exactTangents(_ coordinates: PatchCoordinates) -> [[Double]] {
    let rest = [Double](repeating: 0, count: coordinates.ntk)
    let zeros = [Double](repeating: 0, count: coordinates.nngp)
    let mean = normalized(Array(tangentDirection.prefix(coordinates.ntk)))
    if coordinates.tangentScale == 0 { return mean.map { [$0] } ?? [] }
    return (mean.map { [$0 + zeros] } ?? [])
      + exactPoints.map { rest + $0 }
  }

  /// w, and where the exact tangents have more than it, a unit vector at right angles to it among them.
  func exactTangentBasis(_ coordinates: PatchCoordinates) throws -> Matrix<Double> {
    let others = exactTangents(coordinates).compactMap { vector -> [Double]? in
      let along = zip(vector, tangentDirection).reduce(0) { $0 + $1.0 * $1.1 }
      let rest = zip(vector, tangentDirection).map { $0 - along * $1 }
      let size = rest.reduce(0) { $0 + $1 * $1 }
      return size > 1e-12 ? rest.map { $0 / size.squareRoot() } : nil
    }
    return try Matrix(rows: [tangentDirection] + others.prefix(1))
  }

  /// A plan with every term and no columns yet, and the patches as they are seen on the line of m alone, what is
  /// beside it a coordinate of their norm.
  ///
  /// m and w are the mean directions of `centre`, or 0 where the mean vanishes.
  static func fit(
    _ patches: PatchSample, around centre: PatchSample, _ coordinates: PatchCoordinates,
    _ activation: Activation
  ) throws -> (plan: SketchPlan, projected: PatchSample) {
    let count = patches.count
    let isHomogeneous = activation.slopes != nil
    let weights = isHomogeneous ? patches.weights : patches.weights.map { _ in 1 }
    let points = patches.nngp.columns(0..<coordinates.nngp)
    let root = coordinates.tangentScale.squareRoot()
    let centreWeights = isHomogeneous ? centre.weights : centre.weights.map { _ in 1 }
    func mean(_ rows: Matrix<Double>) throws -> [Double] {
      let sum = try rows.transposeMultiplied(
        by: Matrix(rowCount: centre.count, columnCount: 1, elements: centreWeights)
      )
      return Array(sum.elements)
    }
    let meanPoint = try mean(centre.nngp.columns(0..<coordinates.nngp))
    let meanTangent = try mean(centre.ntk)
    let noDirection = [Double](repeating: 0, count: coordinates.nngp)
    var plan = SketchPlan(
      direction: normalized(meanPoint) ?? noDirection, tangentDirection: [], anchors: [],
      terms: [])
    plan.tangentDirection =
      meanTangent + (coordinates.tangentScale > 0 ? meanPoint.map { root * $0 } : [])
    plan.tangentDirection =
      normalized(plan.tangentDirection) ?? plan.tangentDirection.map { _ in 0 }

    // n and ⟨μ, m⟩ of every patch.
    let norms = patches.nngp.rowNorms
    let along = points.times(plan.direction)
    let tangentMean = normalized(meanTangent) ?? meanTangent
    let tangentAlong = patches.ntk.times(tangentMean)
    let total = weights.reduce(0) { $0 + $1 * $1 }
    func average(_ value: (Int) -> Double) -> Double {
      (0..<count).reduce(0) { $0 + weights[$1] * weights[$1] * value($1) } / max(total, 1e-300)
    }
    let cosines = norms.indices.map { norms[$0] > 0 ? along[$0] / norms[$0] : 0 }
    let deviation = average { norms[$0] * norms[$0] }.squareRoot()
    let sorted = cosines.indices.filter { weights[$0] > 0 && norms[$0] > 0 }
      .map { cosines[$0] }.sorted()
    let others = sorted.isEmpty ? [] : [sorted[sorted.count / 20], sorted[sorted.count * 19 / 20]]
    plan.anchors = ([average { cosines[$0] }] + others).map {
      Anchor(deviation: deviation, cosine: $0)
    }
    plan.terms = emptyTerms(degree: largestDegree, anchorCount: plan.anchors.count)

    let projected = Matrix<Double>(rowCount: count, columnCount: coordinates.nngp + 1) { output in
      for i in 0..<count {
        let row = output + i * (coordinates.nngp + 1)
        for j in 0..<coordinates.nngp { row[j] = along[i] * plan.direction[j] }
        row[coordinates.nngp] = max(0, norms[i] * norms[i] - along[i] * along[i]).squareRoot()
      }
    }
    let tangents = Matrix<Double>(rowCount: count, columnCount: coordinates.ntk) { output in
      for i in 0..<count {
        for j in 0..<coordinates.ntk {
          output[i * coordinates.ntk + j] = tangentAlong[i] * tangentMean[j]
        }
      }
    }
    return (plan, PatchSample(nngp: projected, ntk: tangents, weights: patches.weights))
  }
}

extension SketchPlan {
  /// v of every patch.
  func tangentProducts(
    _ points: Matrix<Double>, _ tangents: Matrix<Double>, _ coordinates: PatchCoordinates
  ) -> [Double] {
    let products = tangents.times(Array(tangentDirection.prefix(coordinates.ntk)))
    guard coordinates.tangentScale > 0 else { return products }
    let root = coordinates.tangentScale.squareRoot()
    let others = points.times(tangentDirection.suffix(coordinates.nngp).map { root * $0 })
    return zip(products, others).map { $0 + $1 }
  }
}
