// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points and labels from a file of any known format.

import LinearAlgebra
import Validation

/// Points read from a file, whatever its format.
///
/// | format | recognised by |
/// |---|---|
/// | NumPy | `.npy`, `.npz`, `.npz:NAME`, or the first bytes |
/// | IDX, plain or gzipped | `.gz`, `.idx`, `-ubyte`, or the first bytes |
/// | LIBSVM | `.libsvm`, `.svm`, `.txt` |
/// | CSV | `.csv`, `.tsv` |
public struct DataFile: RowSource {
  /// The file as its own format has it.
  public enum Content: Sendable {
    case numPy(NumPyFile)
    case idx(IDXFile)
    case libsvm(LIBSVMFile)
    case csv(CSVFile)
  }

  public let path: String
  public let content: Content
  /// n × d for points, n × h × w × c for images; images without channels have c = 1.
  public let shape: [Int]

  /// Opens a file of points.
  ///
  /// - Parameter columnCount: the number of features that there must be, if it is known. A LIBSVM
  ///   file does not tell it, so its test files need it.
  /// - Throws: `FileError` if the file cannot be read, is of no known format or damaged, holds labels
  ///   rather than points, or has another number of features.
  public init(path: String, columnCount: Int? = nil) throws {
    self.path = path
    content = try Self.content(of: path, columnCount: columnCount)
    switch content {
    case .numPy(let file):
      guard file.shape.count == 2 || file.shape.count == 4 else {
        throw FileError(
          path, found: "the shape \(StoredArray.describe(file.shape))",
          expected: "rows n × d or images n × h × w × c")
      }
      shape = file.shape
    case .idx(let file):
      guard file.shape.count > 1 else {
        throw FileError(
          path, found: "the shape \(StoredArray.describe(file.shape))",
          expected: "rows n × d or images n × h × w")
      }
      shape = file.shape.count == 3 ? file.shape + [1] : file.shape
    case .libsvm, .csv:
      shape = [content.rows.rowCount, content.rows.columnCount]
    }
    if let columnCount, columnCount != self.columnCount {
      throw FileError(
        path, found: "\(self.columnCount) features", expected: "\(columnCount) features")
    }
  }

  public var rowCount: Int { content.rows.rowCount }
  public var columnCount: Int { content.rows.columnCount }

  /// Whether its rows are sparse.
  public var isSparse: Bool {
    if case .libsvm = content { true } else { false }
  }

  /// The labels, where the format keeps them with the points.
  public var labels: [Double]? {
    if case .libsvm(let file) = content { file.labels } else { nil }
  }

  /// The rows in `range`, which must lie within the file.
  ///
  /// - Throws: `FileError` if they cannot be read, or hold NaN, infinity or a number too large for
  ///   `Scalar`.
  public func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    try content.rows.rows(range, as: type)
  }

  /// Reads one label per point: an array of shape n or n × 1, a table of one column, or the labels
  /// of a LIBSVM file.
  ///
  /// - Throws: `FileError` if the file cannot be read or holds something else.
  public static func labels(path: String) throws -> [Double] {
    let targets = try targets(path: path)
    guard targets.columnCount == 1 else {
      throw FileError(path, found: "\(targets.columnCount) columns", expected: "1 label per row")
    }
    return Array(targets.elements)
  }

  /// Reads the targets of a regression, n × k: an array of shape n or n × k, a table of k columns, or
  /// the labels of a LIBSVM file.
  ///
  /// - Throws: `FileError` if the file cannot be read or holds something else.
  public static func targets(path: String) throws -> Matrix<Double> {
    let content = try content(of: path, columnCount: nil)
    let shape: [Int]
    switch content {
    case .numPy(let file): shape = file.shape
    case .idx(let file): shape = file.shape
    case .csv(let file): shape = [file.rowCount, file.columnCount]
    case .libsvm(let file):
      return try Matrix(rowCount: file.rowCount, columnCount: 1, elements: file.labels)
    }
    guard shape.count == 1 || shape.count == 2 else {
      throw FileError(
        path, found: "the shape \(StoredArray.describe(shape))",
        expected: "labels of shape n or targets n × k")
    }
    return try content.rows.allRows(as: Double.self).dense
  }

  private static func content(of path: String, columnCount: Int?) throws -> Content {
    let name = path.lowercased()
    func ends(_ endings: String...) -> Bool { endings.contains(where: name.hasSuffix) }
    if ends(".npy") || NumPyFile.archiveParts(of: path) != nil {
      return .numPy(try NumPyFile(path: path))
    }
    if ends(".gz", ".idx", "-ubyte") { return .idx(try IDXFile(path: path)) }
    if ends(".libsvm", ".svm", ".txt") {
      return .libsvm(try LIBSVMFile(path: path, columnCount: columnCount))
    }
    if ends(".csv", ".tsv") { return .csv(try CSVFile(path: path)) }
    let file = try InputFile(path: path)
    let start = try file.bytes(min(6, file.count), at: 0)
    if start == NumPyHeader.magic { return .numPy(try NumPyFile(path: path)) }
    if start.starts(with: [0x1f, 0x8b]) || start.starts(with: [0, 0]) {
      return .idx(try IDXFile(path: path))
    }
    throw FileError(
      path, found: "a file of unknown format",
      expected: "NumPy (.npy, .npz:NAME), IDX (.idx, -ubyte, .gz), LIBSVM (.libsvm, .svm, .txt) "
        + "or CSV (.csv, .tsv)")
  }
}

extension DataFile.Content {
  fileprivate var rows: any RowSource {
    switch self {
    case .numPy(let file): file
    case .idx(let file): file
    case .libsvm(let file): file
    case .csv(let file): file
    }
  }
}
