import Files
import Foundation
import Model
import Testing
import Topology

/// A copy of bytes, as memory of tensors; they begin at an odd address, as those of files may.
func memory(_ bytes: [UInt8]) throws -> TensorMemory {
  TensorMemory(try MappedFile(holding: [0] + bytes)).part(1..<bytes.count + 1)
}

@Suite struct SafetensorsTests {
  /// A file of a header and so many bytes of data.
  private func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes += $0 }
    return bytes + header.utf8 + data
  }

  private func read(_ bytes: [UInt8]) throws -> SafetensorsFile {
    try SafetensorsFile(memory(bytes), name: "w.safetensors")
  }

  private func fault(_ bytes: [UInt8]) -> String {
    do {
      _ = try SafetensorsFile(memory(bytes), name: "w")
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test func tensorsOfEveryType() throws {
    let header = """
      {"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},\
      "b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]},\
      "c":{"dtype":"I64","shape":[],"data_offsets":[12,20]},\
      "d":{"dtype":"BOOL","shape":[3],"data_offsets":[20,23]},\
      "e":{"dtype":"I8","shape":[2],"data_offsets":[23,25]},\
      "f":{"dtype":"F64","shape":[1],"data_offsets":[25,33]},\
      "\\u00e4\\ud83d\\ude00\\n":{"dtype":"F32","shape":[0],"data_offsets":[33,33]},\
      "__metadata__":{"by":"hand"}}
      """
    // 1, −2, the smallest subnormal and −infinity of binary16.
    var data: [UInt8] = [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0x00, 0xFC]
    data += [0x80, 0x3F, 0x40, 0xC0]  // 1, −3 of bfloat16.
    data += [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]  // −2.
    data += [0, 1, 7]
    data += [0xFF, 0x7F]
    data += [0, 0, 0, 0, 0, 0, 0xE0, 0x3F]  // 0.5.
    let file = try read(file(header, data: data))
    #expect(file.keys == ["a", "b", "c", "d", "e", "f", "ä😀\n"])
    #expect(file.metadata == ["by": "hand"])
    #expect(file.tensor("a")?.values() == [1, -2, 0x1p-24, -.infinity])
    #expect(file.tensor("b")?.values() == [1, -3])
    #expect(file.tensor("b")?.dims == [1, 2])
    #expect(file.tensor("c")?.values() == [-2])
    #expect(file.tensor("c")?.dims == [])
    #expect(file.tensor("d")?.values() == [0, 1, 1])
    #expect(file.tensor("e")?.values() == [-1, 127])
    #expect(file.tensor("f")?.values() == [0.5])
    #expect(file.tensor("ä😀\n")?.values() == [])
    #expect(file.tensor("g") == nil)
  }

  private func item(_ name: String, _ begin: Int, _ end: Int, _ shape: String = "[2]") -> String {
    "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
  }

  @Test func eachFaultIsNamed() {
    let data = [UInt8](repeating: 0, count: 16)
    #expect(fault([1, 2]) == "w: 2 bytes are no safetensors file, whose header's length takes 8")
    #expect(
      fault(Array(repeating: 0xFF, count: 9)).hasPrefix("w: a header of 18446744073709551615 bytes")
    )
    let whole = file("{\(item("a", 0, 8))}", data: Array(data.prefix(8)))
    #expect(fault(whole) == "none")
    #expect(
      fault(Array(whole.prefix(20)))
        == "w: its header ends at byte 62, the file at 20: it is cut off")
    #expect(
      fault(Array(whole.dropLast()))
        == "w: tensor 'a' ends at byte 8 of the data, which has 7")
    #expect(
      fault(file("{\(item("a", 0, 8)),\(item("b", 4, 12))}", data: Array(data.prefix(12))))
        == "w: tensors 'a' and 'b' overlap")
    #expect(
      fault(file("{\(item("a", 0, 8)),\(item("a", 8, 16))}", data: data))
        == "w: its header has 'a' twice")
    #expect(
      fault(file("{\(item("a", 8, 16))}", data: data))
        == "w: bytes 0 to 8 of the data belong to no tensor")
    #expect(fault(whole + [0]) == "w: bytes 8 to 9 of the data belong to no tensor")
    #expect(
      fault(file("{\(item("a", 0, 8, "[3]"))}", data: Array(data.prefix(8))))
        == "w: tensor 'a' (F32, 3) has 8 bytes where its elements take 12")
    #expect(
      fault(file("{\(item("a", 0, 8, "[-2]"))}", data: Array(data.prefix(8))))
        == "w: the shape of tensor 'a' is no list of whole numbers ≥ 0")
    #expect(
      fault(file("{\(item("a", 0, 8, "[4611686018427387904,4]"))}", data: Array(data.prefix(8))))
        == "w: the shape of tensor 'a' has too many elements")
    // No element is there, and yet the steps along its axes would not fit.
    #expect(
      fault(file("{\(item("a", 0, 0, "[0,4611686018427387904,4]"))}"))
        == "w: the shape of tensor 'a' has too many elements")
    #expect(
      fault(file("{\(item("a", 8, 0))}"))
        == "w: the data_offsets of tensor 'a' are no two whole numbers in order")
    #expect(
      fault(file("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[],\"data_offsets\":[0,1]}}", data: [0]))
        .hasPrefix("w: tensor 'a' has elements of F8_E4M3, which are not read; known are F64, F32"))
    #expect(
      fault(file("{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}"))
        == "w: tensor 'a' has no 'dtype'")
    #expect(fault(file("[]")) == "w: its header is no JSON object")
    #expect(fault(file("{\"a\":1}")) == "w: tensor 'a' is no JSON object")
  }

  @Test(arguments: [
    "", "{", "{\"a", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{}x", "{\"a\":01}", "{\"a\":--1}",
    "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}",
    "{\"\\x\":1}", "{\"\\ud800\":1}", "{\"a\u{1}\":1}", "{'a':1}", "{\"a\":nul}",
    String(repeating: "[", count: 5000),
  ])
  func textThatIsNoJSON(_ header: String) {
    #expect(fault(file(header)).contains("its header is no JSON"))
  }

  /// Every byte of a small file, changed and left out: an error or a file, and never a crash.
  @Test func damagedFilesAreFaultsOrFiles() throws {
    let whole = file(
      "{\(item("a", 0, 8)),\(item("b", 8, 16, "[1,2]"))}", data: [UInt8](0..<16))
    var faults = 0
    for place in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[place] ^= 1 << bit
        if let file = try? read(bytes) {
          for key in file.keys { #expect(file.tensor(key)?.values().count == 2) }
        } else {
          faults += 1
        }
      }
      #expect(fault(Array(whole.prefix(place))) != "none")
    }
    #expect(faults > whole.count)
  }

  @Test func theWriterKeepsTypesAndAligns() throws {
    let half = KeyedTensor(try memory([0x00, 0x3C, 0x00, 0xC0]), .f16, dims: [2, 1])
    let writer = SafetensorsWriter(
      [("h\"\\\n", half), ("f", KeyedTensor([1, 2, 3], dims: [3]))], metadata: ["k": "v"])
    var bytes: [UInt8] = []
    writer.write { $0.withUnsafeBytes { bytes += $0 } }
    #expect(bytes.count == writer.byteCount)
    #expect((bytes.count - 16).isMultiple(of: 8))
    let file = try read(bytes)
    #expect(file.keys == ["h\"\\\n", "f"])
    #expect(file.tensor("h\"\\\n")?.elementType == .f16)
    #expect(file.tensor("h\"\\\n")?.values() == [1, -2])
    #expect(file.tensor("f")?.values() == [1, 2, 3])
    #expect(file.metadata == ["k": "v"])
  }

  @Test func filesThatCannotBeMapped() throws {
    #expect(throws: SafetensorsError.self) { try SafetensorsFile("/nonexistent/w.safetensors") }
    let error = try #require(throws: SafetensorsError.self) { try SafetensorsFile("/dev/zero") }
    #expect(error.description == "/dev/zero: is a device, not a regular file")
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(file("{\(item("a", 0, 8))}", data: [UInt8](repeating: 0, count: 8)))
      .write(to: URL(filePath: path))
    #expect(try SafetensorsFile(path).tensor("a")?.values() == [0, 0])
    try Data().write(to: URL(filePath: path))
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(path) }
  }
}
