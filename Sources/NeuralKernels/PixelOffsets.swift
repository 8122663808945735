// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which offsets between pixels a network needs at each layer.

/// Offsets (p′ − p by rows and by columns) that are needed: all of a set of row offsets with all of a
/// set of column offsets.
struct PixelOffsets: Hashable, Sendable {
  /// Rising, and with each offset its negative.
  var rows: [Int]
  var columns: [Int]

  static let none = PixelOffsets(rows: [], columns: [])
  static let zero = PixelOffsets(rows: [0], columns: [0])

  var isEmpty: Bool { rows.isEmpty }

  mutating func formUnion(_ other: PixelOffsets) {
    rows = Self.union(rows, other.rows)
    columns = Self.union(columns, other.columns)
  }

  private static func union(_ a: [Int], _ b: [Int]) -> [Int] {
    if a.isEmpty || a == b { return b }
    return b.isEmpty ? a : Set(a).union(b).sorted()
  }

  /// What every node must provide so that some nodes have what is wanted of them.
  ///
  /// - Parameter wanted: offsets by node.
  static func needed(of graph: PixelGraph, _ wanted: [Int: PixelOffsets]) -> [PixelOffsets] {
    var all = [PixelOffsets](repeating: .none, count: graph.nodes.count)
    for (node, offsets) in wanted { all[node] = offsets }
    for (index, node) in graph.nodes.enumerated().reversed() where !all[index].isEmpty {
      let own = all[index]
      for input in node.inputs {
        let source = graph.nodes[input]
        let offsets: PixelOffsets
        switch node.operation {
        case .convolution(_, _, let rows, let columns):
          offsets = PixelOffsets(
            rows: rows.inputs(of: own.rows, spread: 0),
            columns: columns.inputs(of: own.columns, spread: 0))
        case .pool(_, let rows, let columns):
          offsets = PixelOffsets(
            rows: rows.inputs(of: own.rows, spread: rows.size - 1),
            columns: columns.inputs(of: own.columns, spread: columns.size - 1))
        case .globalPool:
          offsets = PixelOffsets(
            rows: Array(1 - source.height..<source.height),
            columns: Array(1 - source.width..<source.width))
        case .flatten:
          offsets = .zero
        case .input, .dense, .activation, .normalize, .dropout, .sum:
          offsets = own
        }
        all[input].formUnion(offsets)
      }
    }
    return all
  }

  /// The number of pairs of pixels, of images of this size.
  func pairCount(height: Int, width: Int) -> Double {
    func total(_ offsets: [Int], _ count: Int) -> Double {
      offsets.reduce(0) { $0 + Double(max(0, count - abs($1))) }
    }
    return total(rows, height) * total(columns, width)
  }
}

extension AxisWindow {
  /// The input offsets behind output offsets, where the two windows' taps are up to `spread` apart.
  fileprivate func inputs(of outputs: [Int], spread: Int) -> [Int] {
    if stride == 1, !wraps, spread == 0 { return outputs }
    var inputs = Set<Int>()
    for output in outputs {
      for offset in output * stride - spread...output * stride + spread {
        if abs(offset) < inputCount { inputs.insert(offset) }
        guard wraps else { continue }
        for turned in Swift.stride(
          from: offset % inputCount - inputCount, to: inputCount, by: inputCount)
        where abs(turned) < inputCount {
          inputs.insert(turned)
        }
      }
    }
    return inputs.sorted()
  }
}
