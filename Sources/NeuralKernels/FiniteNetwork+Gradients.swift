// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Derivatives of finite networks with respect to their parameters, and the kernels that they make.

import LinearAlgebra
import Synchronization
import Validation

extension FiniteNetwork {
  /// ∂f(x)/∂θ for every row: row i · `outputDimension` + o holds the derivatives of output o at xᵢ
  /// with respect to all `parameters`.
  ///
  /// Exact but for rounding, by one pass back for each output. Memory: n · `outputDimension` ·
  /// `parameters.count` numbers.
  ///
  /// - Throws: as `outputs(of:on:)`; `InvalidInput` if the matrix cannot be counted.
  public func jacobian(
    of x: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try x.validate(columnCount: network.inputDimension, "x")
    let (outputs, count) = (outputDimension, parameters.count)
    _ = try Check.count([x.rowCount, outputs, count], "shape of the Jacobian", upTo: 1 << 34)
    return try Matrix(rowCount: x.rowCount * outputs, columnCount: count) { base in
      nonisolated(unsafe) let jacobian = base
      try forEachBlock(of: x, on: execution) { range, pass in
        let first = jacobian + range.lowerBound * outputs * count
        try forEachOutput(of: pass, range) { output, layer, patches, derivatives in
          layer.writeGradients(
            patches, derivatives, into: first + output * count + layer.firstParameter,
            stride: outputs * count)
        }
      }
    }
  }

  /// The empirical neural tangent kernel, `x.rowCount × y.rowCount`:
  /// Θ(x, y) = Σₒ ⟨∂fₒ(x)/∂θ, ∂fₒ(y)/∂θ⟩ / `outputDimension`.
  ///
  /// From layer to layer, without the Jacobian: where there are no pixels the gradients of weights are
  /// products δxᵀ, of which ⟨δxᵀ, δ′x′ᵀ⟩ = ⟨δ, δ′⟩⟨x, x′⟩. Cost for n points: `outputDimension` passes
  /// back, and n² times the channels of all layers. Memory: the channels of all layers for each point,
  /// for layers on pixels their parameters as well.
  ///
  /// - Throws: as `outputs(of:on:)`.
  /// - Source: Jacot, Gabriel, Hongler, "Neural tangent kernel", 2018; Novak et al., "Fast finite width
  ///   neural tangent kernel", 2022.
  public func empiricalNTK(
    _ x: Rows<Double>, _ y: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try tangentKernel(x, y, on: execution)
  }

  /// The same of one set of points, exactly symmetric.
  public func empiricalNTK(
    _ x: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try tangentKernel(x, nil, on: execution)
  }

  /// The inner products of outputs, ⟨f(x), f(y)⟩ / `outputDimension`, `x.rowCount × y.rowCount`. One
  /// output alone says little: give the network many.
  ///
  /// - Throws: as `outputs(of:on:)`.
  public func empiricalNNGP(
    _ x: Rows<Double>, _ y: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    var product = try outputs(of: x, on: execution)
      .multiplied(byTransposeOf: outputs(of: y, on: execution), on: execution)
    product.divide(by: Double(outputDimension))
    return product
  }

  /// The same of one set of points, exactly symmetric.
  public func empiricalNNGP(
    _ x: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    var product = try outputs(of: x, on: execution).outerGram(on: execution)
    product.divide(by: Double(outputDimension))
    return product
  }

  private func tangentKernel(
    _ x: Rows<Double>, _ y: Rows<Double>?, on execution: Execution
  ) throws -> Matrix<Double> {
    let columnCount = (y ?? x).rowCount
    _ = try Check.count([x.rowCount, columnCount], "shape of the kernel matrix")
    let left = try gradients(at: x, on: execution)
    let right = try y.map { try gradients(at: $0, on: execution) }
    var sum = Matrix<Double>(rowCount: x.rowCount, columnCount: columnCount)
    for (index, layer) in left.enumerated() {
      sum.combine(try layer.products(with: right?[index], on: execution), +)
    }
    sum.divide(by: Double(outputDimension))
    return sum
  }

  /// What the kernel needs of the gradients of each layer, at all points.
  private func gradients(
    at x: Rows<Double>, on execution: Execution
  ) throws -> [LayerGradients] {
    try x.validate(columnCount: network.inputDimension, "x")
    let layers = plan.layers
    let blocks = Mutex<[(first: Int, layers: [LayerGradients])]>([])
    try forEachBlock(of: x, on: execution) { range, pass in
      var gradients = try layers.map {
        try LayerGradients($0, pointCount: range.count, outputs: outputDimension)
      }
      try forEachOutput(of: pass, range) { output, layer, patches, derivatives in
        gradients[layer.index].write(patches, derivatives, output: output)
      }
      blocks.withLock { $0.append((range.lowerBound, gradients)) }
    }
    let ordered = blocks.withLock { $0.sorted { $0.first < $1.first } }
    return try layers.map { layer in
      guard !ordered.isEmpty else {
        return try LayerGradients(layer, pointCount: 0, outputs: outputDimension)
      }
      return try LayerGradients(layer, stacking: ordered.map(\.layers[layer.index]))
    }
  }

  /// Runs a block of points, and goes back once for each output.
  ///
  /// - Parameter visit: receives the output's number, a layer, what came into it as patches, and the
  ///   derivatives of the output with respect to what came out.
  private func forEachOutput(
    of pass: FinitePass, _ range: Range<Int>,
    _ visit: (Int, FiniteAffine, Signal, Signal) -> Void
  ) throws {
    var trace: FinitePass.Trace? = FinitePass.Trace()
    let values = pass.run(plan.steps, pass.input, trace: &trace)
    if let bad = values.values.firstIndex(where: { !$0.isFinite }) {
      throw overflow(range.lowerBound + bad / outputDimension)
    }
    guard let trace else { return }
    for output in 0..<outputDimension {
      var unit = Signal(
        pointCount: range.count, pixelCount: 1, channelCount: outputDimension)
      for point in 0..<range.count { unit.values[point * outputDimension + output] = 1 }
      pass.pullBack(plan.steps, unit, trace: trace) { visit(output, $0, $1, $2) }
    }
  }
}
