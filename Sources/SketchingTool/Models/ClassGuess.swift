// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Whether targets are classes, where nobody says so.

import Sketching

extension Matrix<Double> {
  /// Whether these targets are one column of 2 to 100 different whole numbers.
  var looksLikeClasses: Bool {
    guard columnCount == 1 else { return false }
    let classes = Set(elements)
    return (2...100).contains(classes.count) && classes.allSatisfy { Int(exactly: $0) != nil }
  }
}
