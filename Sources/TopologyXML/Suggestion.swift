import XMLTree

/// What a name that is not known may have meant.
public enum Suggestion {
  /// The candidate nearest to `name`, if one is near enough to be meant: one slip in every three
  /// characters, at least one.
  public static func nearest(to name: String, among candidates: [String]) -> String? {
    Spelling.suggestion(for: name, among: candidates)
  }
}
