// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The options that all subcommands share.

import ArgumentParser
import Foundation
import Sketching

struct CommonOptions: ParsableArguments {
  @Option(
    name: .customLong("seed"), parsing: .unconditional,
    help: ArgumentHelp("The seed of all random choices. (default: 0)", valueName: "n"),
    transform: seedNumber)
  var givenSeed: UInt64?

  var seed: UInt64 { givenSeed ?? 0 }

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many threads work at once; no result depends on it. (default: all cores)",
      valueName: "n"),
    transform: wholeNumber(1...4096))
  var threads: Int?

  @Option(
    help: """
      The number type of computing and of outputs. (default: double for kernel and verify, single \
      for the rest)
      """)
  var precision: Precision?

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @Flag(help: "Show no progress.")
  var quiet = false

  var console: Console { Console(json: json, quiet: quiet) }

  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// Runs `body` with the threads asked for and with progress on standard error.
  func execute<Result>(_ body: (Execution) throws -> Result) rethrows -> Result {
    guard !quiet else { return try body(Execution(threads: threadCount)) }
    let report = ProgressReport()
    defer { report.finish() }
    return try body(Execution(threads: threadCount, progress: { report.report($0) }))
  }
}

extension Precision: ExpressibleByArgument {
  public static var allValueStrings: [String] { ["single", "double"] }

  /// The bytes of a number.
  var size: Int { self == .single ? 4 : 8 }
}
