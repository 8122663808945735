// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The hash that names data in a certificate.

/// SHA-256 of a stream of bytes.
///
/// - Source: FIPS PUB 180-4, "Secure hash standard", 2015.
struct SHA256 {
  private var state: [UInt32]
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  init() {
    state = Self.fractions(2, of: 8)
  }

  /// The first 32 bits of the fractional parts of the roots of degree 2 or 3 of the first primes.
  private static func fractions(_ degree: Int, of count: Int) -> [UInt32] {
    var (primes, candidate) = ([UInt64](), 2 as UInt64)
    while primes.count < count {
      if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes.map { prime in
      // The largest r with rᵈ ≤ prime · 2^(32d), bit by bit; its low 32 bits are the fraction's.
      var root: UInt64 = 0
      for bit in (0..<37 as Range<UInt64>).reversed() {
        let trial = root | 1 << bit
        if isPower(of: trial, degree, atMost: prime) { root = trial }
      }
      return UInt32(truncatingIfNeeded: root)
    }
  }

  /// Whether trial^degree ≤ prime · 2^(32 · degree).
  private static func isPower(of trial: UInt64, _ degree: Int, atMost prime: UInt64) -> Bool {
    var power = UInt128(trial) * UInt128(trial)
    if degree == 3 { power *= UInt128(trial) }
    return power <= UInt128(prime) << UInt128(32 * degree)
  }

  private static let constants = fractions(3, of: 64)

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      start = min(64 - pending.count, bytes.count)
      pending += bytes[..<start]
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { Self.compress($0, &state) }
      pending.removeAll(keepingCapacity: true)
    }
    while start + 64 <= bytes.count {
      Self.compress(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]), &state)
      start += 64
    }
    pending += bytes[start...]
  }

  /// The hash of all bytes so far, as 64 hexadecimal digits.
  var hexadecimal: String {
    var last = self
    let zeros = (119 - Int(byteCount % 64)) % 64
    let tail = [0x80] + [UInt8](repeating: 0, count: zeros)
    let length = (0..<8).map {
      UInt8(truncatingIfNeeded: (byteCount << 3) >> (56 - 8 * UInt64($0)))
    }
    (tail + length).withUnsafeBytes { last.update($0) }
    return last.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private static func compress(_ block: UnsafeRawBufferPointer, _ state: inout [UInt32]) {
    func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
      word &>> count | word &<< (32 - count)
    }
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
      for i in 0..<16 {
        w[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
      }
      for i in 16..<64 {
        let (early, late) = (w[i - 15], w[i - 2])
        let s0 = rotated(early, 7) ^ rotated(early, 18) ^ early &>> 3
        let s1 = rotated(late, 17) ^ rotated(late, 19) ^ late &>> 10
        w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      constants.withUnsafeBufferPointer { k in
        for i in 0..<64 {
          let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
          let first = h &+ s1 &+ (e & f ^ ~e & g) &+ k[i] &+ w[i]
          let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
          let second = s0 &+ (a & b ^ a & c ^ b & c)
          (h, g, f, e) = (g, f, e, d &+ first)
          (d, c, b, a) = (c, b, a, first &+ second)
        }
      }
      for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= word }
    }
  }
}
