// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The README's example does what it says.

import Sketching
import TestSupport
import Testing

@Suite struct ReadmeExampleTests {
  /// Two clouds of points around opposite directions, 20 dimensions apart from noise.
  private func clouds(_ count: Int, seed: UInt64) -> (rows: Matrix<Float>, labels: [Double]) {
    var generator = CaseGenerator(seed: seed)
    var rows = generator.matrix(count, 20, as: Float.self)
    let labels = (0..<count).map { Double($0 % 2) }
    for i in 0..<count {
      for j in 0..<20 { rows[i, j] += i % 2 == 0 ? 2 : -2 }
    }
    return (rows, labels)
  }

  @Test func theExampleLearns() throws {
    let training = clouds(200, seed: 1)
    let test = clouds(100, seed: 2)
    let predictions = try classify(training.rows, labels: training.labels, test.rows)
    #expect(Array(predictions.elements) == test.labels)
  }
}
