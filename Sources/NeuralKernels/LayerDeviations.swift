// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Standard deviations of points at every layer: what the kernels of pairs need of each point alone.

import Kernels
import LinearAlgebra
import Validation

/// For a tile of points, √K(x, x) at the input of every step that needs it, with reciprocals, and the
/// kernels of the points with themselves, in scratch memory.
struct LayerDeviations<Scalar: RealScalar> {
  private let program: VectorProgram
  private let count: Int
  private let base: UnsafeMutablePointer<Scalar>

  /// Lends the deviations of the rows of x to `body`.
  ///
  /// Cost: O(1) per layer and point, and the norms; a quadrature each for activations without closed
  /// dual.
  ///
  /// - Parameter withTangents: whether Θ(x, x) is computed as well.
  /// - Throws: `InvalidInput` if one of them overflows.
  static func with<Result>(
    _ program: VectorProgram, _ x: Rows<Scalar>, withTangents: Bool, workspace: Workspace,
    _ body: (LayerDeviations) throws -> Result
  ) throws -> Result {
    let count = x.rowCount
    let size = 2 * count * (program.slotCount + program.registerCount)
    return try workspace.withScratch(Scalar.self, size) { base in
      let deviations = LayerDeviations(program: program, count: count, base: base)
      try deviations.compute(x, withTangents: withTangents)
      return try body(deviations)
    }
  }

  /// √K(x, x) of every point at the input of the step of a slot. Where the step normalises,
  /// √(K(x, x) + ε).
  func values(_ slot: Int) -> UnsafeMutablePointer<Scalar> { base + 2 * slot * count }

  /// Their reciprocals, 0 where there is none.
  func reciprocals(_ slot: Int) -> UnsafeMutablePointer<Scalar> { base + (2 * slot + 1) * count }

  /// √K(x, x) of every point in a register; at the end, at the output in register 0.
  private func current(_ register: Int) -> UnsafeMutablePointer<Scalar> {
    base + 2 * (program.slotCount + register) * count
  }

  /// Θ(x, x) of every point in a register.
  private func tangents(_ register: Int) -> UnsafeMutablePointer<Scalar> {
    current(register) + count
  }

  /// The kernel of point i with itself.
  func diagonal(_ i: Int, _ type: NeuralKernel.Kind) -> Scalar {
    switch type {
    case .nngp: current(0)[i] * current(0)[i]
    case .ntk: tangents(0)[i]
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func compute(_ x: Rows<Scalar>, withTangents: Bool) throws {
    InnerProducts.norms(of: x, into: current(0))
    let unit = 1 / Scalar(x.columnCount).squareRoot()
    for i in 0..<count {
      current(0)[i] *= unit
      tangents(0)[i] = 0
    }
    for step in program.steps {
      let (s, t) = (current(step.register), tangents(step.register))
      switch step.operation {
      case .dense(let weightStd, let biasStd):
        let weight = try representable(weightStd, "weightStd", step)
        let bias = try representable(biasStd, "biasStd", step)
        for i in 0..<count {
          s[i] = .hypot(weight * s[i], bias)
          t[i] = s[i] * s[i] + weight * weight * t[i]
        }
      case .activation(let dual, _):
        let (values, reciprocals) = record(step)
        // Duals that are not homogeneous compute with variances.
        if dual.activation.slopes == nil {
          for i in 0..<count where !(values[i] * values[i]).isFinite { throw overflow(step) }
        }
        for i in 0..<count {
          if i > 0, values[i] == values[i - 1] {
            s[i] = s[i - 1]
            if withTangents { reciprocals[i] = reciprocals[i - 1] }
          } else {
            s[i] = dual.deviation(values[i])
            if withTangents { reciprocals[i] = dual.derivative(atDeviation: values[i]) }
          }
        }
        for i in 0..<count {
          if withTangents { t[i] *= reciprocals[i] }
          reciprocals[i] = ArcCosine.reciprocal(values[i])
        }
      case .normalize(let epsilon):
        let root = Scalar(epsilon.squareRoot())
        let (values, reciprocals) = record(step)
        for i in 0..<count {
          values[i] = .hypot(s[i], root)
          reciprocals[i] = ArcCosine.reciprocal(values[i])
          s[i] *= reciprocals[i]
          t[i] *= reciprocals[i] * reciprocals[i]
        }
      case .dropout(let keep):
        let factor = Scalar(1 / keep)
        for i in 0..<count {
          s[i] *= factor.squareRoot()
          t[i] *= factor
        }
      case .copy(let source):
        s.update(from: current(source), count: count)
        t.update(from: tangents(source), count: count)
      case .add(let other):
        for i in 0..<count {
          s[i] = .hypot(s[i], current(other)[i])
          t[i] += tangents(other)[i]
        }
      }
      for i in 0..<count where !s[i].isFinite { throw overflow(step) }
    }
  }

  private func overflow(_ step: VectorProgram.Step) -> InvalidInput {
    InvalidInput(
      "standard deviation at \(step.name)", found: "an overflow of \(Scalar.self)",
      expected: "points of smaller norm or layers of smaller weightStd")
  }

  /// Keeps the deviations that come into a step.
  private func record(
    _ step: VectorProgram.Step
  ) -> (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>) {
    let slot = step.slot ?? 0
    let (values, reciprocals) = (values(slot), reciprocals(slot))
    values.update(from: current(step.register), count: count)
    for i in 0..<count { reciprocals[i] = ArcCosine.reciprocal(values[i]) }
    return (values, reciprocals)
  }

  /// A standard deviation in the scalar's type, where its square can be used as well.
  private func representable(
    _ deviation: Double, _ name: String, _ step: VectorProgram.Step
  ) throws -> Scalar {
    let value = Scalar(deviation)
    guard deviation == 0 || (value * value).isNormal else {
      throw InvalidInput(
        "\(step.name), \(name)", found: "\(deviation)",
        expected: "0 or a number whose square is within the range of \(Scalar.self)")
    }
    return value
  }
}
