// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The offset at which a node is needed, as a function of that at which a later node is.

/// Along one axis, d ↦ s d through strides s, and d ↦ d ∓ n where circular padding takes one of two
/// pixels round an axis of n pixels.
struct AxisOffset: Hashable, Sendable {
  private enum Step: Hashable {
    case times(Int)
    case around(Int)
  }

  private var steps: [Step] = []

  /// d ↦ d.
  static let identity = AxisOffset()

  /// The offsets of a window's inputs: those without a pixel going round, and with one.
  func inputs(of window: AxisWindow) -> [AxisOffset] {
    var straight = self
    if window.stride > 1 {
      if case .times(let factor)? = steps.last {
        straight.steps[steps.count - 1] = .times(factor * window.stride)
      } else {
        straight.steps.append(.times(window.stride))
      }
    }
    guard window.wraps, window.inputCount > 1 else { return [straight] }
    var around = straight
    // Round and round again is where it was.
    if around.steps.last == .around(window.inputCount) {
      around.steps.removeLast()
    } else {
      around.steps.append(.around(window.inputCount))
    }
    return [straight, around]
  }

  /// The offset for `offset` of the later node; nil where there is none.
  func callAsFunction(_ offset: Int) -> Int? {
    var offset = offset
    for step in steps {
      switch step {
      case .times(let factor): offset *= factor
      case .around(let count):
        guard offset != 0 else { return nil }
        offset -= offset > 0 ? count : -count
      }
    }
    return offset
  }
}
