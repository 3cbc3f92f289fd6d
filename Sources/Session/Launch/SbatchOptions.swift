/// Options of `sbatch`, as a user writes them.
package enum SbatchOptions {
  /// An option's name without dashes and value; of a short one its letter.
  package static func name(of option: String) -> String {
    if option.hasPrefix("--") { return String(option.dropFirst(2).prefix { $0 != "=" }) }
    return String(option.dropFirst().prefix(1))
  }

  /// Whether options of `sbatch` hold one of these; names are whole, letters are those of short options.
  package static func holds(_ options: [String], _ names: Set<String>) -> Bool {
    options.contains { $0.hasPrefix("-") && names.contains(name(of: $0)) }
  }
}
