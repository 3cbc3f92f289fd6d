import Foundation

// `make schema`: writes what is made of the layer kinds below a folder, the repository's root.
do {
  guard CommandLine.arguments.count == 2 else {
    throw CocoaError(.fileNoSuchFile, userInfo: [NSLocalizedDescriptionKey: "name the root"])
  }
  let root = URL(filePath: CommandLine.arguments[1])
  for file in GeneratedFile.all {
    let (old, new) = try file.read(below: root)
    if old != new {
      try new.write(to: root.appending(path: file.path), atomically: true, encoding: .utf8)
    }
    print(old == new ? "unchanged" : "written  ", file.path)
  }
} catch {
  FileHandle.standardError.write(Data("schema-writer: \(error)\n".utf8))
  exit(1)
}
