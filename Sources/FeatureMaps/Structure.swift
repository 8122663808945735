// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Words for what maps are made of.

/// "1 column", "2 columns".
func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  "\(count) \(count == 1 ? one : many ?? one + "s")"
}

/// "by degree 0: 1, 2: 40" for the counts of degree 0, 1, …; those of zero are left out.
func listed(_ counts: [Int]) -> String {
  "by degree "
    + counts.enumerated().filter { $1 > 0 }.map { "\($0): \($1)" }.joined(separator: ", ")
}
