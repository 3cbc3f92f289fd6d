import Files
import Foundation
import Testing

/// Files appear whole or not at all, and never in the place of another that nobody meant.
@Suite struct TemporaryFileTests {
  @Test("one that is let go of leaves nothing, one that appears is whole")
  func appears() throws {
    try FileReaderTests.withFolder { folder in
      do {
        let file = try TemporaryFile(in: folder)
        try file.write(Array("half".utf8).span.bytes)
      }
      #expect(FilePlace(folder).entries == [])
      let file = try TemporaryFile(in: folder, holding: Array("whole".utf8))
      #expect(FilePlace("\(folder)/f").kind == nil)
      try file.appear(as: "\(folder)/f")
      #expect(FileReader.text("\(folder)/f") == "whole")
      #expect(FilePlace(folder).entries == ["f"])
    }
  }

  @Test("a name that is taken is kept by who has it, unless it is to be replaced")
  func taken() throws {
    try FileReaderTests.withFolder { folder in
      let place = "\(folder)/f"
      #expect(try TemporaryFile(in: folder, holding: [1]).appear(asNew: place))
      #expect(try !TemporaryFile(in: folder, holding: [2]).appear(asNew: place))
      #expect(try FileReader.read(place) == [1])
      try TemporaryFile(in: folder, holding: [3]).appear(as: place)
      #expect(try FileReader.read(place) == [3])
      #expect(FilePlace(folder).entries == ["f"])
    }
  }

  @Test("where there is no folder, the kernel's word is passed on")
  func nowhere() {
    let error = #expect(throws: SystemCallError.self) { try TemporaryFile(in: "/no/such") }
    #expect(error?.description == "open: No such file or directory")
  }

  @Test("places say what is there, through links")
  func places() throws {
    try FileReaderTests.withFolder { folder in
      try FilePlace("\(folder)/d").makeFolder()
      #expect(throws: SystemCallError.self) { try FilePlace("\(folder)/d").makeFolder() }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/l", withDestinationPath: "\(folder)/d")
      #expect(FilePlace("\(folder)/l").kind == .folder)
      #expect(FilePlace("\(folder)/l").resolved?.hasSuffix("/d") == true)
      #expect(FilePlace("\(folder)/none").resolved == nil)
      #expect(Set(FilePlace(folder).entries) == ["d", "l"])
      #expect(FilePlace("\(folder)/d").removeFolder() && FilePlace("\(folder)/l").removeFile())
      #expect(FilePlace("/dev/null").kind == .other && !FilePlace("/dev/null").isExecutable)
    }
  }
}
