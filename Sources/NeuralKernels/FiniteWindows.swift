// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which pixels each window of a layer covers, for networks of finite width.

/// Windows over the pixels of one image, as a table of pixels.
struct FiniteWindows: Sendable {
  let inputCount: Int
  let outputCount: Int
  /// The pixels of a window.
  let size: Int
  /// Window by window the pixels that it covers; −1 for those beyond the border, which are zeros.
  let sources: [Int]

  /// The windows that slide over pixels of the given sides, which they fit.
  init(_ window: Window, over sides: [Int]) {
    let axes = sides.enumerated().map { axis, count in
      Self.positions(window, axis: axis, over: count)
    }
    size = window.size.reduce(1, *)
    inputCount = sides.reduce(1, *)
    outputCount = axes.reduce(1) { $0 * $1.count }
    var sources = [[0]]
    sources.reserveCapacity(outputCount)
    // Axis by axis: each window so far becomes one for every position along the next axis.
    for (axis, positions) in axes.enumerated() {
      sources = sources.flatMap { window in
        positions.map { line in
          window.flatMap { outer in
            line.map { outer < 0 || $0 < 0 ? -1 : outer * sides[axis] + $0 }
          }
        }
      }
    }
    self.sources = sources.flatMap(\.self)
  }

  /// One window that covers all pixels.
  init(covering count: Int) {
    (inputCount, outputCount, size) = (count, 1, count)
    sources = Array(0..<count)
  }

  /// For every output along an axis the inputs that it reads, −1 for zeros.
  private static func positions(_ window: Window, axis: Int, over count: Int) -> [[Int]] {
    guard let placement = window.placement(over: count, axis: axis) else {
      preconditionFailure("a window that does not fit")
    }
    return (0..<placement.outputCount).map { output in
      let first = output * window.strides[axis] - placement.before
      return (first..<first + window.size[axis]).map { position in
        if 0 <= position, position < count { return position }
        guard window.padding == .circular else { return -1 }
        let rest = position % count
        return rest < 0 ? rest + count : rest
      }
    }
  }

  /// How many pixels window `output` covers.
  func coveredCount(_ output: Int) -> Int {
    sources[output * size..<(output + 1) * size].count { $0 >= 0 }
  }
}

extension FiniteWindows {
  /// Each window's pixels side by side as the channels of one pixel.
  func unfold(_ input: Signal) -> Signal {
    let channels = input.channelCount
    var output = Signal(
      pointCount: input.pointCount, pixelCount: outputCount, channelCount: size * channels)
    input.values.withUnsafeBufferPointer { values in
      output.values.withUnsafeMutableBufferPointer { target in
        guard let from = values.baseAddress, let to = target.baseAddress else { return }
        for point in 0..<input.pointCount {
          let image = from + point * inputCount * channels
          let patches = to + point * sources.count * channels
          for (slot, source) in sources.enumerated() where source >= 0 {
            (patches + slot * channels).update(from: image + source * channels, count: channels)
          }
        }
      }
    }
    return output
  }

  /// The transpose of `unfold`: adds what belongs to a pixel, over all windows.
  func fold(_ patches: Signal) -> Signal {
    let channels = patches.channelCount / size
    var output = Signal(
      pointCount: patches.pointCount, pixelCount: inputCount, channelCount: channels)
    patches.values.withUnsafeBufferPointer { values in
      output.values.withUnsafeMutableBufferPointer { target in
        guard let from = values.baseAddress, let to = target.baseAddress else { return }
        for point in 0..<patches.pointCount {
          let image = to + point * inputCount * channels
          let part = from + point * sources.count * channels
          for (slot, source) in sources.enumerated() where source >= 0 {
            for c in 0..<channels { image[source * channels + c] += part[slot * channels + c] }
          }
        }
      }
    }
    return output
  }
}

/// Weighted sums over windows, channel by channel.
struct FinitePooling: Sendable {
  let windows: FiniteWindows
  /// The weight of each window's pixels.
  let weights: [Double]

  init(_ windows: FiniteWindows, _ reduction: Pooling.Reduction) {
    self.windows = windows
    weights = (0..<windows.outputCount).map { output in
      switch reduction {
      case .sum: 1
      case .average(normalizeEdges: false): 1 / Double(windows.size)
      case .average(normalizeEdges: true): 1 / Double(max(1, windows.coveredCount(output)))
      }
    }
  }

  /// The sums; or transposed, what each sum's share of a pixel adds up to.
  func apply(_ input: Signal, transposed: Bool = false) -> Signal {
    let channels = input.channelCount
    let (from, to) =
      transposed
      ? (windows.outputCount, windows.inputCount) : (windows.inputCount, windows.outputCount)
    var output = Signal(pointCount: input.pointCount, pixelCount: to, channelCount: channels)
    input.values.withUnsafeBufferPointer { values in
      output.values.withUnsafeMutableBufferPointer { target in
        for point in 0..<input.pointCount {
          for (slot, source) in windows.sources.enumerated() where source >= 0 {
            let window = slot / windows.size
            let (read, write) = transposed ? (window, source) : (source, window)
            let first = (point * from + read) * channels
            let last = (point * to + write) * channels
            for c in 0..<channels { target[last + c] += weights[window] * values[first + c] }
          }
        }
      }
    }
    return output
  }
}
