public import Topology
import XMLTree

/// The XSD of the topology language: what stands around primitives, from `Resources/language.xsd`, and an
/// element for each that the layer kinds read.
public struct TopologySchema: Sendable {
  /// The schema of the language, also at `topologies/topology.xsd`; made once a process.
  public static let standard = TopologySchema(.standard)

  /// The kinds whose elements it has.
  public let kinds: LayerKinds
  /// The document.
  public let bytes: [UInt8]
  let parsed: Result<XMLSchema, XMLDiagnostic>

  /// Makes the schema of the language with these kinds of layers.
  public init(_ kinds: LayerKinds) {
    self.kinds = kinds
    let bytes = Array(SchemaText.document(kinds.elements).utf8)
    self.bytes = bytes
    parsed = Result { () throws(XMLDiagnostic) in
      try XMLSchema(bytes, synonyms: ForeignNames.synonyms)
    }
  }
}
