// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The checks that every room shares.

import Testing
import Validation

@Suite("Checks of input")
struct ValidationTests {
  @Test("an error says what was wrong and what would be right")
  func description() {
    let error = InvalidInput("dimension", found: "0", expected: "a whole number")
    #expect("\(error)" == "dimension: found 0; expected a whole number")
  }

  @Test("dimensions run from 1 to the limit")
  func dimension() throws {
    try Check.dimension(1, "d")
    try Check.dimension(8, "d", upTo: 8)
    try Check.dimension(Int(Int32.max), "d")
    for bad in [0, -1, .min, Int(Int32.max) + 1, .max] {
      #expect(throws: InvalidInput.self) { try Check.dimension(bad, "d") }
    }
    #expect(throws: InvalidInput.self) { try Check.dimension(9, "d", upTo: 8) }
  }

  @Test("equal, positive and nonnegative refuse what is not")
  func numbers() throws {
    try Check.equal(3, 3, "n")
    #expect(throws: InvalidInput("n", found: "2", expected: "3")) { try Check.equal(2, 3, "n") }
    try Check.positive(.leastNonzeroMagnitude, "x")
    try Check.nonnegative(0, "x")
    for bad in [-1.0, .nan, .infinity, -.infinity] {
      #expect(throws: InvalidInput.self) { try Check.positive(bad, "x") }
      #expect(throws: InvalidInput.self) { try Check.nonnegative(bad, "x") }
    }
    #expect(throws: InvalidInput.self) { try Check.positive(0, "x") }
  }

  @Test("products of sizes are exact or refused")
  func count() throws {
    #expect(try Check.count([], "c") == 1)
    #expect(try Check.count([3, 0, 5], "c") == 0)
    #expect(try Check.count([3, 4, 5], "c", upTo: 60) == 60)
    for bad in [[3, 4, 6], [-1], [Int.max, 2], [-1, 0], [1 << 40, 1 << 40]] {
      #expect(throws: InvalidInput.self) { try Check.count(bad, "c", upTo: 60) }
    }
    #expect(throws: InvalidInput.self) { try Check.count([1 << 31, 1 << 31], "c") }
  }
}
