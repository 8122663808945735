// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps inside of maps: as many rows as the outer one has, in blocks that the inner one takes.

import LinearAlgebra

extension RowMap {
  /// Writes the image of every row, however many there are.
  func mapInBlocks<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    for start in stride(from: 0, to: rows.rowCount, by: blockRowCount) {
      map(
        rows.rows(start..<min(rows.rowCount, start + blockRowCount)),
        into: RowOutput(base: output.row(start), stride: output.stride), workspace: workspace)
    }
  }
}
