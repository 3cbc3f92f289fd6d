import Files

/// Where what was measured goes when the folder that was asked for cannot take it.
package enum Refuge {
  /// The places, in the order in which they are tried: here, the folder of temporary files, home.
  package static var places: [String] {
    var list: [String] = []
    for place in [".", Environment.filled("TMPDIR"), "/tmp", Environment.filled("HOME")] {
      if let place, !list.contains(place) { list.append(place) }
    }
    return list
  }

  /// Saves a document as `NAME.json` in the first place that takes it; its path, nil where none does.
  package static func save(_ json: [UInt8], as name: String) -> String? {
    for place in places {
      let folder = OutputFolder(existing: place)
      if let given = try? folder.writeNew(json, as: name, suffix: ".json") {
        return folder.join(given + ".json")
      }
    }
    return nil
  }

  /// The failure of a document that could not be saved where it should be.
  package static func failure(_ failure: Failure, savedAt path: String?) -> Failure {
    guard let path else {
      return Failure(
        failure.exit, "\(failure.message); no other place takes it either: it is not saved",
        remedy: failure.remedy)
    }
    return Failure(
      failure.exit, failure.message,
      remedy: "it is saved at \(path); \(failure.remedy ?? "move it")")
  }
}
