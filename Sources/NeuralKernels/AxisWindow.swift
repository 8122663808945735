// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Windows along one axis, as they act on the diagonals of pairs of positions.

/// A window that slides along one axis of two images at once.
///
/// Pairs (p, p′) of positions are kept by diagonals: the diagonal of offset d = p′ − p holds n − |d|
/// pairs, and (p, p + d) stands at index p − max(0, −d) of it. Then a convolution adds stretches of
/// diagonals.
struct AxisWindow: Hashable, Sendable {
  let inputCount: Int
  let outputCount: Int
  let size: Int
  let stride: Int
  /// Output i reads the inputs from i · stride − before on.
  let before: Int
  let isCircular: Bool

  /// Pairs of inputs that go to consecutive pairs of outputs.
  struct Run: Hashable, Sendable {
    /// The inputs' diagonal, and the index of the first on it; the next follow at the window's stride.
    let inputOffset: Int
    let inputStart: Int
    /// The outputs' diagonal and the indices on it.
    let outputOffset: Int
    let outputs: Range<Int>
  }

  /// The axis of a layer's window; nil if it does not fit.
  init?(_ window: Window, over count: Int, axis: Int) {
    guard let placement = window.placement(over: count, axis: axis) else { return nil }
    inputCount = count
    outputCount = placement.outputCount
    (size, stride) = (window.size[axis], window.strides[axis])
    before = placement.before
    isCircular = window.padding == .circular
  }

  /// The axis that images of one direction do not have.
  static let trivial = AxisWindow()

  private init() {
    (inputCount, outputCount, size, stride, before, isCircular) = (1, 1, 1, 1, 0, false)
  }

  /// The inputs under taps `tap` of the first and `otherTap` of the second window, for the outputs of
  /// one diagonal.
  func forEachRun(
    outputOffset: Int, tap: Int, otherTap: Int, _ body: (Run) -> Void
  ) {
    let first = max(0, -outputOffset)
    let last = outputCount - 1 - max(0, outputOffset)
    for turn in turns {
      for otherTurn in turns {
        // p = i · stride + shift and p′ = p + offset, both within the input.
        let shift = tap - before - turn * inputCount
        let offset = outputOffset * stride + otherTap - tap + (turn - otherTurn) * inputCount
        let low = max(0, -offset)
        let high = inputCount - 1 - max(0, offset)
        let start = max(first, -Self.floor(shift - low, stride))
        let end = min(last, Self.floor(high - shift, stride))
        guard start <= end else { continue }
        body(
          Run(
            inputOffset: offset, inputStart: start * stride + shift - low,
            outputOffset: outputOffset, outputs: start - first..<end - first + 1))
      }
    }
  }

  /// The runs of a convolution: both windows at the same tap.
  func convolutionRuns(outputOffset: Int) -> [Run] {
    var runs: [Run] = []
    for tap in 0..<size {
      forEachRun(outputOffset: outputOffset, tap: tap, otherTap: tap) { runs.append($0) }
    }
    return runs
  }

  /// The runs of a pooling: the windows at any two taps.
  func poolingRuns(outputOffset: Int) -> [Run] {
    var runs: [Run] = []
    for tap in 0..<size {
      for otherTap in 0..<size {
        forEachRun(outputOffset: outputOffset, tap: tap, otherTap: otherTap) { runs.append($0) }
      }
    }
    return runs
  }

  /// Whether windows reach round the border.
  var wraps: Bool { isCircular && turns != 0...0 }

  /// How many inputs the window of an output covers.
  func coverage(_ output: Int) -> Int {
    if isCircular { return size }
    let first = output * stride - before
    return min(inputCount, first + size) - max(0, first)
  }

  /// How often windows go round: the turns of their positions.
  private var turns: ClosedRange<Int> {
    guard isCircular else { return 0...0 }
    let farthest = (outputCount - 1) * stride - before + size - 1
    return Self.floor(-before, inputCount)...Self.floor(farthest, inputCount)
  }

  private static func floor(_ a: Int, _ b: Int) -> Int {
    a >= 0 ? a / b : -((b - 1 - a) / b)
  }
}
