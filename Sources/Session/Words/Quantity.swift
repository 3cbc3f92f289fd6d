/// Numbers in the words of a message.
package enum Quantity {
  /// Nanoseconds with a unit and three digits.
  package static func time(_ nanoseconds: Double) -> String {
    var value = nanoseconds
    var unit = "ns"
    for next in ["µs", "ms", "s"] where value >= 999.5 {
      value /= 1000
      unit = next
    }
    let digits = value >= 99.95 ? 1.0 : value >= 9.995 ? 10.0 : 100.0
    let rounded = (value * digits).rounded() / digits
    return rounded == rounded.rounded()
      ? "\(Int(min(rounded, 1e15))) \(unit)" : "\(rounded) \(unit)"
  }

  /// A change, like `+3.1 %`.
  package static func change(_ fraction: Double) -> String {
    let percent = (fraction * 1000).rounded() / 10
    return "\(percent < 0 ? "−" : "+")\(abs(percent)) %"
  }

  /// Bytes with a binary unit and three digits.
  package static func bytes(_ count: Int) -> String {
    var value = Double(count)
    var unit = "B"
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] where value >= 1024 {
      value /= 1024
      unit = next
    }
    let digits = value >= 100 || unit == "B" ? 1.0 : 10.0
    let rounded = (value * digits).rounded() / digits
    return rounded == rounded.rounded() ? "\(Int(rounded)) \(unit)" : "\(rounded) \(unit)"
  }

  /// A count with commas between thousands.
  package static func grouped(_ count: Int) -> String {
    var text = ""
    for (place, digit) in String(count.magnitude).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (count < 0 ? "-" : "") + String(text.reversed())
  }
}
