// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// LIBSVM and CSV files: what is read, and hostile ones.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import DataFormats

@Suite struct TextScannerTests {
  /// What the scanner makes of a text, and how much of it it passes.
  private func scan(_ text: String) throws -> (value: Double?, passed: Int) {
    let bytes = Array(text.utf8)
    let buffer = try ByteBuffer(count: bytes.count, path: "text")
    UnsafeMutableRawBufferPointer(start: buffer.pointer, count: bytes.count).copyBytes(from: bytes)
    var scanner = TextScanner(buffer, path: "text")
    return withExtendedLifetime(buffer) { (scanner.number(), scanner.position) }
  }

  @Test func roundsCorrectly() {
    forAll(cases: 3000) { generator in
      let digits = (0..<generator.int(in: 1...22)).map { _ in "\(generator.int(in: 0...9))" }
      let point = generator.int(in: 0...digits.count)
      let mantissa = digits[..<point].joined() + "." + digits[point...].joined()
      let exponent = generator.int(in: -40...40)
      return ["", "-", "+"][generator.int(in: 0...2)]
        + (generator.int(in: 0...1) == 0 ? mantissa : mantissa + "e\(exponent)")
    } _: { text in
      let (value, passed) = try scan(text)
      return value == Double(text) && passed == text.utf8.count
    }
  }

  @Test(arguments: [
    ("17", 17), ("-0.5", -0.5), ("+3", 3), (".5", 0.5), ("5.", 5), ("1E3", 1000), ("1e+3", 1000),
    ("1e400", .infinity), ("-1e400", -.infinity), ("1e-400", 0), ("0e999999999999999999999", 0),
    ("9007199254740993", 9_007_199_254_740_992), ("18446744073709551616", 0x1p64),
  ])
  func readsNumbers(_ text: String, _ expected: Double) throws {
    #expect(try scan(text) == (expected, text.utf8.count))
    #expect(try scan(text + " 1") == (expected, text.utf8.count))
  }

  @Test(arguments: ["x", "nan", "inf", "-", "+", ".", "-.", "e5", "--1", " "])
  func passesNothingElse(_ text: String) throws {
    #expect(try scan(text) == (nil, 0))
  }

  @Test func keepsAnELeftAlone() throws {
    #expect(try scan("1ex") == (1, 1))
    #expect(try scan("1e+") == (1, 1))
  }
}

@Suite struct LIBSVMFileTests {
  @Test func roundTrips() throws {
    let folder = try TemporaryFolder()
    forAll(cases: 60) {
      $0.matrix($0.int(in: 1...20), $0.int(in: 1...30), density: 0.3, as: Double.self)
    } _: { dense in
      let lines = (0..<dense.rowCount).map { i in
        let entries = dense.row(i).enumerated().filter { $0.1 != 0 }
        return "\(i - 3) " + entries.map { "\($0.0 + 1):\($0.1)" }.joined(separator: " ")
      }
      let text = lines.joined(separator: "\n") + "\n"
      let path = try folder.write(Array(text.utf8), to: "x.svm")
      let file = try LIBSVMFile(path: path, columnCount: dense.columnCount)
      return file.matrix == SparseMatrix(dense)
        && file.labels == (0..<dense.rowCount).map { Double($0) - 3 }
    }
  }

  @Test func readsEveryDress() throws {
    let text = "\u{feff}# heading\r\n+1 1:0.5\t3:-2 # comment\r\n\r\n  -1.5e0 \n2 4:0#end"
    let folder = try TemporaryFolder()
    let file = try LIBSVMFile(path: folder.write(Array(text.utf8), to: "x.svm"))
    #expect(file.labels == [1, -1.5, 2])
    #expect(
      try file.matrix.dense == Matrix(rows: [[0.5, 0, -2, 0], [0, 0, 0, 0], [0, 0, 0, 0]]))
    #expect(
      try file.rows(0..<1, as: Float.self).dense == Matrix<Float>(rows: [[0.5, 0, -2, 0]]))
  }

  @Test func takesTheWidthOfTheTrainingSet() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("1 2:1".utf8), to: "x.svm")
    #expect(try LIBSVMFile(path: path).columnCount == 2)
    #expect(try LIBSVMFile(path: path, columnCount: 7).columnCount == 7)
    let error = #expect(throws: FileError.self) { try LIBSVMFile(path: path, columnCount: 1) }
    #expect(error?.description == "\(path), line 1: found \"2:1\"; expected an index of at most 1")
    #expect(throws: InvalidInput.self) { try LIBSVMFile(path: path, columnCount: 0) }
  }

  @Test func refusesWhatSinglePrecisionCannotHold() throws {
    let folder = try TemporaryFolder()
    let file = try LIBSVMFile(path: folder.write(Array("1 1:1\n1 1:1e300".utf8), to: "x.svm"))
    #expect(throws: FileError.self) { try file.rows(0..<2, as: Float.self) }
    #expect(try file.rows(0..<1, as: Float.self).rowCount == 1)
    #expect(try file.rows(0..<2, as: Double.self).rowCount == 2)
  }

  @Test(arguments: [
    Hostile("empty", "", "an empty file"),
    Hostile("blank", " \n\n# comment\n", "no points"),
    Hostile("no features", "1\n-1\n", "no features"),
    Hostile("index 0", "1 1:1\n1 0:1", "line 2: found \"0:1\"; expected an index above 0"),
    Hostile("negative index", "1 -1:1", "line 1: found \"-1:1\"; expected index:value"),
    Hostile("unsorted", "\n1 3:1 2:1", "line 2: found \"2:1\"; expected an index above 3"),
    Hostile("duplicate", "1 3:1 3:1", "expected an index above 3"),
    Hostile("index above 2^31", "1 2147483648:1", "an index of at most 2147483647"),
    Hostile("index above 2^64", "1 18446744073709551617:1", "expected index:value"),
    Hostile("NaN", "1 1:nan", "expected a finite value"),
    Hostile("infinity", "1 1:inf", "expected a finite value"),
    Hostile("overflow", "1 1:1e999", "expected a finite value"),
    Hostile("NaN label", "nan 1:1", "expected a label"),
    Hostile("no label", "1:1 2:1", "expected a label"),
    Hostile("two labels", "1,2 1:1", "expected a label"),
    Hostile("no colon", "1 1 2", "expected index:value"),
    Hostile("no value", "1 1: 2:1", "expected a finite value"),
    Hostile("no blank", "1 1:12:1", "expected a finite value"),
    Hostile("junk", "1 1:1\n1 1:1x", "line 2: found \"1:1x\""),
    Hostile("query", "1 qid:3 1:1", "expected index:value"),
    Hostile("zero byte", Array("1 1:1".utf8) + [0, 0x20], "line 1"),
    Hostile("no text", [0xff, 0xfe, 0x80, 0], "expected a label"),
  ])
  func refuses(_ file: Hostile) throws {
    try file.expectRefusal(as: "x.svm") { _ = try LIBSVMFile(path: $0) }
  }
}

@Suite struct CSVFileTests {
  @Test func roundTrips() throws {
    let folder = try TemporaryFolder()
    forAll(cases: 60) { generator in
      let matrix = generator.matrix(
        generator.int(in: 1...20), generator.int(in: 1...10), as: Double.self)
      return (matrix, generator.int(in: 0...2), generator.int(in: 0...1) == 1)
    } _: { matrix, delimiter, hasHeader in
      let delimiter = [",", ";", "\t"][delimiter]
      let names = (0..<matrix.columnCount).map { "c\($0)" }.joined(separator: delimiter)
      let lines = (0..<matrix.rowCount).map { i in
        matrix.row(i).map { "\($0)" }.joined(separator: delimiter)
      }
      let text = ((hasHeader ? [names] : []) + lines).joined(separator: "\n")
      return try CSVFile(path: folder.write(Array(text.utf8), to: "x.csv")).matrix == matrix
    }
  }

  @Test(arguments: [
    "1,2\n3,4", "1,2\r\n3,4\r\n", "\u{feff}1 , 2\n 3,\t4 \n\n \n", "\"1\",\" 2 \"\n3,\"4\"\n",
    "a,b\n1,2\n3,4", "\"a;b\",\"c\"\"d\"\n1,2\n3,4", ",x\n1,2\n3,4", "1;2\n3;4", "1\t2\n3\t4",
    "# 1st,x\n1,2\n3,4", "x;y,z\n1;2\n3;4",
  ])
  func readsEveryDress(_ text: String) throws {
    let folder = try TemporaryFolder()
    let file = try CSVFile(path: folder.write(Array(text.utf8), to: "x.csv"))
    #expect(try file.matrix == Matrix(rows: [[1, 2], [3, 4]]))
    #expect(try file.rows(1..<2, as: Float.self).dense == Matrix<Float>(rows: [[3, 4]]))
  }

  @Test func refusesWhatSinglePrecisionCannotHold() throws {
    let folder = try TemporaryFolder()
    let file = try CSVFile(path: folder.write(Array("1,2\n3,-1e39".utf8), to: "x.csv"))
    let error = #expect(throws: FileError.self) { try file.rows(1..<2, as: Float.self) }
    #expect(error?.place == "row 1, column 1" && error?.found == "-1e+39")
    #expect(try file.rows(1..<2, as: Double.self).rowCount == 1)
  }

  @Test(arguments: [
    Hostile("empty", "", "an empty file"),
    Hostile("blank", "\n \n", "no rows"),
    Hostile("header alone", "a,b\n", "no rows"),
    Hostile("short row", "1,2\n3\n", "line 2: found 1 fields; expected 2"),
    Hostile("long row", "1,2\n3,4,5\n", "line 2: found 3 fields; expected 2"),
    Hostile("header of other width", "a,b,c\n1,2\n", "line 2: found 2 fields; expected 3"),
    Hostile("empty field", "1,2\n3,\n", "line 2: found an empty field"),
    Hostile("empty first field", ",2\n3,4\n", "line 1: found an empty field"),
    Hostile("all fields empty", ",\n1,2\n", "line 1: found an empty field"),
    Hostile("empty line", "1,2\n\n3,4\n", "line 2: found an empty line"),
    Hostile("empty line first", "\n1,2\n", "line 1: found an empty line"),
    Hostile("NaN", "1,2\nNaN,4\n", "line 2: found \"NaN\""),
    Hostile("NaN first", "nan\n1\n", "line 1: found \"nan\""),
    Hostile("infinity", "1,2\n3,-inf\n", "line 2: found \"-inf\""),
    Hostile("overflow", "1,1e999\n", "line 1: found \"1e999\""),
    Hostile("a word in the first row", "1,2.O\n3,4\n", "line 1: found \"2.O\""),
    Hostile("decimal comma", "1,5;2\n", "line 1: found \"1,5\""),
    Hostile("text row", "1,2\na,b\n", "line 2: found \"a\""),
    Hostile("open quote", "1,2\n\"3,4\n", "line 2: found \"\\\"3,4\""),
    Hostile("text after a quote", "1,2\n\"3\"x,4\n", "line 2"),
    Hostile("carriage return inside", "1,2\r3,4\n", "line 1"),
    Hostile("no text", [0x31, 0x2c, 0xff, 0], "line 1"),
  ])
  func refuses(_ file: Hostile) throws {
    try file.expectRefusal(as: "x.csv") { _ = try CSVFile(path: $0) }
  }
}
