// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How the time of features grows with rows, threads, dimensions, nonzeros and pixels.

import Sketching

struct ScalingCurves {
  let settings: BenchSettings
  let execution: Execution

  /// Of a map, and of its exact kernel, on the training rows of a data set.
  func ofRows(
    _ method: FeatureMethod, _ map: any StorableFeatureMap, _ kernel: any Kernel, _ data: BenchData
  ) throws -> [Curves] {
    let rows = data.training
    let stage = execution.stage("scaling in rows")
    let counts = (6...13).map { 1 << $0 }.filter { $0 <= max(64, rows.rowCount) }
      .map { min($0, rows.rowCount) }
    func microseconds(
      upTo most: Int, _ work: (Rows<Float>) throws -> Void
    ) throws -> [(count: Int, time: Double)] {
      var result: [(count: Int, time: Double)] = []
      for count in counts where count <= max(64, most) {
        stage.report(result.count, of: counts.count)
        let time = try seconds { try work(rows.rows(0..<count)) }
        result.append((count, 1e6 * time / Double(count)))
        // The next would take longer still.
        if time > 4 * settings.speedBudget { break }
      }
      return result
    }
    let mapTimes = try microseconds(upTo: (1 << 25) / map.outputDimension) {
      _ = try map.images(of: $0, on: stage.silent)
    }
    let exactTimes = try microseconds(upTo: settings.isQuick ? 2048 : 4096) {
      _ = try kernel.matrix($0, on: stage.silent)
    }
    let name = "\(method.rawValue), D = \(map.outputDimension)"
    return [
      Curves(
        title: "Time of a row against the number of rows, \(data.name)",
        x: Curves.Axis(label: "rows n"), y: Curves.Axis(label: "microseconds a row"),
        curves: [
          curve(name, mapTimes.map(\.count), mapTimes.map(\.time), .method(method)),
          curve(
            "exact kernel, n × n", exactTimes.map(\.count), exactTimes.map(\.time), .exact),
        ]),
      try ofThreads(map, name, .method(method), rows, data.name),
    ]
  }

  private func ofThreads(
    _ map: any StorableFeatureMap, _ name: String, _ colour: Curves.Colour, _ rows: Rows<Float>,
    _ dataName: String
  ) throws -> Curves {
    let cores = execution.threads
    let counts = (0..<12).map { 1 << $0 }.filter { $0 < cores } + [cores]
    let rates = try counts.map { threads in
      var part = execution.stage("scaling in threads")
      part.threads = threads
      return try Stopwatch.rowsPerSecond(of: map, rows, budget: settings.speedBudget, on: part)
    }
    return Curves(
      title: "Speed against threads, \(dataName)", x: Curves.Axis(label: "threads"),
      y: Curves.Axis(label: "rows per second"),
      curves: [
        curve(name, counts, rates, colour),
        Curves.Curve(
          name: "in proportion", x: counts.map(Double.init),
          y: counts.map { rates[0] * Double($0) }, colour: .guide),
      ])
  }

  /// Of TensorSketch of degree 3 on sparse rows, in more and more dimensions and with more and more
  /// nonzeros.
  func ofSparseRows() throws -> [Curves] {
    let dimensions = [10_000, 100_000, 1_000_000, 10_000_000]
    let counts = [10, 30, 100, 300, 1000]
    let stage = execution.stage("scaling in dimensions and nonzeros")
    func microseconds(_ cases: [(dimension: Int, nonzeros: Int)]) throws -> [Double] {
      try cases.enumerated().map { index, sizes in
        stage.report(index, of: cases.count)
        return try sparseMicroseconds(sizes.dimension, sizes.nonzeros, on: stage.silent)
      }
    }
    func curves(_ title: String, _ label: String, _ x: [Int], _ times: [Double]) -> Curves {
      Curves(
        title: title, x: Curves.Axis(label: label), y: Curves.Axis(label: "microseconds a row"),
        curves: [curve("degree 3, D = 3072", x, times, .method(.sketch))])
    }
    return [
      curves(
        "TensorSketch of rows with 50 nonzeros", "dimension d", dimensions,
        try microseconds(dimensions.map { ($0, 50) })),
      curves(
        "TensorSketch of rows in 10⁶ dimensions", "nonzeros of a row", counts,
        try microseconds(counts.map { (1_000_000, $0) })),
    ]
  }

  private func sparseMicroseconds(
    _ dimension: Int, _ nonzeros: Int, on execution: Execution
  ) throws -> Double {
    let rowCount = settings.isQuick ? 1024 : 4096
    let stream = RandomKey(seed: settings.seed).child("benchmark nonzeros").stream
    let step = dimension / nonzeros
    let columns = (0..<nonzeros * rowCount).map {
      Int32($0 % nonzeros * step + stream.bucket(at: UInt64($0), count: step))
    }
    let rows = Rows<Float>.sparse(
      try SparseMatrix(
        columnCount: dimension, rowOffsets: (0...rowCount).map { nonzeros * $0 },
        columnIndices: columns, values: columns.map { Float($0 % 7) - 3 }))
    let sketch = try TensorSketch(
      inputDimension: dimension, degree: 3, outputDimension: 3072, seed: settings.seed)
    return try 1e6 * seconds { _ = try sketch.apply(to: rows, on: execution) } / Double(rowCount)
  }

  /// Of layered features of the Myrtle-5 network, and of pairs of its exact kernel, in pixels.
  func ofPixels() throws -> Curves {
    let sides = [16, 24, 32, 48, 64]
    let stage = execution.stage("scaling in pixels")
    let stream = RandomKey(seed: settings.seed).child("benchmark images").stream
    var (mapTimes, pairTimes): ([Double], [Double]) = ([], [])
    for (index, side) in sides.enumerated() {
      stage.report(index, of: sides.count)
      let kernel = NeuralKernel(network: try .myrtle(5, input: [side, side, 1]))
      let count = 32
      let images = Rows.dense(
        try Matrix(
          rowCount: count, columnCount: side * side,
          elements: (0..<count * side * side).map { Float(stream.uniform(at: UInt64($0))) }))
      let map = try LayeredFeatureMap(
        kernel, dimension: 512, seed: settings.seed, sample: images, on: stage.silent)
      mapTimes.append(
        try seconds { _ = try map.features(of: images, on: stage.silent) } / Double(count))
      let (x, y) = (images.rows(0..<4), images.rows(4..<8))
      pairTimes.append(try seconds { _ = try kernel.matrix(x, y, on: stage.silent) } / 16)
    }
    let pixels = sides.map { $0 * $0 }
    return Curves(
      title: "NTK of Myrtle-5 against pixels", x: Curves.Axis(label: "pixels of an image"),
      y: Curves.Axis(label: "milliseconds"),
      curves: [
        curve(
          "layered features, an image, D = 512", pixels, mapTimes.map { 1e3 * $0 },
          .method(.nystrom)),
        curve("exact kernel, a pair of images", pixels, pairTimes.map { 1e3 * $0 }, .exact),
      ])
  }

  private func seconds(_ body: () throws -> Void) throws -> Double {
    try execution.checkCancellation()
    return try Stopwatch.median(of: 3, budget: 2 * settings.speedBudget, body)
  }

  private func curve(
    _ name: String, _ x: [Int], _ y: [Double], _ colour: Curves.Colour
  ) -> Curves.Curve {
    Curves.Curve(name: name, x: x.map(Double.init), y: y, colour: colour)
  }
}
