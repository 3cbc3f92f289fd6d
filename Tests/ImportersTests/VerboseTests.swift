import Importers
import Profiling
import TestSupport
import Testing

/// Verbose logs of all versions become records.
@Suite struct VerboseTests {
  private func profile(_ lines: [String], passes: Int? = nil) throws -> ImportedProfile {
    try VerboseImport.profile(lines.joined(separator: "\n"), file: "x.log", passes: passes)
  }

  private func record(_ profile: ImportedProfile) -> RunRecord {
    profile.record(
      topology: TopologyInfo(name: "x", source: "x.log", sha256: "", parameters: [:]),
      created: "2026-01-02T03:04:05Z", tool: Tool(name: "ntprof", version: "0"), command: [])
  }

  /// One convolution with a ReLU behind it, as each version writes it.
  static let versions: [(version: String, isa: String, lines: [String])] = [
    (
      "0.20.0", "avx2",
      [
        "mkldnn_verbose,info,Intel(R) MKL-DNN v0.20.0 (Git Hash N/A),Intel(R) Advanced Vector Extensions 2 (Intel(R) AVX2)",
        "mkldnn_verbose,create,convolution,jit:avx2,forward_training,fsrc:nchw fwei:Ohwi8o fbia:undef fdst:nChw8c,alg:convolution_direct,mb1_ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3,0.1",
        "mkldnn_verbose,exec,reorder,jit:uni,undef,in:f32_hwio out:f32_Ohwi8o,num:1,64x3x7x7,0.5",
        "mkldnn_verbose,exec,convolution,jit:avx2,forward_training,fsrc:nchw fwei:Ohwi8o fbia:undef fdst:nChw8c,alg:convolution_direct,mb1_g1ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3,4.5",
        "mkldnn_verbose,exec,eltwise,jit:avx2,forward_training,fdata:nChw8c fdiff:undef,alg:eltwise_relu,mb1ic64ih112iw112,0.25",
      ]
    ),
    (
      "1.0.4", "avx512_core",
      [
        "mkldnn_verbose,info,Intel MKL-DNN v1.0.4 (commit N/A),Intel(R) Advanced Vector Extensions 512 (Intel(R) AVX-512)",
        "mkldnn_verbose,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 dst_f32::blocked:Acdb16a:f0,num:1,64x3x7x7,0.5",
        "mkldnn_verbose,exec,cpu,convolution,jit:avx512_common,forward_inference,src_f32::blocked:abcd:f0 wei_f32::blocked:Acdb16a:f0 bia_undef::undef::f0 dst_f32::blocked:aBcd16b:f0,alg:convolution_direct,mb1_ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3,4.5",
        "mkldnn_verbose,exec,cpu,eltwise,jit:avx512_common,forward_inference,data_f32::blocked:aBcd16b:f0 diff_undef::undef::f0,alg:eltwise_relu alpha:0 beta:0,1x64x112x112,0.25",
      ]
    ),
    (
      "2.6.3", "avx512_core_bf16",
      [
        "onednn_verbose,info,oneDNN v2.6.3 (commit N/A)",
        "onednn_verbose,info,cpu,runtime:threadpool,nthr:2",
        "onednn_verbose,info,cpu,isa:Intel AVX-512 with Intel DL Boost and bfloat16 support",
        "onednn_verbose,1700000000.125,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:cdba:f0 dst_f32:p:blocked:Acdb64a:f0,,,64x3x7x7,0.5",
        "onednn_verbose,1700000000.5,exec,cpu,convolution,brgconv:avx512_core,forward_training,src_f32::blocked:acdb:f0 wei_f32::blocked:Acdb64a:f0 bia_undef::undef::f0 dst_f32::blocked:acdb:f0,attr-scratchpad:user ,alg:convolution_direct,mb1_ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3,4.5",
        "onednn_verbose,1700000005.5,exec,cpu,eltwise,jit:avx512_core,forward_training,data_f32::blocked:acdb:f0 diff_undef::undef::f0,attr-scratchpad:user ,alg:eltwise_relu alpha:0 beta:0,1x64x112x112,0.25",
      ]
    ),
    (
      "3.6.0", "avx512_core_amx",
      [
        "onednn_verbose,v1,info,oneDNN v3.6.0 (commit N/A)",
        "onednn_verbose,v1,info,cpu,runtime:OpenMP,nthr:2",
        "onednn_verbose,v1,info,cpu,isa:Intel AVX-512 with float16, Intel DL Boost and bfloat16 support and Intel AMX with bfloat16 and 8-bit integer support",
        "onednn_verbose,v1,primitive,info,template:operation,engine,primitive,implementation,prop_kind,memory_descriptors,attributes,auxiliary,problem_desc,exec_time",
        "onednn_verbose,v1,primitive,create:cache_miss,cpu,convolution,x,forward_inference,src:f32::blocked:acdb::f0,,,mb1,3",
        "onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef,src:f32::blocked:abcd::f0 dst:f32::blocked:Acdb16a::f0,,,64x3x7x7,0.5",
        "onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx512_core,forward_inference,src:f32:a:blocked:abcd::f0 wei:f32:a:blocked:Acdb16a::f0 bia:undef::undef::: dst:f32:a:blocked:aBcd16b::f0,attr-scratchpad:user attr-post-ops:eltwise_relu,alg:convolution_direct,mb1_ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3,4.75",
        "onednn_verbose,v1,graph,exec,cpu,100002,conv_post_ops,conv,,in0_f32:0:strided:undef:1x3x224x224,fpm:strict,k,b,5.5",
      ]
    ),
  ]

  @Test(arguments: versions)
  func everyVersionGivesTheSameLayer(
    sample: (version: String, isa: String, lines: [String])
  ) throws {
    let record = record(try profile(sample.lines))
    #expect(record.origin?.version == sample.version)
    #expect(record.machine.onednn?.isa == sample.isa)
    let layer = try #require(record.layers.first)
    #expect(record.layers.count == 1)
    #expect(layer.name == "conv1")
    #expect(layer.kind == "conv")
    #expect(layer.macs == 118_013_952)
    #expect(layer.parameters == 9408)
    #expect(layer.flops == 2 * 118_013_952 + 64 * 112 * 112)
    #expect(layer.inputShapes == ["1x3x224x224"])
    #expect(layer.outputShape == "1x64x112x112")
    #expect(layer.time?.median == 5.25e6)
    #expect(layer.primitives.first?.kind == "reorder")
    #expect(layer.primitives.first?.time?.median == 0.5e6)
    #expect(layer.primitives[1].algorithm == "convolution_direct")
    #expect(layer.primitives[1].formats["src"] != nil)
    #expect(record.machine.cores == nil)
  }

  @Test func aCommaForThePointIsUnderstood() throws {
    let profile = try profile([
      "mkldnn_verbose,exec,reorder,jit:uni,undef,in:f32_nChw8c out:f32_nchw,num:1,48x192x16x16,1,5",
      "mkldnn_verbose,exec,convolution,jit_1x1:avx2,forward_training,fsrc:nChw8c fwei:OIhw8i8o fbia:undef fdst:nChw8c,alg:convolution_direct,mb48_ic912oc192_ih16oh16kh1sh1dh0ph0_iw16ow16kw1sw1dw0pw0,12,25",
    ])
    #expect(record(profile).layers[0].time?.median == 13.75e6)
  }

  @Test func postOperationsBecomeElements() throws {
    let head = "onednn_verbose,exec,cpu,convolution,brgconv:avx512_core,forward_training,"
    let memory =
      "src_s8::blocked:acdb:f0 wei_s8::blocked:Acdb16a:f0 bia_undef::undef::f0 dst_f32::blocked:acdb:f0,"
    let tail = ",alg:convolution_direct,mb2_ic4oc8_ih6oh6kh3sh1dh0ph1_iw6ow6kw3sw1dw0pw1,0.5"
    func layer(_ attributes: String) throws -> LayerRecord {
      record(try profile([head + memory + attributes + tail])).layers[0]
    }
    let plain = try layer("attr-scratchpad:user ")
    #expect(plain.precision == "int8")
    let folded = try layer(
      "attr-post-ops:binary_sub:f32:2+binary_mul:f32:2+binary_mul:f32:2+binary_add:f32:2+eltwise_bounded_relu:6 "
    )
    // A scale and a shift of eight channels.
    #expect(folded.parameters == plain.parameters + 16)
    #expect(folded.flops > plain.flops)
    #expect(folded.primitives[0].postOps.last == "eltwise_bounded_relu")
    let summed = try layer("post_ops:'sum;eltwise_relu;';")
    #expect(summed.inputShapes == ["2x4x6x6", "2x8x6x6"])
    let added = try layer("attr-post-ops:binary_add:f32:15+eltwise_relu")
    #expect(added.inputShapes == ["2x4x6x6", "2x8x6x6"])
  }

  @Test func linesOfOtherProgramsAndACutEndAreNoMatter() throws {
    var lines = Self.versions[2].lines
    lines.insert("2026-01-01 12:00:00 loading", at: 1)
    lines[4] = "[rank 0] " + lines[4]
    lines.append("onednn_verbose,exec,cpu,eltw")
    #expect(record(try profile(lines)).layers[0].time?.median == 5.25e6)
    lines.append(lines[4])
    let error = #expect(throws: ImportError.self) { _ = try profile(lines) }
    #expect(error?.place == "line \(lines.count - 1)")
    #expect(throws: ImportError.self) { _ = try profile(["onednn_verbose,info,oneDNN v2.6.3"]) }
  }

  @Test func matrixProductsAndOthersAreLayers() throws {
    let head = "onednn_verbose,v1,primitive,exec,cpu,"
    let record = record(
      try profile([
        head
          + "matmul,brg:avx512_core,undef,src:bf16::blocked:ab::f0 wei:bf16::blocked:ab::f0 bia:f32::blocked:ab::f0_mask2 dst:bf16::blocked:ab::f0,,,15x41:41x19,0.5",
        head
          + "matmul,brg:avx512_core,undef,src:f32::blocked:abc::f0 wei:f32::blocked:abc::f0 dst:f32::blocked:abc::f0,,,8x16x32:8x32x16,0.5",
        head
          + "softmax,jit:avx512_core,forward_inference,src:f32::blocked:abc::f0,,alg:softmax_accurate axis:2,8x16x16,0.25",
        head
          + "resampling,jit:avx2,forward_inference,src:f32::blocked:abcd::f0,,alg:resampling_linear,mb1ic1_ih56oh224_iw96ow384,0.25",
        head + "concat,simple:any,undef,src:f32::blocked:abcd::f0,,axis:1,1x2x4x4:1x3x4x4,0.125",
        head
          + "pooling,jit:avx512_core,forward_inference,src:f32::blocked:abcd::f0,,alg:pooling_avg_exclude_padding,mb1ic5_ih4oh1kh4sh1dh0ph0_iw4ow1kw4sw1dw0pw0,0.125",
      ]))
    #expect(
      record.layers.map(\.kind) == ["fc", "matmul", "softmax", "resample", "concat", "global-pool"])
    #expect(record.layers[0].parameters == 41 * 19 + 19)
    #expect(record.layers[0].precision == "bf16")
    #expect(record.layers[1].macs == 8 * 16 * 32 * 16)
    #expect(record.layers[3].costsUnknown == true)
    #expect(record.layers[3].$macs == nil && record.layers[3].$bytes == nil)
    #expect(record.layers[4].$macs == 0 && record.totals.$macs != nil)
    #expect(record.totals.layers == 6)
  }

  // MARK: Passes

  /// Executions of equal size, told apart by their number.
  private func log(_ units: [Int]) -> [String] {
    units.map {
      "onednn_verbose,exec,cpu,inner_product,x,forward_inference,src_f32::blocked:ab:f0,,,mb1ic8oc\($0),1"
    }
  }

  @Test(
    arguments: [
      ([1, 2, 3, 1, 2, 3, 1, 2, 3], 3, 3, 0),
      ([9, 1, 2, 3, 1, 2, 3, 1, 2, 3], 2, 3, 1),
      // A network that repeats itself within a pass.
      ([1, 2, 2, 2, 3, 1, 2, 2, 2, 3], 2, 5, 0),
      // Cut off in the third pass.
      ([1, 2, 3, 1, 2, 3, 1], 2, 3, 0),
      // Nothing repeats at the end.
      ([1, 2, 2, 2, 2, 3, 4], 1, 7, 0),
      ([1], 1, 1, 0),
    ] as [([Int], Int, Int, Int)])
  func passesAreFound(units: [Int], count: Int, length: Int, warmup: Int) throws {
    let profile = try profile(log(units))
    #expect(profile.passCount == count)
    #expect(profile.rows.count == length)
    #expect(profile.warmup == warmup)
  }

  @Test func passesMayBeStated() throws {
    let profile = try profile(log([1, 1, 1, 1, 1, 1]), passes: 2)
    #expect(profile.passCount == 2)
    #expect(profile.rows.count == 3)
    #expect(throws: ImportError.self) { _ = try self.profile(log([1, 2, 3]), passes: 2) }
    #expect(try self.profile(log([1, 1]), passes: 1).rows.count == 2)
  }

  // MARK: Logs of frameworks

  @Test(
    .enabled(if: SharedData.isThere, "the folder shared/data is not there"),
    arguments: [
      ("tf2.10.1_onednn2.6.3_mobilenet_a0.25.log", 3, 41.0, 28),
      ("tf2.10.1_onednn2.6.3_resnet50_v1.log", 3, 3858.0, 55),
      ("torch1.13.1_onednn2.6.3_alexnet.log", 1, 714.2, 12),
      ("mxnet1.9.1_onednn2.4.4_lstm512_t16.log", 3, 32.97, 1),
    ] as [(String, Int, Double, Int)])
  func logsOfFrameworks(name: String, passes: Int, megaMACs: Double, layers: Int) throws {
    let profile = try VerboseImport.profile(
      try SharedData.text("verbose/\(name)"), file: name)
    let record = record(profile)
    #expect(profile.passCount == passes)
    #expect(record.layers.count == layers)
    #expect(abs(Double(record.totals.macs) / 1e6 - megaMACs) < 0.06)
    #expect(record.layers.allSatisfy { $0.costsUnknown == nil })
    let schema = JSONSchema(
      try JSON.parse(RepositoryFiles.bytes(of: "docs/record.schema.json")))
    var complete = record
    complete.topology.sha256 = String(repeating: "0", count: 64)
    #expect(schema.errors(in: try JSON.parse(RecordCoding.encode(complete))) == [])
    #expect(try RecordCoding.decode(RecordCoding.encode(record)) == record)
  }

  @Test("a sum of more operands than memory holds is a primitive without an element")
  func hugeSum() throws {
    func line(_ operands: String) -> String {
      "onednn_verbose,exec,cpu,sum,jit:uni,undef,src_f32::blocked:ab:f0 dst_f32::blocked:ab:f0,,"
        + "num:\(operands),2x5,0.5"
    }
    let two = record(try profile([line("2")]))
    #expect(two.layers[0].kind == "add" && two.layers[0].costsUnknown == nil)
    let many = record(try profile([line("9223372036854775807")]))
    #expect(many.layers.count == 1 && many.layers[0].costsUnknown == true)
  }

  @Test("a time that nothing takes breaks a line", arguments: ["1e300", "nan", "-1"])
  func hugeTimes(time: String) throws {
    let line = "onednn_verbose,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:ab:f0,,,2x5,"
    #expect(throws: ImportError.self) { _ = try profile([line + time, line + "0.5"]) }
    #expect(try profile([line + "0.25", line + "0.5"]).rows.count > 0)
  }

  @Test(.enabled(if: SharedData.isThere, "the folder shared/data is not there"))
  func primitivesAreDistributed() throws {
    let record = record(
      try VerboseImport.profile(
        try SharedData.text("verbose/tf2.10.1_onednn2.6.3_resnet50_v1.log"), file: "x"))
    let rows = PrimitiveDistribution(record).rows
    let counts = Dictionary(uniqueKeysWithValues: rows.map { ($0.kind, $0.count) })
    #expect(
      counts == [
        "convolution": 53, "reorder": 53, "batch_normalization": 53, "pooling_v2": 1,
        "inner_product": 1,
      ])
    #expect(abs(rows.reduce(0) { $0 + $1.timeShare } - 1) < 1e-9)
    #expect(abs(rows.reduce(0) { $0 + $1.countShare } - 1) < 1e-9)
  }
}
