import Importers
import Measuring
import Profiling
import Reports

/// What other programs measured.
extension FuzzTarget {
  /// What is done with a profile: records, with rows of its own and with those of a network, and tables.
  private static func use(_ profile: ImportedProfile) {
    let named = SampleNetwork.graph.map { profile.matched(to: SampleNetwork.rows($0).layers()) }
    for profile in [profile, named].compactMap({ $0 }) {
      let record = profile.record(
        topology: TopologyInfo(name: "x", source: "x", sha256: "", parameters: [:]),
        created: "2026-01-02T03:04:05Z", tool: Tool(name: "ntprof", version: "0"), command: [])
      for format in ReportFormats.all {
        _ = format.render(record, options: ReportOptions(verbose: true))
      }
      _ = try? RecordCoding.decode(RecordCoding.encode(record))
    }
  }

  private static func text(_ bytes: [UInt8]) -> String? {
    String(validating: bytes, as: UTF8.self)
  }

  static let verbose = FuzzTarget(
    name: "verbose",
    seeds: {
      let texts = [
        """
        mkldnn_verbose,info,Intel(R) MKL-DNN v0.20.0 (Git Hash N/A),Intel(R) AVX2
        mkldnn_verbose,exec,reorder,jit:uni,undef,in:f32_hwio out:f32_Ohwi8o,num:1,64x3x7x7,0.5
        mkldnn_verbose,exec,convolution,jit:avx2,forward_training,fsrc:nchw fwei:Ohwi8o fbia:undef \
        fdst:nChw8c,alg:convolution_direct,mb1_g1ic3oc64_ih224oh112kh7sh2dh0ph3_iw224ow112kw7sw2dw0pw3,4.5
        mkldnn_verbose,exec,eltwise,jit:avx2,forward_training,fdata:nChw8c fdiff:undef,\
        alg:eltwise_relu,mb1ic64ih112iw112,0.25
        """,
        """
        onednn_verbose,v1,info,oneDNN v3.6.0 (commit N/A)
        onednn_verbose,v1,info,cpu,runtime:OpenMP,nthr:2
        onednn_verbose,v1,info,cpu,isa:Intel AVX-512 with float16
        onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx512_core,forward_inference,\
        src:f32:a:blocked:abcd::f0 wei:f32:a:blocked:Acdb16a::f0 bia:undef::undef::: \
        dst:f32:a:blocked:aBcd16b::f0,attr-post-ops:eltwise_relu:0.5:1+binary_add:f32:15,\
        alg:convolution_direct,mb1_ic3oc4_ih8oh8kh3sh1dh0ph1_iw8ow8kw3sw1dw0pw1,4.75
        onednn_verbose,v1,primitive,exec,cpu,pooling,jit:avx512_core,forward_inference,\
        src:f32:a:blocked:aBcd16b::f0 dst:f32:a:blocked:aBcd16b::f0,,alg:pooling_max,\
        mb1ic4_ih8oh4kh2sh2dh0ph0_iw8ow4kw2sw2dw0pw0,0.5
        onednn_verbose,v1,primitive,exec,cpu,matmul,brg:avx512_core,undef,src:f32::blocked:ab::f0 \
        wei:f32::blocked:ab::f0 dst:f32::blocked:ab::f0,,,1x64:64x5,0.3
        onednn_verbose,v1,primitive,exec,cpu,sum,jit:uni,undef,src:f32::blocked:ab::f0 \
        dst:f32::blocked:ab::f0,,num:2,1x5,0.1
        onednn_verbose,v1,primitive,exec,cpu,concat,simple:any,undef,src:f32::blocked:ab::f0 \
        src:f32::blocked:ab::f0 dst:f32::blocked:ab::f0,,axis:1,1x5:1x3:1x8,0.1
        onednn_verbose,v1,primitive,exec,cpu,softmax,jit:avx512_core,forward_inference,\
        src:f32::blocked:ab::f0 dst:f32::blocked:ab::f0,,alg:softmax_accurate axis:1,1x5,0.1
        """,
      ]
      // Several passes, which are what a log mostly has.
      return texts.map { text in
        let lines = text.split(separator: "\n").map(String.init)
        let runs = lines.filter { $0.contains(",exec,") }
        return Array((lines + runs + runs).joined(separator: "\n").utf8)
      }
    },
    run: { bytes in
      guard let text = text(bytes), VerboseImport.recognises(text),
        let profile = try? VerboseImport.profile(text, file: "fuzz.log")
      else { return false }
      use(profile)
      _ = try? VerboseImport.profile(text, file: "fuzz.log", passes: 2)
      return true
    })

  static let benchmarkApp = FuzzTarget(
    name: "benchmark-app",
    seeds: {
      [
        """
        layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)
        input;Status.NOT_RUN;Parameter;unknown_f32;0.000;0.000
        layer_1;Status.EXECUTED;FullyConnected;brgconv_avx512_1x1_f32;0.016;0.016
        layer_1_clip;Status.NOT_RUN;Clamp;undef;0.000;0.000
        x_abc;EXECUTED;Reorder;reorder_f32;0.002;0.002
        a;b;EXECUTED;LSTMSequence;ref_any_f32;0.206;0.206
        Total;;;;0.222;0.222
        """,
        """
        {"report_type": "detailed", "detailed_performance": [{"nodes": [
          {"name": "n", "node_type": "Convolution", "status": "Status.EXECUTED", "real_time": "0.5",
           "cpu_time": "0.5", "exec_type": "brgconv_avx512_bf16"}]}, {"nodes": [
          {"name": "n", "node_type": "Convolution", "status": "EXECUTED", "real_time": "0.7",
           "cpu_time": "0.5", "exec_type": "brgconv_avx512_bf16"}]}]}
        """,
        """
        [ INFO ] Build ................................. 2024.6.0
        [ INFO ]   INFERENCE_NUM_THREADS: 2
        [ INFO ] Model batch size: 1
        conv1   Status.EXECUTED   layerType: Convolution  execType: jit_avx512_f32  realTime (ms): 0.5  cpuTime (ms): 0.5
        [ INFO ]    Median:        1.25 ms
        [ INFO ] Throughput:   800.00 FPS
        """,
      ].map { Array($0.utf8) }
    },
    run: { bytes in
      guard let text = text(bytes), BenchmarkApp.recognises(text),
        let profile = try? BenchmarkApp.profile(text, file: "fuzz.csv")
      else { return false }
      use(profile)
      return true
    })

  static let trace = FuzzTarget(
    name: "onnxruntime",
    seeds: {
      let text = """
        [{"cat":"Session","tid":1,"dur":50,"ts":0,"name":"session_initialization","args":{}},
        {"cat":"Node","tid":1,"dur":10,"ts":101,"name":"c_nchwc_kernel_time","args":{"op_name":"Conv",
         "provider":"CPUExecutionProvider","node_index":"1","activation_size":"768","parameter_size":"432",
         "input_type_shape":[{"float":[1,3,8,8]},{"float":[4,3,3,3]},{"float":[4]}],
         "output_type_shape":[{"float":[1,4,6,6]}]}},
        {"cat":"Node","tid":1,"dur":5,"ts":112,"name":"r_kernel_time","args":{"op_name":"ReorderOutput",
         "node_index":"2","input_type_shape":[{"float":[1,4,6,6]}],"output_type_shape":[{"float":[1,4,6,6]}]}},
        {"cat":"Node","tid":1,"dur":3,"ts":118,"name":"g_kernel_time","args":{"op_name":"Gemm","node_index":"3",
         "parameter_size":"92","input_type_shape":[{"float":[1,144]},{"float":[144,5]},{"float":[5]}],
         "output_type_shape":[{"float":[1,5]}]}},
        {"cat":"Session","tid":1,"dur":24,"ts":100,"name":"SequentialExecutor::Execute","args":{}}]
        """
      return [Array(text.utf8)]
    },
    run: { bytes in
      guard let text = text(bytes), ONNXRuntimeTrace.recognises(text),
        let profile = try? ONNXRuntimeTrace.profile(text, file: "fuzz.json")
      else { return false }
      use(profile)
      return true
    })
}
