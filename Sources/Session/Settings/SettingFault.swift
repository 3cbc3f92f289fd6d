/// What is wrong with a setting, in the words of an error behind the option's name.
package struct SettingFault: Error, CustomStringConvertible {
  /// The words.
  package let description: String

  /// A fault in these words.
  package init(_ description: String) { self.description = description }
}
