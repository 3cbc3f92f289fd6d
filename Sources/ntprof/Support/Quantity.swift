/// Numbers in the words of a message.
enum Quantity {
  /// Bytes with a binary unit and three digits.
  static func bytes(_ count: Int) -> String {
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
  static func grouped(_ count: Int) -> String {
    var text = ""
    for (place, digit) in String(count.magnitude).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (count < 0 ? "-" : "") + String(text.reversed())
  }
}
