// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Prints how fast the inner loops are beside their yardsticks, and writes it to the folder named.
//
// Usage: Speed [FOLDER] [--only PARTS], with PARTS some of
// sparse,hadamard,gaussian,gram,tensor,kernels,pixels,features. The features need the data set
// dataset-fashion-mnist.

import Foundation
import Sketching

var arguments = Array(CommandLine.arguments.dropFirst())
var only: [String]?
if let place = arguments.firstIndex(of: "--only"), place + 1 < arguments.count {
  only = arguments[place + 1].split(separator: ",").map(String.init)
  arguments.removeSubrange(place...place + 1)
}
let cores = ProcessInfo.processInfo.activeProcessorCount
let threadCounts = cores > 1 ? [1, cores] : [1]
func perThreads(_ make: (Int) throws -> [Measurement]) rethrows -> [Measurement] {
  try threadCounts.flatMap(make)
}
let parts: [(name: String, make: () throws -> [Measurement])] = [
  ("sparse", { try perThreads { [try countSketchSpeed(threads: $0)] } }),
  ("sparse", { try perThreads(sparseSignSpeed) }),
  ("hadamard", walshHadamardSpeed),
  ("hadamard", srhtSpeed),
  ("gaussian", normalSpeed),
  ("gram", { try perThreads { [try gramSpeed(threads: $0)] } }),
  (
    "tensor",
    {
      try perThreads {
        let flat = [try tensorSketchSpeed(threads: $0), try sparseTensorSketchSpeed(threads: $0)]
        return flat + (try productSketchSpeeds(threads: $0))
      }
    }
  ),
  ("kernels", { try perThreads(neuralKernelSpeed) }),
  ("kernels", { try perThreads { [try kernelOperatorSpeed(threads: $0)] } }),
  ("pixels", { try perThreads(pixelKernelSpeeds) }),
  (
    "features",
    {
      try [2048, 8192].flatMap { dimension in
        try perThreads { try featureMapSpeed(dimension: dimension, threads: $0).map { [$0] } ?? [] }
      }
    }
  ),
]
let chosen = parts.filter { only?.contains($0.name) ?? true }
let measurements = try chosen.flatMap { try $0.make() }

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

if let path = arguments.first {
  let folder = URL(fileURLWithPath: path)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  try table.write(to: folder.appending(path: "speed.txt"), atomically: true, encoding: .utf8)
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(measurements).write(to: folder.appending(path: "speed.json"))
}
