// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Plots as SVG text, drawn by gnuplot.

import Foundation

/// A run of gnuplot: a script in, an SVG picture out.
enum Gnuplot {
  /// The picture that `script` draws, or nil where gnuplot is missing or fails.
  static func svg(_ script: String, width: Int = 640, height: Int = 420) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gnuplot"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let setup = """
      set terminal svg size \(width),\(height) font 'sans-serif,13' background '#ffffff'
      set grid lc rgb '#dddddd'
      set border 3
      set tics nomirror
      set key top right

      """
    do {
      try process.run()
      try input.fileHandleForWriting.write(contentsOf: Data((setup + script).utf8))
      try input.fileHandleForWriting.close()
      let picture = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      guard process.terminationStatus == 0 else { return nil }
      let text = String(decoding: picture, as: UTF8.self)
      // Inside a page the picture starts at its root element.
      return text.range(of: "<svg").map { String(text[$0.lowerBound...]) }
    } catch {
      return nil
    }
  }

  /// Lines of numbers as an inline data block of the given name.
  static func block(_ name: String, _ rows: [[Double]]) -> String {
    let lines = rows.map { $0.map { "\($0)" }.joined(separator: " ") }
    return "$\(name) << EOD\n" + lines.joined(separator: "\n") + "\nEOD\n"
  }
}
