// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Holds the variance over 20,000 seeds against the exact one, for every row of a file like
// Tests/Goldens/variances.json up to degree 4, and fails if a score exceeds 5.
//
// Usage: Variances FILE [draws]

import Foundation
import Sketching

struct Goldens: Decodable {
  struct Pair: Decodable {
    let x: [Double]
    let y: [Double]
  }
  struct Row: Decodable {
    let pair: String
    let p: Int
    let dimension: Int
    let exact: Double
    let variances: [String: Double]

    enum CodingKeys: String, CodingKey {
      case pair, p, exact
      case dimension = "D"
      case variances = "var"
    }
  }
  let pairs: [String: Pair]
  let rows: [Row]
}

typealias Maker = @Sendable (PolynomialSketchParameters) throws -> any PolynomialSketch

func product(_ weights: ProductSketch.Weights, _ isComplex: Bool) -> Maker {
  { try ProductSketch(ProductSketchParameters($0, weights: weights, isComplex: isComplex)) }
}

func transforms(_ blocks: TensorSRHT.Blocks, _ isComplex: Bool) -> Maker {
  { try TensorSRHT(TensorSRHTParameters($0, blocks: blocks, isComplex: isComplex)) }
}

let laws: [(String, Maker)] = [
  ("gaussian", product(.gaussian, false)), ("ctr_gaussian", product(.gaussian, true)),
  ("rademacher", product(.rademacher, false)), ("ctr_rademacher", product(.rademacher, true)),
  ("srht_shared", transforms(.shared, false)), ("srht_indep", transforms(.independent, false)),
  ("ctr_srht_shared", transforms(.shared, true)),
  ("ctr_srht_indep", transforms(.independent, true)), ("tensorsketch", { try TensorSketch($0) }),
]

/// ⟨Sx, Sy⟩ for every seed.
func products(
  _ make: Maker, _ parameters: PolynomialSketchParameters, _ pair: Goldens.Pair, draws: Int
) throws -> [Double] {
  let points = Rows.dense(try Matrix(rows: [pair.x, pair.y]))
  let products = try Matrix<Double>(rowCount: 1, columnCount: draws) { base in
    nonisolated(unsafe) let output = base
    try Parallel.forEachBlock(of: draws, size: 64, on: .allCores) { range, _ in
      for draw in range {
        var parameters = parameters
        parameters.seed = UInt64(draw)
        let z = try make(parameters).apply(to: points, on: Execution(threads: 1))
        output[draw] = zip(z.row(0), z.row(1)).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
  }
  return Array(products.elements)
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else {
  print("usage: Variances FILE [draws]")
  exit(2)
}
let draws = arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000
let goldens = try JSONDecoder().decode(
  Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: arguments[1])))
var failures = 0
print("law                  rows  exact  largest |z|  root mean square z")
for (name, make) in laws {
  var (count, exactCount, largest, squares) = (0, 0, 0.0, 0.0)
  for row in goldens.rows where row.p <= 4 {
    guard let expected = row.variances[name], let pair = goldens.pairs[row.pair] else { continue }
    let parameters = PolynomialSketchParameters(
      inputDimension: pair.x.count, degree: row.p, outputDimension: row.dimension, seed: 0)
    let values = try products(make, parameters, pair, draws: expected == 0 ? 200 : draws)
    let mean = values.reduce(0, +) / Double(values.count)
    if expected == 0 {
      exactCount += 1
      let isExact = values.allSatisfy { abs($0 - row.exact) <= 1e-12 * max(1, abs(row.exact)) }
      if !isExact {
        failures += 1
        print("\(name), \(row.pair), degree \(row.p), D = \(row.dimension): not exact")
      }
      continue
    }
    let n = Double(values.count)
    let second = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let fourth = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) * ($1 - mean) } / n
    let z = (second - expected) / ((fourth - second * second) / n).squareRoot()
    count += 1
    squares += z * z
    largest = max(largest, abs(z))
    if abs(z) >= 5 {
      failures += 1
      print("\(name), \(row.pair), degree \(row.p), D = \(row.dimension): z = \(z)")
    }
  }
  print(
    name.padding(toLength: 20, withPad: " ", startingAt: 0)
      + String(
        format: "%5d  %5d  %11.2f  %18.2f", count, exactCount, largest,
        (squares / Double(max(1, count))).squareRoot()))
}
if failures > 0 { exit(1) }
