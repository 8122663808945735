// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Hermite coefficients of activations at given standard deviations.

import LinearAlgebra

/// For an activation σ and standard deviations s, the mean E[σ(sz)] and the coefficients
/// αᵢ = E[σ′(sz) hᵢ(z)], i < `termCount`, with hᵢ the normalised Hermite polynomials.
///
/// With them E[σ′(u) σ′(v)] = Σ αᵢ(q) αᵢ(r) ρⁱ and, by Mehler and Stein,
/// E[σ(u) σ(v)] = E σ(u) E σ(v) + qr Σ αᵢ(q) αᵢ(r) ρⁱ⁺¹ / (i + 1).
///
/// The integrals run over [−13, 13] in panels of 20 nodes cut where σ(sz) demands it.
struct HermiteExpansion {
  static let termCount = 224
  /// Beyond it the normal density times what any activation does is below 1e-17.
  static let limit = 13.0
  private static let panelWidth = 1.0

  /// What is known at one standard deviation.
  struct Point {
    var deviation = 0.0
    /// E[σ(sz)], E[σ(sz)²], E[σ′(sz)²].
    var mean = 0.0
    var square = 0.0
    var slopeSquare = 0.0
  }

  let points: [Point]
  /// αᵢ of point p at `i · points.count + p`.
  let coefficients: [Double]
  /// √(Σ_{k ≥ i} αₖ²), remainder included, at `i · points.count + p` for i up to `termCount`.
  let tails: [Double]

  /// Cost: 20 µs per different deviation up to 2.5 of a function without kinks but at 0, where all
  /// share one grid of nodes and a matrix product does the work; else 0.2 ms.
  init(_ function: SmoothPieces, deviations: [Double], withCoefficients: Bool = true) {
    var (different, positions) = ([Double](), [Double: Int]())
    let sources = deviations.map { deviation in
      if let position = positions[deviation] { return position }
      positions[deviation] = different.count
      different.append(deviation)
      return different.count - 1
    }
    var builder = Builder(function, count: different.count, withCoefficients: withCoefficients)
    let sharesGrid = withCoefficients && function.kinks.allSatisfy { $0 == 0 }
    let onGrid = different.indices.filter { sharesGrid && different[$0] <= Self.largestOnGrid }
    builder.addOnGrid(onGrid.map { (position: $0, deviation: different[$0]) })
    for (position, deviation) in different.enumerated()
    where !(sharesGrid && deviation <= Self.largestOnGrid) {
      builder.add(deviation, at: position)
    }
    points = sources.map { builder.points[$0] }
    let (count, terms) = (sources.count, withCoefficients ? Self.termCount : 0)
    var coefficients = [Double](repeating: 0, count: terms * count)
    var tails = [Double](repeating: 0, count: withCoefficients ? (terms + 1) * count : 0)
    for (p, source) in sources.enumerated() where withCoefficients {
      let all = builder.coefficients[source * terms..<(source + 1) * terms]
      var tail = max(0, points[p].slopeSquare - all.reduce(0) { $0 + $1 * $1 })
      tails[terms * count + p] = tail.squareRoot()
      for (i, coefficient) in zip(all.indices, all).reversed() {
        let term = i - all.startIndex
        coefficients[term * count + p] = coefficient
        tail += coefficient * coefficient
        tails[term * count + p] = tail.squareRoot()
      }
    }
    (self.coefficients, self.tails) = (coefficients, tails)
  }

  /// Lends the coefficients αᵢ of one i, from a point on.
  @inline(__always)
  func withTerm(_ i: Int, from point: Int, _ body: (UnsafePointer<Double>) -> Void) {
    coefficients.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      body(base + i * points.count + point)
    }
  }

  /// Up to here σ′(sz) is resolved by the panels of the grid.
  private static let largestOnGrid = 2.5

  /// The nodes that deviations up to `largestOnGrid` share: z, its weight times φ(z), and hᵢ(z) for all
  /// i, one row for each i.
  private static let grid: (nodes: [Double], weights: [Double], basis: [Double]) = {
    var (nodes, weights) = ([Double](), [Double]())
    let panels = Int(2 * limit / panelWidth)
    for panel in 0..<panels {
      let lower = Double(panel) * panelWidth - limit
      GaussLegendre.panel.forEachNormalNode(lower, lower + panelWidth) {
        nodes.append($0)
        weights.append($1)
      }
    }
    var values = Basis()
    for z in nodes { values.append(z, 1) }
    var basis: [Double] = []
    for i in 0..<termCount {
      basis += values.values
      _ = values.nextCoefficient(i)
    }
    return (nodes, weights, basis)
  }()

  /// Points and coefficients, one row for each point, in the making.
  private struct Builder {
    let function: SmoothPieces
    let withCoefficients: Bool
    var points: [Point]
    var coefficients: [Double]
    private var ends: [Double] = []
    private var basis = Basis()

    init(_ function: SmoothPieces, count: Int, withCoefficients: Bool) {
      (self.function, self.withCoefficients) = (function, withCoefficients)
      points = [Point](repeating: Point(), count: count)
      coefficients = [Double](repeating: 0, count: withCoefficients ? termCount * count : 0)
    }

    /// The point's contributions of one node; gives the weighted derivative.
    @inline(__always)
    private mutating func addNode(_ z: Double, _ weight: Double, at position: Int) -> Double {
      let x = points[position].deviation * z
      let (value, slope) = (function.value(x), function.derivative(x))
      points[position].mean += weight * value
      points[position].square += weight * value * value
      points[position].slopeSquare += weight * slope * slope
      return weight * slope
    }

    /// One deviation, on panels of its own.
    mutating func add(_ deviation: Double, at position: Int) {
      points[position].deviation = deviation
      function.panelEnds(scale: deviation, limit: limit, width: panelWidth, into: &ends)
      basis.removeAll()
      for (lower, upper) in zip(ends, ends.dropFirst()) where lower < upper {
        GaussLegendre.panel.forEachNormalNode(lower, upper) { z, weight in
          let weighted = addNode(z, weight, at: position)
          if withCoefficients { basis.append(z, weighted) }
        }
      }
      guard withCoefficients else { return }
      for i in 0..<termCount {
        coefficients[position * termCount + i] = basis.nextCoefficient(i)
      }
    }

    /// Many deviations on the shared grid.
    mutating func addOnGrid(_ deviations: [(position: Int, deviation: Double)]) {
      guard !deviations.isEmpty else { return }
      let (nodes, weights, basis) = grid
      var weighted = [Double](repeating: 0, count: deviations.count * nodes.count)
      for (row, (position, deviation)) in deviations.enumerated() {
        points[position].deviation = deviation
        for k in nodes.indices {
          weighted[row * nodes.count + k] = addNode(nodes[k], weights[k], at: position)
        }
      }
      var products = [Double](repeating: 0, count: deviations.count * termCount)
      BLAS.gemm(
        transposeB: true, m: deviations.count, n: termCount, k: nodes.count, weighted,
        lda: nodes.count, basis, ldb: nodes.count, &products, ldc: termCount)
      for (row, (position, _)) in deviations.enumerated() {
        for i in 0..<termCount {
          coefficients[position * termCount + i] = products[row * termCount + i]
        }
      }
    }
  }

  /// The polynomials hᵢ at all nodes, one i at a time.
  private struct Basis {
    private var nodes: [Double] = []
    /// hᵢ₋₁ and hᵢ times the weighted function, at each node.
    private var previous: [Double] = []
    private var current: [Double] = []

    var values: [Double] { current }

    mutating func removeAll() {
      nodes.removeAll(keepingCapacity: true)
      previous.removeAll(keepingCapacity: true)
      current.removeAll(keepingCapacity: true)
    }

    mutating func append(_ node: Double, _ weighted: Double) {
      nodes.append(node)
      previous.append(0)
      current.append(weighted)
    }

    /// The integral of hᵢ; then moves on to i + 1 by hᵢ₊₁ = (z hᵢ − √i hᵢ₋₁) / √(i + 1).
    mutating func nextCoefficient(_ i: Int) -> Double {
      let count = nodes.count
      let (root, inverse) = (Double(i).squareRoot(), 1 / Double(i + 1).squareRoot())
      var sums = SIMD4<Double>.zero
      nodes.withUnsafeBufferPointer { nodes in
        previous.withUnsafeMutableBufferPointer { previous in
          current.withUnsafeMutableBufferPointer { current in
            var k = 0
            // Panels have 20 nodes, so that blocks of four leave no rest.
            while k < count {
              let z = SIMD4(nodes[k], nodes[k + 1], nodes[k + 2], nodes[k + 3])
              let h = SIMD4(current[k], current[k + 1], current[k + 2], current[k + 3])
              let g = SIMD4(previous[k], previous[k + 1], previous[k + 2], previous[k + 3])
              sums += h
              let next = (z * h - root * g) * inverse
              for lane in 0..<4 {
                previous[k + lane] = h[lane]
                current[k + lane] = next[lane]
              }
              k += 4
            }
          }
        }
      }
      return sums.sum()
    }
  }
}
