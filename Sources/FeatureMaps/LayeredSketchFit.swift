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

  /// A plan of at most `columnCount` columns of φ and as many of ψ, and the patches as they are seen
  /// on the line of m alone, what is beside it a coordinate of their norm.
  ///
  /// m and w are the mean directions of `centre`, or 0 where the mean vanishes. The columns are shared
  /// by Dᵢ ∝ eᵢ, with eᵢ² what the term adds to the variance with one column.
  static func fit(
    _ patches: PatchSample, around centre: PatchSample, _ coordinates: PatchCoordinates,
    _ activation: Activation, columnCount: Int
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

    // n, u and |r|² of every patch; v and |s|².
    let norms = patches.nngp.rowNorms
    let along = try points.times(plan.direction)
    let sizes = points.rowNorms
    let tangentSizes = patches.ntk.rowNorms
    let tangentMean = normalized(meanTangent) ?? meanTangent
    let tangentAlong = try patches.ntk.times(tangentMean)
    let v = try plan.tangentProducts(points, patches.ntk, coordinates)
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
    // With few columns what high degrees say is noise.
    plan.terms = emptyTerms(
      degree: columnCount < 768 ? 4 : largestDegree, anchorCount: plan.anchors.count)

    let factors = SketchFactors(activation, plan)
    let termCount = plan.terms.count
    var energies = [[Double]](repeating: [0, 0, 0], count: termCount)
    var numbers = [Double](repeating: 0, count: 2 * (termCount + factors.coefficients.count))
    numbers.withUnsafeMutableBufferPointer { buffer in
      let g = buffer.baseAddress!
      let h = g + termCount
      // A few hundred patches tell enough.
      let step = max(1, count / 500)
      for i in stride(from: 0, to: count, by: step) where norms[i] > 0 {
        factors.write(
          deviation: norms[i], cosine: along[i] / norms[i], values: g, slopes: h,
          scratch: h + termCount)
        let beside = max(0, sizes[i] * sizes[i] - along[i] * along[i]) / (norms[i] * norms[i])
        let rest = max(
          0,
          tangentSizes[i] * tangentSizes[i] - tangentAlong[i] * tangentAlong[i]
            + coordinates.tangentScale * (sizes[i] * sizes[i] - along[i] * along[i]))
        for (index, term) in plan.terms.enumerated() {
          let power = weights[i] * weights[i] * Double.pow(beside, term.degree)
          energies[index][0] += power * g[index] * g[index]
          energies[index][1] += power * h[index] * h[index] * v[i] * v[i]
          energies[index][2] += power * h[index] * h[index] * rest
        }
      }
    }
    plan.allocate(columnCount, energies, coordinates)

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

  /// Columns for every term; no more for S₁ and s a than make them exact.
  private mutating func allocate(
    _ columnCount: Int, _ energies: [[Double]], _ coordinates: PatchCoordinates
  ) {
    let most = coordinates.nngp - exactPoints.count
    let mostRest = max(0, coordinates.tangentCount - exactTangents(coordinates).count)
    func errors(_ part: Int, from first: Int) -> [Double] {
      terms.indices.map { index in
        let degree = terms[index].degree
        let spread = Double.pow(2, degree + (part == 2 ? 1 : 0)).squareRoot()
        return degree < first ? 0 : energies[index][part] * spread
      }
    }
    func caps(_ degree: Int, _ most: Int, from start: Int) -> [Int: Int] {
      Dictionary(
        uniqueKeysWithValues: terms.indices.filter { terms[$0].degree == degree }
          .map { (start + $0, most) })
    }
    let nngp = allocate(columnCount, errors(0, from: 1), caps: caps(1, most, from: 0))
    let ntk = allocate(
      columnCount, errors(1, from: 1) + errors(2, from: 0),
      caps: caps(1, most, from: 0).merging(caps(0, mostRest, from: terms.count)) { $1 })
    for index in terms.indices {
      terms[index].nngp = nngp[index]
      terms[index].ntk = ntk[index]
      // (s a) ∘ S_d has no more columns than s a can have.
      terms[index].rest = min(ntk[terms.count + index], mostRest)
    }
    terms.removeAll { $0.width == 0 }
  }

  private func allocate(_ count: Int, _ errors: [Double], caps: [Int: Int]) -> [Int] {
    var (left, errors) = (count, errors)
    var result = [Int](repeating: 0, count: errors.count)
    while true {
      let found = allocateColumns(left, errors: errors, minimum: 2)
      guard let capped = caps.keys.sorted().first(where: { found[$0] > max(0, caps[$0]!) }) else {
        for (index, columns) in found.enumerated() where columns > 0 { result[index] = columns }
        return result
      }
      result[capped] = max(0, caps[capped]!)
      left -= result[capped]
      errors[capped] = 0
    }
  }
}

extension SketchPlan {
  /// v of every patch.
  func tangentProducts(
    _ points: Matrix<Double>, _ tangents: Matrix<Double>, _ coordinates: PatchCoordinates
  ) throws -> [Double] {
    let products = try tangents.times(Array(tangentDirection.prefix(coordinates.ntk)))
    guard coordinates.tangentScale > 0 else { return products }
    let root = coordinates.tangentScale.squareRoot()
    let others = try points.times(tangentDirection.suffix(coordinates.nngp).map { root * $0 })
    return zip(products, others).map { $0 + $1 }
  }
}

extension Matrix<Double> {
  /// A x.
  func times(_ vector: [Double]) throws -> [Double] {
    guard columnCount > 0 else { return [Double](repeating: 0, count: rowCount) }
    return Array(
      try multiplied(by: Matrix(rowCount: columnCount, columnCount: 1, elements: vector)).elements)
  }
}
