import DNNL
import Testing

/// Memory descriptors, formats and errors.
@Suite struct MemoryTests {
  @Test(arguments: [
    ("nchw", 4, "abcd"), ("nhwc", 4, "acdb"), ("nChw16c", 4, "aBcd16b"), ("ncw", 3, "abc"),
    ("nwc", 3, "acb"), ("tnc", 3, "abc"), ("ntc", 3, "bac"), ("nCdhw8c", 5, "aBcde8b"),
    ("acdb", 4, "acdb"), ("nc", 2, "ab"), ("ABcd16b16a2b", 4, "ABcd16b16a2b"),
  ])
  func formatsHaveOneName(_ text: String, _ rank: Int, _ canonical: String) throws {
    let format = try #require(MemoryFormat(text, rank: rank))
    #expect(format.description == canonical)
    let dims = Array([2, 32, 5, 6, 7].prefix(rank))
    #expect(try MemoryDescriptor(dims, .f32, format).format == canonical)
  }

  @Test(arguments: [("nhwc", 2), ("bogus", 4), ("any", 4), ("", 1), ("ab", 3), ("nchw", 5)])
  func otherFormatsAreRefused(_ text: String, _ rank: Int) {
    #expect(MemoryFormat(text, rank: rank) == nil)
  }

  @Test func descriptorsKnowTheirParts() throws {
    let blocked = try #require(MemoryFormat("nChw16c", rank: 4))
    let descriptor = try MemoryDescriptor([1, 3, 4, 5], .f32, blocked)
    #expect(descriptor.dims == [1, 3, 4, 5])
    #expect(descriptor.dataType == .f32)
    // Three channels are padded to sixteen.
    #expect(descriptor.size == 16 * 4 * 5 * 4)
    #expect(try descriptor == MemoryDescriptor([1, 3, 4, 5], .f32, blocked))
    #expect(try descriptor != MemoryDescriptor([1, 3, 4, 5]))
    #expect(try MemoryDescriptor([2, 6], .bf16).size == 24)
    #expect(try MemoryDescriptor([2, 6]).reshaped([3, 4]).dims == [3, 4])
    #expect(try MemoryDescriptor([2, 3], .f32, strides: [1, 2]).format == "ba")
    #expect(try MemoryDescriptor([2, 3], .f32, .any).format == "any")
  }

  @Test func reordersMoveElements() throws {
    let engine = try Engine()
    let stream = try Stream(engine)
    let plain = try MemoryDescriptor([1, 2, 1, 3])
    let last = try MemoryDescriptor([1, 2, 1, 3], .f32, #require(MemoryFormat("nhwc", rank: 4)))
    let none = try PrimitiveAttributes.make()
    let primitive = try Primitive(
      PrimitiveDescriptor.reorder(engine, src: plain, dst: last, none))
    var source: [Float] = [1, 2, 3, 4, 5, 6]
    var target = [Float](repeating: 0, count: 6)
    try source.withUnsafeMutableBytes { source in
      try target.withUnsafeMutableBytes { target in
        let from = try Memory(plain, engine, data: #require(source.baseAddress))
        let to = try Memory(last, engine, data: #require(target.baseAddress))
        try primitive.execute(stream, [(.src, from), (.dst, to)])
        let list = CommandList(stream, [(primitive, [(.src, from), (.dst, to)])])
        try list.submit(0)
        try list.wait()
      }
    }
    #expect(target == [1, 4, 2, 5, 3, 6])
  }

  @Test func errorsNameTheCall() throws {
    let error = #expect(throws: DNNLError.self) { try MemoryDescriptor([-2, 1]) }
    #expect(error?.description == "dnnl_memory_desc_create_with_tag: invalid_arguments")
    #expect(throws: DNNLError.self) { try Library.capISA("pentium") }
  }

  @Test func libraryTellsWhatItIs() {
    #expect(Library.version.split(separator: ".").count == 3)
    #expect(Library.runtime == "OpenMP")
    #expect(!Library.isa.isEmpty)
  }

  @Test func matrixProduct() throws {
    var c = [Float](repeating: 0, count: 4)
    try Library.sgemm(m: 2, n: 2, k: 3, a: [1, 2, 3, 4, 5, 6], b: [1, 0, 0, 1, 1, 1], c: &c)
    #expect(c == [4, 5, 10, 11])
  }
}
