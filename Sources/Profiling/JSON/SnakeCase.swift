/// Turns a property's name into its JSON key: `firstInferenceNs` → `first_inference_ns`.
///
/// A digit does not begin a word (`sha256`, `ci95`), nor does an acronym's next letter occur: the
/// record's names have none.
func snakeCase(_ name: String) -> String {
  var result = ""
  for character in name {
    if character.isUppercase {
      if !result.isEmpty { result.append("_") }
      result.append(contentsOf: character.lowercased())
    } else {
      result.append(character)
    }
  }
  return result
}
