// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Windows that slide over pixels: those of convolutions and of pooling.

/// What lies beyond the border of an image.
public enum Padding: String, Hashable, Sendable, CaseIterable {
  /// Zeros, so many that there are ⌈n / stride⌉ outputs: half of them before, rounded down.
  case same
  /// Nothing: windows stay inside.
  case valid
  /// As many pixels as with `same`, those of the opposite border.
  case circular
}

/// A sliding window: its size and step in each direction. Options left out have their defaults
/// filled in, so that equal windows compare equal.
public struct Window: Hashable, Sendable {
  public let size: [Int]
  public let strides: [Int]
  public let padding: Padding

  public init(_ size: [Int], strides: [Int], padding: Padding) {
    self.size = size
    self.strides = strides
    self.padding = padding
  }

  /// Where the window falls along one direction: output i reads the inputs from
  /// `i · strides[axis] − before` on, `size[axis]` of them.
  package struct Placement: Hashable {
    package let outputCount: Int
    /// How many positions before the first input the first window starts.
    package let before: Int
  }

  /// The placement over `count` inputs along `axis`; nil if the window does not fit.
  package func placement(over count: Int, axis: Int) -> Placement? {
    let (size, stride) = (size[axis], strides[axis])
    switch padding {
    case .valid:
      guard size <= count else { return nil }
      return Placement(outputCount: (count - size) / stride + 1, before: 0)
    case .same, .circular:
      let outputs = (count - 1) / stride + 1
      return Placement(
        outputCount: outputs, before: max(0, (outputs - 1) * stride + size - count) / 2)
    }
  }
}

/// A convolution: z(p) = (weightStd / √(|filter| · channels)) Σ W(o) x(p + o) + biasStd · β.
public struct Convolution: Hashable, Sendable {
  /// The most pixels of a filter: patches of more would not fit into memory.
  static let largestFilter = 1 << 16

  public let window: Window
  public let weightStd: Double
  public let biasStd: Double

  /// - Parameters:
  ///   - filter: its size, one number for sequences, two for images; at most 65,536 pixels in all.
  ///   - strides: 1 in each direction if nil.
  public init(
    filter: [Int], strides: [Int]? = nil, padding: Padding = .same, weightStd: Double = 1,
    biasStd: Double = 0
  ) {
    window = Window(filter, strides: strides ?? filter.map { _ in 1 }, padding: padding)
    self.weightStd = weightStd
    self.biasStd = biasStd
  }
}

/// Sums or averages over windows of pixels.
public struct Pooling: Hashable, Sendable {
  public enum Reduction: Hashable, Sendable {
    case sum
    /// The sum divided by the window's size; with `normalizeEdges`, at borders with padding by the
    /// number of pixels it covers.
    case average(normalizeEdges: Bool)
  }

  public let window: Window
  public let reduction: Reduction

  /// - Parameter strides: the window's size if nil.
  public init(
    window: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    reduction: Reduction = .average(normalizeEdges: false)
  ) {
    self.window = Window(window, strides: strides ?? window, padding: padding)
    self.reduction = reduction
  }
}
