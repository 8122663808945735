// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching kernel --resume`: interrupted runs go on to the same bytes.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct KernelResumeTests {
  let tool: Tool
  let network = "--network net.yaml"

  init() throws {
    tool = try Tool()
    // So many layers that a run goes on for most of a second after its first block.
    let hidden = String(repeating: "  - dense\n  - gelu\n", count: 40)
    try tool.write("input: [4]\nlayers:\n\(hidden)  - dense\n", to: "net.yaml")
    try tool.write(normals(2600, 4, seed: 3), to: "X.npy")
    try tool.write(normals(1500, 4, seed: 4), to: "Y.npy")
  }

  /// How many blocks a partial output has marked as done.
  private func marked(_ name: String) throws -> Int {
    guard let file = FileHandle(forReadingAtPath: tool.folder.file(name)) else { return 0 }
    let size = try file.seekToEnd()
    guard size > 128 + 16 else { return 0 }
    try file.seek(toOffset: size - 16)
    return Int(try file.read(upToCount: 1)?.first ?? 0)
  }

  @Test(arguments: [
    (SIGKILL, "--x X.npy"), (SIGINT, "--x X.npy --precision single"),
    (SIGTERM, "--x X.npy --y Y.npy"),
  ])
  func resumes(_ signal: Int32, _ points: String) throws {
    let text = "kernel \(network) \(points)"
    try tool.succeed("\(text) --output whole.npy --threads 2")
    let started = try tool.start("\(text) --output K.npy --resume --threads 1")
    for _ in 0..<6000 where try marked("K.npy.partial") == 0 { usleep(5000) }
    kill(started.process.processIdentifier, signal)
    let run = try tool.finish(started)
    #expect(run.status == (signal == SIGKILL ? -SIGKILL : 128 + signal))
    let files = try tool.folder.contents
    try #require(files.contains("K.npy.partial") && !files.contains("K.npy"), "killed too late")
    try tool.refuse("\(text) --output K.npy --resume --type nngp", naming: "K.npy.partial")
    try tool.refuse(
      "kernel \(network) --x Y.npy --output K.npy --resume", naming: "K.npy.partial")
    let result = try tool.json("\(text) --output K.npy --resume --json")
    #expect(result["resumedNumbers"] as? Int ?? 0 >= 1024 * 1024)
    #expect(try tool.bytes("K.npy") == tool.bytes("whole.npy"))
    #expect(try tool.folder.contents == ["K.npy", "X.npy", "Y.npy", "net.yaml", "whole.npy"])
  }

  @Test func resumesDiagonals() throws {
    let text = "kernel \(network) --x X.npy --diagonal --output d.npy"
    try tool.succeed(text)
    let whole = try tool.bytes("d.npy")
    // Files may not grow beyond 1 kB here: the state is written, the numbers are not.
    let stopped = try tool.shell("trap '' XFSZ; ulimit -f 2; sketching \(text) --resume --quiet")
    #expect(stopped.status == 2, "\(stopped)")
    try #require(try tool.folder.contents.contains("d.npy.partial.json"))
    try tool.folder.write(Array(whole[..<(128 + 8 * 1500)]), to: "d.npy.partial")
    let result = try tool.json("\(text) --resume --json")
    #expect(result["resumedNumbers"] as? Int == 1024)
    #expect(try tool.bytes("d.npy") == whole)
    #expect(!(try tool.folder.contents.contains { $0.contains("partial") }))
  }

  /// What cannot be read as what this run writes is begun anew.
  @Test(arguments: ["header", "mark", "size"]) func damagedPartialOutputs(_ damage: String) throws {
    let text = "kernel \(network) --x Y.npy --output K.npy"
    try tool.succeed(text)
    let whole = Array(try tool.bytes("K.npy"))
    let stopped = try tool.shell("trap '' XFSZ; ulimit -f 2; sketching \(text) --resume --quiet")
    #expect(stopped.status == 2, "\(stopped)")
    var partial = [UInt8](repeating: 0, count: whole.count)
    partial.replaceSubrange(..<128, with: whole[..<128])
    partial += [3, 0, 0, 0, 0, 0, 0, 0, 252] + [UInt8](repeating: 255, count: 7)
    switch damage {
    case "header": partial[100] ^= 1
    case "mark": partial[whole.count] ^= 1
    default: partial.append(0)
    }
    try tool.folder.write(partial, to: "K.npy.partial")
    let result = try tool.json("\(text) --resume --json")
    #expect(result["resumedNumbers"] as? Int == 0)
    #expect(try Array(tool.bytes("K.npy")) == whole)
  }

  @Test func badDataLeaveNothingToResume() throws {
    var points = normals(2600, 4, seed: 3)
    points[2500, 3] = .nan
    try tool.write(points, to: "X.npy")
    try tool.refuse("kernel \(network) --x X.npy --output K.npy --resume", naming: "row")
    #expect(try tool.folder.contents == ["X.npy", "Y.npy", "net.yaml"])
  }

  /// A pipe has no places for blocks: it gets the rows in order.
  @Test func pipes() throws {
    let text = "kernel \(network) --x Y.npy"
    try tool.succeed("\(text) --output K.npy")
    let piped = try tool.shell(
      "mkfifo pipe; cat pipe > copy.npy & sketching \(text) --output pipe --quiet; wait")
    #expect(piped.status == 0, "\(piped)")
    #expect(try tool.bytes("copy.npy") == tool.bytes("K.npy"))
  }
}
