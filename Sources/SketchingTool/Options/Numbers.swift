// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Numbers in arguments, checked as they are parsed.

import ArgumentParser
import Sketching

/// What an argument should have been.
private struct Expected: Error, CustomStringConvertible {
  let description: String

  init(_ text: String) { description = "expected \(text)" }
}

/// Parses a whole number within `range`.
func wholeNumber(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
  { text in
    guard let value = Int(text), range.contains(value) else {
      throw Expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

/// Parses a seed.
@Sendable
func seedNumber(_ text: String) throws -> UInt64 {
  guard let value = UInt64(text) else {
    throw Expected("a whole number from 0 to \(UInt64.max)")
  }
  return value
}

/// Parses a finite number above zero.
@Sendable
func positiveNumber(_ text: String) throws -> Double {
  guard let value = Double(text), value.isFinite, value > 0 else {
    throw Expected("a finite number above 0")
  }
  return value
}

/// Parses `auto` or a finite number above zero.
@Sendable
func ridgeChoice(_ text: String) throws -> RidgeChoice {
  if text == "auto" { return .heldOut(fraction: 0.1) }
  guard let ridge = try? positiveNumber(text) else {
    throw Expected("auto or a finite number above 0")
  }
  return .fixed(ridge)
}

/// Runs `body`; errors about its input name the argument that it came from.
func naming<Result>(_ argument: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as InvalidInput {
    throw InvalidInput(
      "\(argument), \(error.name)", found: error.found, expected: error.expected)
  }
}
