// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the command says of itself: help, examples, names that it knows.

import Foundation
import Testing

@Suite struct HelpTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  static let commands = ["kernel", "sketch", "features", "verify", "fit", "predict", "bench"]

  /// The lines from EXAMPLE to the next empty one.
  private func example(_ arguments: String) throws -> String {
    let run = try tool.succeed("\(arguments) --help")
    #expect(run.errors.isEmpty)
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "EXAMPLE"))
    return lines[(start + 1)...].prefix { !$0.isEmpty }.joined(separator: "\n")
  }

  @Test(arguments: commands)
  func examplesWorkAsTyped(_ command: String) throws {
    let script = try example(command)
    #expect(script.contains("sketching \(command) "))
    let run = try tool.shell(script)
    #expect(run.status == 0, "\(script)\n\(run.errors)")
  }

  @Test func overview() throws {
    let run = try tool.succeed("--help")
    for command in Self.commands + ["demo"] { #expect(run.output.contains("  \(command) ")) }
    #expect(try example("demo") == example(""))
    #expect(try tool.run("").status == 0)
  }

  @Test func unknownNamesListTheKnown() throws {
    try tool.write("1,2\n3,4\n", to: "X.csv")
    for (arguments, known) in [
      ("sketch --law nothing --dimension 4 --x X.csv --output Z.npy", "tensorsketch:degree=3"),
      ("kernel --kernel nothing --x X.csv --output K.npy", "gaussian:lengthScale=1"),
      (
        "features --method forest --kernel gaussian --dimension 4 --x X.csv --output Z.npy",
        "nystrom"
      ),
      ("fit --method forest --kernel gaussian --x X.csv --model m", "exact"),
      ("kernel --network n.yaml --type cntk --x X.csv --output K.npy", "nngp"),
      (
        "features --method sketch --kernel laplace --dimension 4 --x X.csv --output Z.npy",
        "random, nystrom, hybrid, leverage or auto"
      ),
      ("kernel --kernel gaussian:width=2 --x X.csv --output K.npy", "lengthScale"),
      ("sketch --law polysketch:deg=2 --dimension 4 --x X.csv --output K.npy", "only degree"),
    ] { try tool.refuse(arguments, naming: known) }
    #expect(try tool.folder.contents == ["X.csv"])
  }

  @Test func progress() throws {
    try tool.write("1,2\n3,4\n", to: "X.csv")
    let text = "kernel --kernel gaussian --x X.csv --output K.npy"
    let loud = try tool.succeed(text)
    #expect(loud.errors.contains("2 × 2") && loud.errors.contains("32 bytes"))
    let quiet = try tool.succeed("\(text) --quiet")
    #expect(quiet.errors.isEmpty)
  }
}
