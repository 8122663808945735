// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The command `sketching`: its subcommands, and how it ends.

import ArgumentParser
import Foundation
import Sketching

@main
struct SketchingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sketching",
    abstract: "Exact kernels of points and infinitely wide networks, and sketches of them.",
    discussion: """
      EXAMPLE
        sketching demo --train 5000 --dimension 2048

      Points come from NumPy (.npy, .npz:NAME), IDX (.gz too), LIBSVM or CSV files.
      The exit status is 0, or 2 for bad arguments or data, or 1 for anything else.
      """,
    version: "0.1.0",
    subcommands: [
      KernelCommand.self, SketchCommand.self, FeaturesCommand.self, VerifyCommand.self,
      FitCommand.self, PredictCommand.self, DemoCommand.self, BenchCommand.self,
    ])

  static func main() {
    let signals = Interruption.handle()
    defer { withExtendedLifetime(signals) {} }
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      leave(afterParsing: error)
    }
    do {
      try command.run()
    } catch {
      // Help is a command too, which ends by throwing its text.
      if exitCode(for: error) == .success { leave(afterParsing: error) }
      leave(error)
    }
  }

  /// Ends on help that was asked for, with status 0, or on arguments that cannot be parsed.
  private static func leave(afterParsing error: any Error) -> Never {
    if exitCode(for: error) == .success {
      print(fullMessage(for: error))
      Foundation.exit(0)
    }
    let name = CommandLine.arguments.dropFirst().first { argument in
      configuration.subcommands.contains { $0.configuration.commandName == argument }
    }
    let help = ["sketching", name, "--help"].compactMap { $0 }.joined(separator: " ")
    // Long lists of values come a line each; an error is one line.
    let reason = message(for: error).replacing("\n  - ", with: ", ")
      .replacing(":, ", with: ": ")
    Console.write("error: \(reason)\nSee '\(help)'.")
    Foundation.exit(2)
  }

  private static func leave(_ error: any Error) -> Never {
    Console.write("error: \(error)")
    Foundation.exit(
      error is InvalidInput || error is FileError || error is NotPositiveDefinite ? 2 : 1)
  }
}
