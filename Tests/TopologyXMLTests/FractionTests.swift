import Testing
import Topology
import TopologyXML

/// Fractions and texts in `${}`: where divisions truncate, and where they do not.
@Suite struct FractionTests {
  /// The factor that a `linear` activation gets.
  func alpha(_ value: String, params: String = "") throws -> Double? {
    let text = bare(
      """
      \(params)<input name="x" shape="1x4"/>
      <layer name="y"><activation kind="linear" alpha="\(value)"/></layer>
      """)
    guard case .eltwise(let eltwise) = try graph(text).program().instructions[0].operation else {
      return nil
    }
    return eltwise.alpha
  }

  @Test(
    arguments: [
      ("${1 / 6}", 1.0 / 6), ("${-1/4}", -0.25), ("${1 / 3 + 1 / 6}", 0.5), ("${1 / 3 * 3}", 1),
      ("${6 / 3}", 2), ("${1 / (1 / 2)}", 2), ("${64 ^ -0.5}", 0.125), ("1e-${2 + 1}", 1e-3),
      ("${2 ^ -3}", 0.125), ("${0.1 + 0.2}", 0.3), ("${7 % 4 / 2}", 1.5), ("${1.5}", 1.5),
      ("${floor(7 / 2)}", 3), ("${1e-5}", 1e-5), ("${10 ^ -300 * 10 ^ -5}", 1e-300 * 1e-5),
    ] as [(String, Double)]) func divisionIsExactWhereFractionsAreTaken(
      _ value: String, _ expected: Double
    ) throws
  {
    #expect(try alpha(value) == expected)
  }

  /// The guide's border between what is exact and what doubles make of it.
  @Test(
    arguments: [
      // 10^-18 has a denominator of 60 bits: ten times a tenth of it is it again.
      ("${10 ^ -18 * 3 * 10 ^ 18}", 3), ("${1e-17 * 1e17}", 1),
      // 10^-19 has one of 64: doubles take over, and round as they do.
      ("${1e-19 * 3}", 1e-19 * 3), ("${1e-20 / 3}", 1e-20 / 3), ("${1e-300 * 1e-5}", 1e-300 * 1e-5),
    ] as [(String, Double)]) func decimalsAreExactWithin64Bits(_ value: String, _ expected: Double)
    throws
  {
    #expect(try alpha(value) == expected)
  }

  @Test func aParamIsWhatItsExpressionIsInItsPlace() throws {
    let params = "<param name=\"s\" value=\"${1 / 6}\"/><param name=\"t\" value=\"${s * 12}\"/>"
    #expect(try alpha("${s}", params: params) == 1.0 / 6)
    #expect(try alpha("${t}", params: params) == 2)
    let widths = bare(
      """
      <param name="h" value="7"/><param name="half" value="${h / 2}"/>
      <param name="alpha" value="0.75"/>
      <input name="x" shape="1x4"/>
      <layer name="a"><fc units="${half * 2}"/></layer>
      <layer name="b${half}"><fc units="${64 * alpha}"/></layer>
      """)
    let graph = try graph(widths)
    #expect(graph.layers.map(\.outputType.dims) == [[1, 6], [1, 48]])
    #expect(graph.layers[1].name == "b3")
  }

  @Test func fractionsAreNoIntegers() {
    let text = bare(
      """
      <param name="alpha" value="0.75"/>
      <input name="x" shape="1x4"/>
      <layer name="a"><fc units="${33 * alpha}"/></layer>
      <layer name="b"><fc units="${1 / (1 / 2)}"/></layer>
      <layer name="c"><fc units="${'wide'}"/></layer>
      """)
    #expect(
      diagnostics(text) == [
        "t.xml:4:21: attribute 'units' of <fc>: '24.75' is no integer",
        "t.xml:5:21: attribute 'units' of <fc>: division by zero",
        "t.xml:6:21: attribute 'units' of <fc>: 'wide' is no integer",
      ])
  }

  @Test func argumentsMayBeTextsAndFractions() throws {
    let text = topology(
      """
      <block name="b">
        <arg name="act"/><arg name="bias" default="true"/><arg name="kernel" default="1x1"/>
        <arg name="alpha" default="${1 / 2}"/>
        <layer name="l">
          <conv filters="8" kernel="${kernel}" bias="${bias}"/><activation kind="${act}"/>
          <activation kind="linear" alpha="${alpha}"/>
        </layer>
      </block>
      <use block="b" prefix="p" act="relu"/>
      <use block="b" prefix="q" act="tanh" bias="false" kernel="3x5" alpha="${1 / 4}"/>
      """)
    let graph = try graph(text)
    #expect(graph.layers.map(\.cost.parameters) == [8 * 3 + 8, 8 * 8 * 15])
    var alphas: [Double] = []
    for instruction in try graph.program().instructions {
      if case .eltwise(let eltwise) = instruction.operation, eltwise.kind == .linear {
        alphas.append(eltwise.alpha)
      }
    }
    #expect(alphas == [0.5, 0.25])
  }

  @Test func whatAnExpressionGivesMustBeAmongTheListedValues() {
    let text = topology(
      """
      <layer name="l"><activation kind="${'rel'}"/></layer>
      <layer name="m"><conv filters="1" kernel="1" bias="${2}"/></layer>
      """)
    #expect(
      diagnostics(text).map { $0.prefix(63) } == [
        "t.xml:3:29: attribute 'kind' of <activation>: 'rel' is none of ",
        "t.xml:4:46: attribute 'bias' of <conv>: '2' is neither true nor",
      ])
  }
}
