/// Numbers as people read them, without a locale: a report is the same everywhere.
enum Figures {
  /// A number with a fixed count of decimals; a true minus sign, and no minus zero.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return value.isFinite ? "\(value)" : "–" }
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let (scaled, overflow) = Int64(value.magnitude.rounded(.down))
      .multipliedReportingOverflow(by: scale)
    guard !overflow else { return "\(value)" }
    let part = (value.magnitude - value.magnitude.rounded(.down)) * Double(scale)
    let total = scaled + Int64(part.rounded())
    let sign = value < 0 && total > 0 ? "−" : ""
    guard decimals > 0 else { return sign + String(total) }
    let digits = String(total % scale)
    let zeros = String(repeating: "0", count: decimals - digits.utf8.count)
    return "\(sign)\(total / scale).\(zeros)\(digits)"
  }

  /// About three significant digits: `0.123`, `1.23`, `12.3`, `123`; `2.67e−6` below 0.001.
  static func short(_ value: Double) -> String {
    switch value.magnitude {
    case 0: "0"
    case ..<0.001: scientific(value)
    case ..<0.9995: fixed(value, 3)
    case ..<9.995: fixed(value, 2)
    case ..<99.95: fixed(value, 1)
    default: fixed(value, 0)
    }
  }

  static func scientific(_ value: Double) -> String {
    var (mantissa, exponent) = (value, 0)
    while mantissa.magnitude < 0.9995 {
      mantissa *= 10
      exponent += 1
    }
    return "\(short(mantissa))e−\(exponent)"
  }

  /// With a decimal prefix: `67.1 M`, `59.4 k`, `812`.
  static func prefixed(_ value: Double, unit: String = "") -> String {
    let steps: [(Double, String)] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
    // 999,950 would print as 1000 k: step up where rounding would.
    for (scale, prefix) in steps where value.magnitude >= scale * 0.9995 {
      return "\(short(value / scale)) \(prefix)\(unit)"
    }
    let number =
      value == value.rounded() && value.magnitude < 1000 ? fixed(value, 0) : short(value)
    return unit.isEmpty ? number : "\(number) \(unit)"
  }

  /// How many a second: as it is up to five digits, beyond with a prefix, `1.87 M`.
  static func rate(_ value: Double) -> String {
    value.magnitude < 99_999.5 ? short(value) : prefixed(value)
  }

  /// Bytes with a decimal prefix, `16.8 MB`: the unit of bandwidths and of files.
  static func bytes(_ value: Double) -> String { prefixed(value, unit: "B") }

  /// Bytes with a binary prefix, `32 MiB`: the unit of caches.
  static func binaryBytes(_ value: Int) -> String {
    let steps: [(Int, String)] = [
      (1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"),
    ]
    for (scale, unit) in steps where value >= scale {
      let amount = Double(value) / Double(scale)
      return amount == amount.rounded() ? "\(value / scale) \(unit)" : "\(short(amount)) \(unit)"
    }
    return "\(value) B"
  }

  /// A share of 1 as percent with one decimal, without the sign.
  static func percent(_ share: Double) -> String { fixed(share * 100, 1) }

  /// A percentage with its sign: `+3.1 %`, `−12.0 %`.
  static func signedPercent(_ percent: Double) -> String {
    "\(signed(percent)) %"
  }

  /// One decimal with its sign.
  static func signed(_ value: Double) -> String {
    let text = fixed(value, 1)
    return value > 0 && text != "0.0" ? "+" + text : text
  }

  /// A whole number with thin groups: `67,125,248`.
  static func grouped(_ value: Int) -> String {
    var result = ""
    let digits = String(value.magnitude)
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { result.append(",") }
      result.append(digit)
    }
    return (value < 0 ? "−" : "") + result
  }

  /// A probability: `0.003`, `< 0.001`.
  static func probability(_ p: Double) -> String { p < 0.001 ? "< 0.001" : fixed(p, 3) }
}
