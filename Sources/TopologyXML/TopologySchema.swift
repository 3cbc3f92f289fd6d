import XMLTree

/// The XSD of the topology language.
public enum TopologySchema {
  /// The schema document, also at `topologies/topology.xsd`.
  public static let bytes: [UInt8] = PackageResources.topology_xsd

  /// The parsed schema, once a process.
  static let parsed = Result { () throws(XMLDiagnostic) in
    try XMLSchema(bytes, synonyms: ForeignNames.synonyms)
  }
}
