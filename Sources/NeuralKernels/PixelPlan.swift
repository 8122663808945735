// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The order in which a network on pixels is computed: stage by stage, offset by offset.

/// How blocks, the covariances of all pairs of pixels at one offset, flow through a network.
///
/// Only layers that pool mix offsets. Between them every offset goes its way alone, so a stage takes
/// one offset after the other through its steps in a few buffers that stay in the cache, and adds the
/// end to the pooled result, the only blocks that are kept.
struct PixelPlan: Sendable {
  /// A node at an offset that depends on the stage's.
  struct Step: Sendable {
    let node: Int
    let rowOffset: AxisOffset
    let columnOffset: AxisOffset
    /// The steps that it reads: of a convolution up to four, of rows and columns with and without going
    /// round.
    let inputs: [Int]
    /// Where its block goes.
    let buffer: Int
    /// The input whose buffer this is too.
    let inPlace: Int?
  }

  struct Stage: Sendable {
    /// The node that collects the stage's blocks; nil for one that ends in vectors or records deviations.
    let barrier: Int?
    /// The step that has the stage's result, if any.
    let result: Int?
    let offsets: PixelOffsets
    let steps: [Step]
    let bufferCount: Int
    /// The pixels of the largest block.
    let pixelCount: Int
  }

  let graph: PixelGraph
  let stages: [Stage]
  /// The blocks that are kept, by node.
  let stores: [Int: PixelStore]
  /// The runs of the windows of nodes that pool, by input offset, and of those that go round a border, by
  /// output offset.
  let runs: [Int: WindowRuns]

  /// The kernel of pairs.
  init(kernelOf graph: PixelGraph) {
    let output = graph.nodes.count - 1
    self.init(graph, wanted: [output: .zero], finals: [output])
  }

  /// The variances of single images in front of all nodes with a slot.
  init(deviationsOf graph: PixelGraph) {
    self.init(
      graph,
      wanted: Dictionary(uniqueKeysWithValues: graph.slots.map { ($0, .zero) }),
      finals: graph.slots)
  }

  private init(_ graph: PixelGraph, wanted: [Int: PixelOffsets], finals: [Int]) {
    let needed = PixelOffsets.needed(of: graph, wanted)
    var stages: [Stage] = []
    var stores: [Int: PixelStore] = [:]
    var runs: [Int: WindowRuns] = [:]
    var done = Set<Int>()
    for (index, node) in graph.nodes.enumerated() where node.isBarrier && !needed[index].isEmpty {
      let stage = Builder(graph, roots: node.inputs).stage(
        barrier: index, offsets: needed[node.inputs[0]])
      stages.append(stage)
      done.formUnion(stage.steps.map(\.node))
      stores[index] = PixelStore(node, needed[index])
    }
    let rest = finals.filter { finals.count == 1 || !done.contains($0) }
    if !rest.isEmpty {
      stages.append(Builder(graph, roots: rest).stage(barrier: nil, offsets: .zero))
    }
    for (index, node) in graph.nodes.enumerated() where !needed[index].isEmpty {
      runs[index] = WindowRuns(node.operation, needed[index])
    }
    self.graph = graph
    self.stages = stages
    self.stores = stores
    self.runs = runs
  }

  /// The numbers of the largest stage's buffers and of all stores, per pair of images and kernel.
  var sizePerPair: Double {
    let buffers = stages.map { Double($0.bufferCount + 1) * Double($0.pixelCount) }.max() ?? 0
    return stores.values.reduce(buffers) { $0 + $1.size }
  }

  /// The pairs of pixels that all steps go through, per pair of images.
  var work: Double {
    stages.reduce(0) { sum, stage in
      stage.steps.reduce(sum) {
        let node = graph.nodes[$1.node]
        return $0
          + stage.offsets.pairCount(height: node.height, width: node.width)
      }
    }
  }
}

/// Collects the steps of a stage from its ends back to kept blocks and the input.
private struct Builder {
  private struct Place: Hashable {
    let node: Int
    let rows: AxisOffset
    let columns: AxisOffset
  }

  private let graph: PixelGraph
  private let roots: [Int]
  /// Places in order of evaluation, with those that they read.
  private var places: [(place: Place, inputs: [Place])] = []

  init(_ graph: PixelGraph, roots: [Int]) {
    self.graph = graph
    self.roots = roots
    var wanted: [Int: Set<Place>] = [:]
    for root in roots {
      wanted[root] = [Place(node: root, rows: .identity, columns: .identity)]
    }
    var index = roots.max() ?? 0
    while !wanted.isEmpty {
      for place in wanted.removeValue(forKey: index) ?? [] {
        let inputs = inputs(of: place)
        places.append((place, inputs))
        for input in inputs { wanted[input.node, default: []].insert(input) }
      }
      index -= 1
    }
    places.reverse()
  }

  private func inputs(of place: Place) -> [Place] {
    let node = graph.nodes[place.node]
    if node.isBarrier { return [] }
    if case .convolution(_, _, let rows, let columns) = node.operation {
      return place.rows.inputs(of: rows).flatMap { rowOffset in
        place.columns.inputs(of: columns).map {
          Place(node: node.inputs[0], rows: rowOffset, columns: $0)
        }
      }
    }
    return node.inputs.map { Place(node: $0, rows: place.rows, columns: place.columns) }
  }

  /// Gives the steps buffers: each until its last reader.
  func stage(barrier: Int?, offsets: PixelOffsets) -> PixelPlan.Stage {
    let positions = Dictionary(
      uniqueKeysWithValues: places.enumerated().map { ($0.element.place, $0.offset) })
    let inputs = places.map { $0.inputs.map { positions[$0] ?? 0 } }
    let lastPlaces = roots.map { Place(node: $0, rows: .identity, columns: .identity) }
    var lastReader = [Int](repeating: -1, count: places.count)
    for (reader, sources) in inputs.enumerated() {
      for source in sources { lastReader[source] = reader }
    }
    let ends = lastPlaces.compactMap { positions[$0] }
    let result = ends.count == 1 ? ends[0] : nil
    if let result { lastReader[result] = places.count }
    var (buffers, free, bufferCount) = ([Int](), [Int](), 0)
    var steps: [PixelPlan.Step] = []
    for (index, (place, _)) in places.enumerated() {
      let node = graph.nodes[place.node]
      let dying = inputs[index].filter { lastReader[$0] == index }
      var inPlace: Int?
      if case .convolution = node.operation {
      } else {
        inPlace = dying.first
      }
      let buffer: Int
      if let inPlace {
        buffer = buffers[inPlace]
      } else if let unused = free.popLast() {
        buffer = unused
      } else {
        buffer = bufferCount
        bufferCount += 1
      }
      buffers.append(buffer)
      free += Set(dying.map { buffers[$0] }).subtracting([buffer]).sorted()
      if lastReader[index] < 0 { free.append(buffer) }
      steps.append(
        PixelPlan.Step(
          node: place.node, rowOffset: place.rows, columnOffset: place.columns,
          inputs: inputs[index], buffer: buffer, inPlace: inPlace))
    }
    return PixelPlan.Stage(
      barrier: barrier, result: result, offsets: offsets, steps: steps, bufferCount: bufferCount,
      pixelCount: places.map { graph.nodes[$0.place.node].pixelCount }.max() ?? 0)
  }
}

/// The runs of a window's rows and columns, where they are needed.
struct WindowRuns: Sendable {
  let rows: [Int: [AxisWindow.Run]]
  let columns: [Int: [AxisWindow.Run]]

  init?(_ operation: PixelGraph.Operation, _ outputs: PixelOffsets) {
    switch operation {
    case .convolution(_, _, let rows, let columns) where rows.wraps || columns.wraps:
      func runs(_ axis: AxisWindow, _ offsets: [Int]) -> [Int: [AxisWindow.Run]] {
        Dictionary(
          uniqueKeysWithValues: offsets.map { offset in
            let runs = axis.convolutionRuns(outputOffset: offset)
            return (offset, runs.sorted { $0.inputOffset < $1.inputOffset })
          })
      }
      self.rows = runs(rows, outputs.rows)
      self.columns = runs(columns, outputs.columns)
    case .pool(_, let rows, let columns):
      self.rows = Dictionary(
        grouping: outputs.rows.flatMap { rows.poolingRuns(outputOffset: $0) }, by: \.inputOffset)
      self.columns = Dictionary(
        grouping: outputs.columns.flatMap { columns.poolingRuns(outputOffset: $0) },
        by: \.inputOffset)
    default:
      return nil
    }
  }
}

/// Where the kept blocks of a node lie: one diagonal after the other.
struct PixelStore: Sendable {
  let height: Int
  let width: Int
  let rowStarts: [Int: Int]
  let columnStarts: [Int: Int]
  private let columnTotal: Int
  /// The number of pairs of pixels.
  let size: Double

  init(_ node: PixelGraph.Node, _ offsets: PixelOffsets) {
    (height, width) = (node.height, node.width)
    func starts(_ offsets: [Int], _ count: Int) -> ([Int: Int], Int) {
      var (starts, total) = ([Int: Int](), 0)
      for offset in offsets {
        starts[offset] = total
        total += count - abs(offset)
      }
      return (starts, total)
    }
    let rowTotal: Int
    (rowStarts, rowTotal) = starts(offsets.rows, height)
    (columnStarts, columnTotal) = starts(offsets.columns, width)
    size = Double(rowTotal) * Double(columnTotal)
  }

  /// The first pair of a block, if it is kept.
  func start(_ rowOffset: Int, _ columnOffset: Int) -> Int? {
    guard let row = rowStarts[rowOffset], let column = columnStarts[columnOffset] else {
      return nil
    }
    return row * columnTotal + (height - abs(rowOffset)) * column
  }
}
