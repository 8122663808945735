// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points and targets as the command line names them.

import Foundation
import Sketching

/// A file of points, seen as it is or with every row brought to length one.
struct Points: RowSource {
  let file: DataFile
  let normalized: Bool

  /// - Throws: `FileError` if the file cannot be read or has not `columnCount` features, if known.
  init(path: String, columnCount: Int? = nil, normalized: Bool = false) throws {
    file = try DataFile(path: path, columnCount: columnCount)
    self.normalized = normalized
  }

  /// The points of a kernel.
  ///
  /// - Throws: `FileError` if the file cannot be read, or its points have not the kernel's number of
  ///   features or, as images, not the shape of its network's input. Sides of length one do not matter.
  init(
    path: String, for kernel: any Kernel, columnCount: Int? = nil, normalized: Bool = false
  ) throws {
    try self.init(
      path: path, columnCount: columnCount ?? kernel.inputDimension, normalized: normalized)
    guard let wanted = (kernel as? NeuralKernel)?.network.inputShape, wanted.count > 1,
      file.shape.count > 2
    else { return }
    let found = Array(file.shape.dropFirst())
    guard found.filter({ $0 > 1 }) == wanted.filter({ $0 > 1 }) else {
      func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " × ") }
      throw FileError(
        path, found: "images of \(text(found))",
        expected: "\(text(wanted)), as the network's input")
    }
  }

  var path: String { file.path }
  var rowCount: Int { file.rowCount }
  var columnCount: Int { file.columnCount }

  func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    let rows = try file.rows(range, as: type)
    return normalized ? rows.normalized() : rows
  }

  /// Up to `count` of the rows with numbers that `isIncluded` accepts, spread evenly over them.
  ///
  /// - Throws: `InvalidInput` if they do not fit the memory; `FileError` if they cannot be read.
  func sample(
    _ count: Int, where isIncluded: (Int) -> Bool = { _ in true }
  ) throws -> Rows<Double> {
    let all = (0..<rowCount).filter(isIncluded)
    let count = min(count, all.count)
    // Of sparse points a map holds nothing that has an entry for every feature.
    if !file.isSparse {
      try MemoryBudget.require(
        Double(count) * Double(columnCount) * 32, "features of \(path)", found: "\(columnCount)")
    }
    let picked = (0..<count).map { all[$0 * all.count / count] }
    if file.isSparse { return try allRows(as: Double.self).rows(at: picked) }
    return .dense(try Matrix.stacked(picked.map { try rows($0..<$0 + 1, as: Double.self).dense }))
  }

  /// The targets in the file at `path`, or without one the labels that lie with the points.
  ///
  /// - Throws: `FileError` if there are none, or not one row for each point.
  func targets(path targetPath: String?) throws -> Matrix<Double> {
    guard let targetPath else {
      guard let labels = file.labels else {
        throw InvalidInput(
          "--y", found: "none", expected: "a file of labels or values, which \(path) has not")
      }
      return try Matrix(rowCount: labels.count, columnCount: 1, elements: labels)
    }
    let targets = try DataFile.targets(path: targetPath)
    guard targets.rowCount == rowCount else {
      throw FileError(
        targetPath, found: "\(targets.rowCount) rows",
        expected: "\(rowCount), one for each row of \(path)")
    }
    return targets
  }
}
