// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Conjugate gradients for several right-hand sides.

import Validation

/// X with A X = B for a symmetric positive definite A known by its products.
///
/// Each column runs its own recurrence; all share the products with A and with the preconditioner, an
/// approximation of A⁻¹ that is symmetric positive definite too. With κ the condition number of the
/// preconditioned operator, a column takes at most about ½ √κ ln(2/tolerance) steps.
///
/// The status tells the true residual max ‖bⱼ − A xⱼ‖ / ‖bⱼ‖, computed anew at the end; where the
/// recurrence had drifted from it, the iteration starts again from there.
///
/// - Complexity: a product with A and one with the preconditioner for each step, at least one more
///   with A, and 10nk operations a step. Memory of 6nk numbers.
/// - Source: Hestenes, Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
public struct ConjugateGradients: Sendable {
  /// X, n × k.
  public let solution: Matrix<Double>
  public let status: IterationStatus

  /// Iterates from X = 0 until every column has converged. Progress counts steps.
  ///
  /// - Throws: `InvalidInput` unless A and the preconditioner are n × n and B has n rows of finite
  ///   entries; what the operators throw; `CancellationError`.
  public init(
    _ a: some LinearOperator, rightHandSides b: Matrix<Double>,
    preconditioner: (any LinearOperator)? = nil, stopping rule: StoppingRule,
    on execution: Execution = .allCores
  ) throws {
    try a.validateSquare()
    try Check.equal(b.rowCount, a.rowCount, "rows of the right-hand sides")
    try b.validateFinite("right-hand sides")
    if let preconditioner {
      try preconditioner.validateSquare()
      try Check.equal(preconditioner.rowCount, a.rowCount, "rows of the preconditioner")
    }
    // Powers of two keep the squares of any numbers in range.
    let scales = b.columnScales
    var scaled = b
    scaled.scaleColumns(by: scales.map { 1 / $0 })
    var run = Run(scaled, a, preconditioner, rule, execution)
    status = try run.solve()
    var solution = run.x
    solution.scaleColumns(by: scales)
    self.solution = solution
  }
}

/// The recurrences of all columns.
private struct Run<Operator: LinearOperator> {
  let b: Matrix<Double>
  let a: Operator
  let preconditioner: (any LinearOperator)?
  let rule: StoppingRule
  let execution: Execution
  let norms: [Double]
  var x: Matrix<Double>
  var residual: Matrix<Double>
  var iterations = 0

  /// What the recurrence aims at, so that the true residual, a little off, is within the tolerance.
  private var goal: Double { 0.9 * rule.tolerance }

  init(
    _ b: Matrix<Double>, _ a: Operator, _ preconditioner: (any LinearOperator)?,
    _ rule: StoppingRule, _ execution: Execution
  ) {
    (self.b, self.a, self.preconditioner) = (b, a, preconditioner)
    (self.rule, self.execution) = (rule, execution)
    norms = b.columnProducts(b).map { $0.squareRoot() }
    x = Matrix(rowCount: b.rowCount, columnCount: b.columnCount)
    residual = b
  }

  mutating func solve() throws -> IterationStatus {
    var worst = relativeResiduals.max() ?? 0
    while worst > rule.tolerance {
      let reason = try descend()
      residual = b
      residual.add(try a.multiplied(by: x, on: execution.silent), times: -1)
      let found = relativeResiduals.max() ?? 0
      if found > rule.tolerance {
        // A new start must gain a digit's half to be worth its while.
        let ending = reason ?? (found < 0.3 * worst ? nil : .stagnated)
        if let ending { return status(ending, found) }
      }
      worst = found
    }
    return status(.converged, worst)
  }

  private func status(_ reason: IterationStatus.Reason, _ residual: Double) -> IterationStatus {
    IterationStatus(reason: reason, iterations: iterations, residual: residual)
  }

  /// ‖rⱼ‖ / ‖bⱼ‖; 0 for a zero column.
  private var relativeResiduals: [Double] {
    zip(residual.columnProducts(residual), norms).map { $1 > 0 ? $0.squareRoot() / $1 : 0 }
  }

  private func preconditioned() throws -> Matrix<Double> {
    try preconditioner?.multiplied(by: residual, on: execution.silent) ?? residual
  }

  /// Iterates from the residual at hand until the recurrence has reached its goal (nil) or cannot go on.
  private mutating func descend() throws -> IterationStatus.Reason? {
    var direction = try preconditioned()
    var descent = residual.columnProducts(direction)
    var isActive = relativeResiduals.map { $0 > goal }
    while isActive.contains(true) {
      guard iterations < rule.iterationLimit else { return .iterationLimit }
      try execution.checkCancellation()
      let image = try a.multiplied(by: direction, on: execution.silent)
      let curvature = direction.columnProducts(image)
      iterations += 1
      for j in isActive.indices where isActive[j] {
        guard curvature[j] > 0, descent[j] > 0, curvature[j].isFinite else { return .indefinite }
      }
      let steps = isActive.indices.map { isActive[$0] ? descent[$0] / curvature[$0] : 0 }
      x.addColumns(direction, times: steps)
      residual.addColumns(image, times: steps.map { -$0 })
      execution.report(iterations, of: rule.iterationLimit)
      for (j, value) in relativeResiduals.enumerated() where value <= goal { isActive[j] = false }
      guard isActive.contains(true) else { break }
      var next = try preconditioned()
      let nextDescent = residual.columnProducts(next)
      next.addColumns(
        direction, times: isActive.indices.map { isActive[$0] ? nextDescent[$0] / descent[$0] : 0 })
      (direction, descent) = (next, nextDescent)
    }
    return nil
  }
}

extension Matrix<Double> {
  /// For each column the power of two of its largest entry; 1 for a zero column.
  fileprivate var columnScales: [Double] {
    var largest = [Double](repeating: 0, count: columnCount)
    for i in 0..<rowCount {
      for (j, value) in row(i).enumerated() { largest[j] = Swift.max(largest[j], abs(value)) }
    }
    return largest.map { $0.isNormal ? $0.binade : ($0 > 0 ? .leastNormalMagnitude : 1) }
  }
}
