// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Checksums of texts: known values, eight digits.

import Testing

@testable import DataFormats

@Suite struct ChecksumTests {
  /// The check value of CRC-32, and some found by zlib elsewhere.
  @Test func knownValues() {
    #expect("123456789".checksum == "cbf43926")
    #expect("".checksum == "00000000")
    #expect("a".checksum == "e8b7be43")
    #expect("é".checksum == "0e048d3e")
    #expect("text 38444".checksum == "0000aa42")
  }
}
