// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Checksums of texts.

import CZlib

extension String {
  /// The CRC-32 of the text in UTF-8, as eight hexadecimal digits.
  package var checksum: String {
    var text = self
    let value = text.withUTF8 { bytes in
      // zlib takes at most 4 GB at once.
      stride(from: 0, to: bytes.count, by: 1 << 30).reduce(crc32(0, nil, 0)) { sum, start in
        let part = bytes[start..<min(bytes.count, start + 1 << 30)]
        return UnsafeBufferPointer(rebasing: part).withMemoryRebound(to: Bytef.self) {
          crc32(sum, $0.baseAddress, uInt($0.count))
        }
      }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
