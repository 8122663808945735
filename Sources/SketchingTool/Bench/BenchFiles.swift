// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Where the data sets of the benchmark are: a known name, a folder of files, or one file.

import Foundation
import Sketching

/// The files of one data set: points, their targets beside them, and perhaps points to test on.
///
/// Targets have the name of their points with `y` for `X`: X.npy and y.npy, a-X.csv and a-y.csv.
/// Where there are a-train-X.npy and a-test-X.npy, the second is for testing.
struct BenchFiles {
  let name: String
  let points: String
  let testPoints: String?

  /// The data sets that `--data` names.
  ///
  /// - Throws: `InvalidInput` if there is nothing there; `FileError` if a file is broken.
  static func dataSets(_ place: String, seed: UInt64) throws -> [BenchData] {
    if place == "fashion-mnist" || isFile(place + "/train-images-idx3-ubyte.gz") {
      let folder = place == "fashion-mnist" ? FashionMNIST.defaultFolder : place
      return [try BenchData(FashionMNIST(folder: folder), name: "fashion-mnist", path: folder)]
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else {
      throw InvalidInput(
        "--data", found: "no file or folder \(place)",
        expected: "fashion-mnist, a folder of NAME-X.npy and NAME-y.npy, or a file of points")
    }
    let sets = isFolder.boolValue ? try inFolder(place) : [BenchFiles(points: place)]
    return try sets.map { try BenchData($0, seed: seed) }
  }

  private static func inFolder(_ folder: String) throws -> [BenchFiles] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw FileError(folder, found: error.localizedDescription, expected: "a readable folder")
    }
    let points = names.filter { name in
      guard name == "X.npy" || name.hasSuffix("-X.npy") else { return false }
      // Points for testing belong to those for training.
      let training = name.replacingEnd("-test-X.npy", by: "-train-X.npy")
      return training.map { !names.contains($0) } ?? true
    }
    guard !points.isEmpty else {
      throw FileError(
        folder, found: "no points", expected: "files NAME-X.npy, with their targets NAME-y.npy")
    }
    return points.map { BenchFiles(points: folder + "/" + $0) }
  }

  init(points: String) {
    self.points = points
    let file = points.split(separator: "/").last.map(String.init) ?? points
    let stem = file.split(separator: ".").first.map(String.init) ?? file
    if let name = stem.replacingEnd("-train-X", by: ""),
      let path = points.replacingLast("-train-X", by: "-test-X"), Self.isFile(path)
    {
      (self.name, testPoints) = (name, path)
    } else {
      (name, testPoints) = (stem.replacingEnd("-X", by: "") ?? stem, nil)
    }
  }

  /// The targets beside the points or, of LIBSVM files, in them; nil where there are none.
  static func truth(of points: Points) throws -> Matrix<Double>? {
    let folder = AtomicFile.folder(of: points.path)
    let file = points.path.dropFirst(folder.count)
    if let stem = file.split(separator: ".").first, stem == "X" || stem.hasSuffix("-X") {
      let path = "\(folder)\(stem.dropLast())y\(file.dropFirst(stem.count))"
      if isFile(path) { return try points.targets(path: path) }
    }
    return points.file.labels == nil ? nil : try points.targets(path: nil)
  }

  private static func isFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}

extension String {
  /// The text with another end; nil unless it ends so.
  fileprivate func replacingEnd(_ end: String, by other: String) -> String? {
    hasSuffix(end) ? String(dropLast(end.count)) + other : nil
  }

  /// The text with the last `part` replaced; nil where there is none.
  fileprivate func replacingLast(_ part: String, by other: String) -> String? {
    range(of: part, options: .backwards).map { replacingCharacters(in: $0, with: other) }
  }
}
