// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Prints how fast the inner loops are beside their yardsticks, and writes it to the folder named.

import Foundation
import Sketching

let cores = ProcessInfo.processInfo.activeProcessorCount
let threadCounts = cores > 1 ? [1, cores] : [1]
var measurements: [Measurement] = []
for threads in threadCounts { measurements.append(try countSketchSpeed(threads: threads)) }
for threads in threadCounts { measurements += try sparseSignSpeed(threads: threads) }
measurements += try walshHadamardSpeed()
measurements += try srhtSpeed()
measurements += try normalSpeed()
for threads in threadCounts { measurements.append(try gramSpeed(threads: threads)) }
for threads in threadCounts {
  measurements.append(try tensorSketchSpeed(threads: threads))
  measurements.append(try sparseTensorSketchSpeed(threads: threads))
  measurements += try productSketchSpeeds(threads: threads)
}
for threads in threadCounts { measurements += try neuralKernelSpeed(threads: threads) }
for threads in threadCounts { measurements.append(try kernelOperatorSpeed(threads: threads)) }
for threads in threadCounts { measurements += try pixelKernelSpeeds(threads: threads) }
for dimension in [2048, 8192] {
  for threads in threadCounts {
    if let measurement = try featureMapSpeed(dimension: dimension, threads: threads) {
      measurements.append(measurement)
    } else {
      print("The data set dataset-fashion-mnist is not installed: no speed of its feature map.")
    }
  }
}

func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return right ? space + text : text + space
}

var lines = [
  padded("work", 50) + padded("threads", 8, right: true) + padded("speed", 20, right: true)
    + padded("memory", 10, right: true) + "  " + padded("against", 26)
    + padded("ratio", 7, right: true) + "  wanted"
]
for m in measurements {
  let speed = String(format: m.speed < 1000 ? "%.1f" : "%.0f", m.speed) + " " + m.unit
  lines.append(
    padded(m.work, 50) + padded("\(m.threads)", 8, right: true) + padded(speed, 20, right: true)
      + padded(
        m.peakBytes.map { String(format: "%.1f MB", Double($0) * 1e-6) } ?? "", 10, right: true)
      + "  " + padded(m.yardstick, 26)
      + padded(m.ratio > 0 ? String(format: "%.2f", m.ratio) : "", 7, right: true)
      + (m.wanted.isEmpty ? "" : "  " + m.wanted))
}
lines += [
  "",
  "memory: what the first run of the work added at its peak to inputs and tables that were there.",
]
let table = lines.joined(separator: "\n") + "\n"
print(table)

if CommandLine.arguments.count > 1 {
  let folder = URL(fileURLWithPath: CommandLine.arguments[1])
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  try table.write(to: folder.appending(path: "speed.txt"), atomically: true, encoding: .utf8)
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(measurements).write(to: folder.appending(path: "speed.json"))
}
