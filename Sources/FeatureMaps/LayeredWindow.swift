// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which pixels a window reads: the geometry of convolutions and pooling.

import NeuralKernels

/// The pixels of one image, row by row; a sequence is one row, a vector one pixel.
struct PixelGrid: Hashable, Sendable {
  var height: Int
  var width: Int

  static let vector = PixelGrid(height: 1, width: 1)

  var count: Int { height * width }
}

/// A window along one axis: which inputs each output reads.
struct WindowAxis: Hashable, Sendable {
  let size: Int
  let outputCount: Int
  /// `size` inputs for each output, one output after the other; −1 stands for a zero beyond the
  /// border.
  let reads: [Int]

  init(size: Int, stride: Int, before: Int, inputCount: Int, outputCount: Int, isCircular: Bool) {
    self.size = size
    self.outputCount = outputCount
    reads = (0..<outputCount).flatMap { output in
      (0..<size).map { tap in
        let input = output * stride - before + tap
        if (0..<inputCount).contains(input) { return input }
        return isCircular ? ((input % inputCount) + inputCount) % inputCount : -1
      }
    }
  }

  /// Every input by itself.
  init(identityOver count: Int) {
    self.init(
      size: 1, stride: 1, before: 0, inputCount: count, outputCount: count, isCircular: false)
  }

  /// All inputs at once.
  init(allOf count: Int) {
    self.init(
      size: count, stride: count, before: 0, inputCount: count, outputCount: 1, isCircular: false)
  }

  /// How many inputs, zeros beyond the border left out, output `index` reads.
  func coveredCount(_ index: Int) -> Int {
    reads[index * size..<(index + 1) * size].count { $0 >= 0 }
  }

  /// The outputs that read each input, as often as they do.
  func readers(inputCount: Int) -> WindowReaders {
    var lists = [[Int]](repeating: [], count: inputCount)
    for (position, input) in reads.enumerated() where input >= 0 {
      lists[input].append(position / size)
    }
    return WindowReaders(
      outputs: Array(lists.joined()),
      starts: lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }
}

/// For each input of a window's axis the outputs that read it: those from `starts[i]` up to, not
/// including, `starts[i + 1]`.
struct WindowReaders: Hashable, Sendable {
  let outputs: [Int]
  let starts: [Int]
}

/// A window over pixels.
struct PixelWindow: Hashable, Sendable {
  let input: PixelGrid
  let output: PixelGrid
  let vertical: WindowAxis
  let horizontal: WindowAxis

  /// The number of pixels that a window covers.
  var size: Int { vertical.size * horizontal.size }

  /// Whether every output is the input of the same place.
  var isPointwise: Bool { size == 1 && input == output }

  /// A window of a network's layer, which fits.
  init(_ window: Window, over input: PixelGrid) {
    let isSequence = window.size.count == 1
    func axis(_ number: Int, _ count: Int) -> WindowAxis {
      guard let placement = window.placement(over: count, axis: number) else {
        preconditionFailure("checked by Network")
      }
      return WindowAxis(
        size: window.size[number], stride: window.strides[number], before: placement.before,
        inputCount: count, outputCount: placement.outputCount,
        isCircular: window.padding == .circular)
    }
    self.input = input
    vertical = isSequence ? WindowAxis(identityOver: 1) : axis(0, input.height)
    horizontal = axis(isSequence ? 0 : 1, input.width)
    output = PixelGrid(height: vertical.outputCount, width: horizontal.outputCount)
  }

  /// Each pixel by itself.
  init(pointwiseOver input: PixelGrid) {
    self.input = input
    output = input
    vertical = WindowAxis(identityOver: input.height)
    horizontal = WindowAxis(identityOver: input.width)
  }

  /// The whole image.
  init(allOf input: PixelGrid) {
    self.input = input
    output = .vector
    vertical = WindowAxis(allOf: input.height)
    horizontal = WindowAxis(allOf: input.width)
  }
}

/// A window over pixels whose entries are summed with weights.
struct PixelPool: Hashable, Sendable {
  let window: PixelWindow
  /// The weight of an output pixel is the product of that of its row and that of its column.
  let rowWeights: [Double]
  let columnWeights: [Double]
  /// The outputs that read an input, by axis.
  let rowReaders: WindowReaders
  let columnReaders: WindowReaders

  init(_ window: PixelWindow, _ reduction: Pooling.Reduction) {
    self.window = window
    func weights(_ axis: WindowAxis) -> [Double] {
      (0..<axis.outputCount).map { index in
        switch reduction {
        case .sum: 1
        case .average(normalizeEdges: false): 1 / Double(axis.size)
        case .average(normalizeEdges: true): 1 / Double(axis.coveredCount(index))
        }
      }
    }
    rowWeights = weights(window.vertical)
    columnWeights = weights(window.horizontal)
    rowReaders = window.vertical.readers(inputCount: window.input.height)
    columnReaders = window.horizontal.readers(inputCount: window.input.width)
  }
}
