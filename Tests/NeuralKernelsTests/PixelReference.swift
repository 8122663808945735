// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The kernels of networks on pixels straight from the definition: slow, plain, four-dimensional.

import NeuralKernels

/// The covariances of all pixels p of one image with all pixels q of another, and their tangents.
struct PixelTensor {
  /// The sides: none for vectors.
  var sides: [Int]
  /// K and Θ of (p, q) at p · count + q.
  var nngp: [Double]
  var ntk: [Double]

  var count: Int { sides.reduce(1, *) }

  init(sides: [Int], _ value: (Int, Int) -> (Double, Double)) {
    self.sides = sides
    let count = sides.reduce(1, *)
    let values = (0..<count * count).map { value($0 / count, $0 % count) }
    (nngp, ntk) = (values.map(\.0), values.map(\.1))
  }

  subscript(p: Int, q: Int) -> (Double, Double) {
    (nngp[p * count + q], ntk[p * count + q])
  }

  static func + (a: PixelTensor, b: PixelTensor) -> PixelTensor {
    PixelTensor(sides: a.sides) { p, q in (a[p, q].0 + b[p, q].0, a[p, q].1 + b[p, q].1) }
  }
}

/// Two images on their way through a network.
struct PixelReference {
  /// x with itself, y with itself, x with y.
  var xx, yy, xy: PixelTensor
  /// Whether x and y are the same point.
  let areSame: Bool

  /// Images with channels last.
  init(_ network: Network, _ x: [Double], _ y: [Double], areSame: Bool) {
    let channels = network.inputShape.last ?? 1
    let sides = Array(network.inputShape.dropLast())
    func product(_ a: [Double], _ b: [Double]) -> PixelTensor {
      PixelTensor(sides: sides) { p, q in
        let sum = (0..<channels).reduce(0.0) { $0 + a[p * channels + $1] * b[q * channels + $1] }
        return (sum / Double(channels), 0)
      }
    }
    (xx, yy, xy) = (product(x, x), product(y, y), product(x, y))
    self.areSame = areSame
    run(network.layers)
  }

  private mutating func forEach(_ body: (PixelTensor) -> PixelTensor) {
    (xx, yy, xy) = (body(xx), body(yy), body(xy))
  }

  private mutating func run(_ layers: [Layer]) {
    for layer in layers { run(layer) }
  }

  private mutating func run(_ layer: Layer) {
    switch layer {
    case .identity: break
    case .dense(let weightStd, let biasStd):
      let window = Window(
        xy.sides.map { _ in 1 }, strides: xy.sides.map { _ in 1 }, padding: .valid)
      forEach { Self.convolve($0, window, weightStd, biasStd) }
    case .convolution(let convolution):
      forEach {
        Self.convolve($0, convolution.window, convolution.weightStd, convolution.biasStd)
      }
    case .pool(let pooling): forEach { Self.pool($0, pooling) }
    case .globalAveragePool, .globalSumPool, .flatten:
      guard !xy.sides.isEmpty else { return }
      forEach { tensor in
        let n = tensor.count
        let places: [Int] = layer == .flatten ? (0..<n).map { $0 * n + $0 } : Array(0..<n * n)
        let scale =
          switch layer {
          case .flatten: 1 / Double(n)
          case .globalAveragePool: 1 / Double(n * n)
          default: 1.0
          }
        return PixelTensor(sides: []) { _, _ in
          (
            scale * places.reduce(0) { $0 + tensor.nngp[$1] },
            scale * places.reduce(0) { $0 + tensor.ntk[$1] }
          )
        }
      }
    case .layerNorm(let epsilon):
      pairwise { a, b, value, _ in
        let scale = ((a + epsilon) * (b + epsilon)).squareRoot()
        return scale > 0 ? (value.0 / scale, value.1 / scale) : (0, 0)
      }
    case .dropout(let keep):
      func own(_ tensor: PixelTensor) -> PixelTensor {
        PixelTensor(sides: tensor.sides) { p, q in
          let (nngp, ntk) = tensor[p, q]
          return p == q ? (nngp / keep, ntk / keep) : (nngp, ntk)
        }
      }
      (xx, yy) = (own(xx), own(yy))
      if areSame { xy = own(xy) }
    case .activation(let activation):
      let dual = DualActivation(activation)
      pairwise { a, b, value, isOne in
        let (q, r) = (max(0, a).squareRoot(), max(0, b).squareRoot())
        if isOne {
          let deviation = dual.deviation(q)
          return (deviation * deviation, value.1 * dual.derivative(atDeviation: q))
        }
        let (nngp, derivative) = dual.values(q, r, covariance: value.0)
        return (nngp, value.1 * derivative)
      }
    case .residual(let layers):
      run(.parallelSum([layers, []]))
    case .parallelSum(let branches):
      let parts = branches.map { branch in
        var part = self
        part.run(branch)
        return part
      }
      self = parts[0]
      for part in parts.dropFirst() {
        (xx, yy, xy) = (xx + part.xx, yy + part.yy, xy + part.xy)
      }
    }
  }

  /// Something that needs the variances of both pixels, and whether they are one.
  private mutating func pairwise(
    _ body: (Double, Double, (Double, Double), Bool) -> (Double, Double)
  ) {
    let (old, n) = (self, xy.count)
    func apply(
      _ tensor: PixelTensor, _ left: PixelTensor, _ right: PixelTensor, _ areSame: Bool
    ) -> PixelTensor {
      PixelTensor(sides: tensor.sides) { p, q in
        body(
          left.nngp[p * n + p], right.nngp[q * n + q], tensor[p, q], areSame && p == q)
      }
    }
    xx = apply(old.xx, old.xx, old.xx, true)
    yy = apply(old.yy, old.yy, old.yy, true)
    xy = apply(old.xy, old.xx, old.yy, areSame)
  }

  /// Along one axis, the inputs under the taps of the window of an output; nil where there is none.
  private static func taps(
    _ window: Window, _ axis: Int, _ count: Int
  ) -> [[Int?]] {
    let (size, stride) = (window.size[axis], window.strides[axis])
    var (outputs, before) = ((count - size) / stride + 1, 0)
    if window.padding != .valid {
      outputs = (count + stride - 1) / stride
      before = max(0, (outputs - 1) * stride + size - count) / 2
    }
    return (0..<outputs).map { output in
      (0..<size).map { tap in
        let input = output * stride + tap - before
        if window.padding == .circular { return ((input % count) + count) % count }
        return (0..<count).contains(input) ? input : nil
      }
    }
  }

  /// The inputs under all taps of the windows of all outputs, and the outputs' sides.
  private static func windows(
    _ window: Window, _ sides: [Int]
  ) -> (sides: [Int], taps: [[Int?]]) {
    var result: (sides: [Int], taps: [[Int?]]) = ([], [[0]])
    for (axis, count) in sides.enumerated() {
      let next = taps(window, axis, count)
      result.sides.append(next.count)
      result.taps = result.taps.flatMap { outer in
        next.map { inner in
          outer.flatMap { a in inner.map { b in a.flatMap { a in b.map { a * count + $0 } } } }
        }
      }
    }
    return result
  }

  private static func convolve(
    _ tensor: PixelTensor, _ window: Window, _ weightStd: Double, _ biasStd: Double
  ) -> PixelTensor {
    let (sides, taps) = windows(window, tensor.sides)
    let scale = weightStd * weightStd / Double(window.size.reduce(1, *))
    return PixelTensor(sides: sides) { p, q in
      var (nngp, ntk) = (0.0, 0.0)
      for case (let a?, let b?) in zip(taps[p], taps[q]) {
        nngp += tensor[a, b].0
        ntk += tensor[a, b].1
      }
      nngp = scale * nngp + biasStd * biasStd
      return (nngp, nngp + scale * ntk)
    }
  }

  private static func pool(_ tensor: PixelTensor, _ pooling: Pooling) -> PixelTensor {
    let (sides, taps) = windows(pooling.window, tensor.sides)
    func size(_ output: Int) -> Double {
      switch pooling.reduction {
      case .sum: 1
      case .average(normalizeEdges: false): Double(taps[output].count)
      case .average(normalizeEdges: true): Double(taps[output].count { $0 != nil })
      }
    }
    return PixelTensor(sides: sides) { p, q in
      var (nngp, ntk) = (0.0, 0.0)
      for case let a? in taps[p] {
        for case let b? in taps[q] {
          nngp += tensor[a, b].0
          ntk += tensor[a, b].1
        }
      }
      return (nngp / size(p) / size(q), ntk / size(p) / size(q))
    }
  }
}
