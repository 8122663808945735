// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The error for arguments and data that cannot be used, and the checks that every room shares.

/// An argument or a piece of data that cannot be used: which one, what it was, what would be right.
///
/// Thrown before any output exists. Its description reads
/// `dimension: found 0; expected a whole number from 1 to 2147483647`.
public struct InvalidInput: Error, Hashable, Sendable, CustomStringConvertible {
  /// The argument, file or key at fault.
  public let name: String
  /// What was given.
  public let found: String
  /// What would be right.
  public let expected: String

  public init(_ name: String, found: String, expected: String) {
    self.name = name
    self.found = found
    self.expected = expected
  }

  public var description: String { "\(name): found \(found); expected \(expected)" }
}

/// Checks that throw `InvalidInput`; each costs O(1) unless it says otherwise.
public enum Check {
  /// The largest dimension of any matrix or sketch: what LAPACK's 32-bit integers can count.
  public static let largestDimension = Int(Int32.max)

  /// Throws unless `from ≤ value ≤ upTo`.
  public static func dimension(
    _ value: Int, _ name: String, from least: Int = 1, upTo limit: Int = Check.largestDimension
  ) throws {
    guard value >= least, value <= limit else {
      throw InvalidInput(
        name, found: "\(value)", expected: "a whole number from \(least) to \(limit)")
    }
  }

  /// Throws unless `value` equals `expected`, as when the columns of data must fit a map.
  public static func equal(_ value: Int, _ expected: Int, _ name: String) throws {
    guard value == expected else {
      throw InvalidInput(name, found: "\(value)", expected: "\(expected)")
    }
  }

  /// Throws unless `value` is a finite number above zero.
  public static func positive(_ value: Double, _ name: String) throws {
    guard value.isFinite, value > 0 else {
      throw InvalidInput(name, found: "\(value)", expected: "a finite number above 0")
    }
  }

  /// Throws unless `value` is a finite number at or above zero.
  public static func nonnegative(_ value: Double, _ name: String) throws {
    guard value.isFinite, value >= 0 else {
      throw InvalidInput(name, found: "\(value)", expected: "a finite number at or above 0")
    }
  }

  /// The product of nonnegative sizes, or `InvalidInput` if it overflows or exceeds `limit`.
  public static func count(
    _ factors: [Int], _ name: String, upTo limit: Int = Int.max / 16
  ) throws -> Int {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      guard factor >= 0, !overflow, next <= limit else {
        let shape = factors.map(String.init).joined(separator: " × ")
        throw InvalidInput(name, found: shape, expected: "at most \(limit) entries in all")
      }
      product = next
    }
    return product
  }
}
