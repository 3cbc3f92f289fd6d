import CLibXML2

/// A well-formed document: an immutable tree, and libxml2's own for validation.
///
/// Nobody changes libxml2's tree after parsing, so a document may cross threads.
public struct XMLDocument: ~Copyable, @unchecked Sendable {
  /// What a document may not exceed.
  public struct Limits: Hashable, Sendable {
    /// The number of elements.
    public var elements: Int
    /// The number of attributes and namespace declarations of one element.
    public var attributes: Int
    /// How deep elements may nest; libxml2's own limit may be lower.
    public var depth: Int

    /// Makes limits.
    public init(elements: Int = 2_000_000, attributes: Int = 256, depth: Int = 256) {
      self.elements = elements
      self.attributes = attributes
      self.depth = depth
    }
  }

  /// The document's element.
  public let root: XMLElement
  /// Every element in document order; libxml2's nodes carry their index here.
  let elements: [XMLElement]
  private let handle: xmlDocPtr

  private init(handle: xmlDocPtr, root: XMLElement, elements: [XMLElement]) {
    self.handle = handle
    self.root = root
    self.elements = elements
  }

  deinit { xmlFreeDoc(handle) }

  /// Parses a document in any encoding libxml2 knows.
  ///
  /// No DOCTYPE, no entities, no network, no compressed data. The corresponding C function is
  /// `xmlCtxtReadMemory`.
  ///
  /// - Throws: ``XMLDiagnostic`` for the first fault.
  /// - Complexity: O(bytes).
  public static func parse(
    _ bytes: [UInt8], limits: Limits = Limits()
  ) throws(XMLDiagnostic) -> XMLDocument {
    let text = try Transcoding.utf8(bytes)
    let tags = try TagScanner.scan(text, limits: limits)
    let handle = try ParserSession.parse(text)
    var builder = TreeBuilder(tags, depth: limits.depth)
    do throws(XMLDiagnostic) {
      guard let node = xmlDocGetRootElement(handle) else {
        throw XMLDiagnostic(.malformed, XMLPosition(), "the document has no element")
      }
      let root = try builder.element(node, depth: 1)
      return XMLDocument(handle: handle, root: root, elements: builder.elements.compactMap(\.self))
    } catch {
      xmlFreeDoc(handle)
      throw error
    }
  }

  /// Runs `body` on libxml2's document.
  borrowing func withHandle<Result>(_ body: (xmlDocPtr) -> Result) -> Result { body(handle) }

  /// The element a libxml2 node was made into; of an attribute or text, the one around it.
  static func index(of node: UnsafeMutableRawPointer) -> Int? {
    var node: xmlNodePtr? = node.assumingMemoryBound(to: xmlNode.self)
    while let here = node, here.pointee.type != XML_ELEMENT_NODE { node = here.pointee.parent }
    guard let mark = node?.pointee._private else { return nil }
    return Int(bitPattern: mark) - 1
  }
}

/// Makes values of libxml2's nodes, pairing each with its tag.
private struct TreeBuilder {
  private(set) var elements: [XMLElement?] = []
  private let tags: [TagScanner.Tag]
  private let maximumDepth: Int

  init(_ tags: [TagScanner.Tag], depth: Int) {
    self.tags = tags
    maximumDepth = depth
    elements.reserveCapacity(tags.count)
  }

  mutating func element(_ node: xmlNodePtr, depth: Int) throws(XMLDiagnostic) -> XMLElement {
    let tag =
      elements.count < tags.count
      ? tags[elements.count] : TagScanner.Tag(position: XMLPosition(), attributes: [])
    guard depth <= maximumDepth else {
      throw XMLDiagnostic(.limit, tag.position, "elements are nested too deep")
    }
    let index = elements.count
    elements.append(nil)
    node.pointee._private = UnsafeMutableRawPointer(bitPattern: index + 1)
    var children: [XMLElement] = []
    var child = node.pointee.children
    while let here = child {
      if here.pointee.type == XML_ELEMENT_NODE {
        children.append(try element(here, depth: depth + 1))
      }
      child = here.pointee.next
    }
    let element = XMLElement(
      name: qualifiedName(node.pointee.name, node.pointee.ns),
      namespace: uri(node.pointee.ns), attributes: attributes(of: node, tag: tag),
      children: children, position: tag.position)
    elements[index] = element
    return element
  }

  private func attributes(of node: xmlNodePtr, tag: TagScanner.Tag) -> [XMLAttribute] {
    guard node.pointee.properties != nil else { return [] }
    var result: [XMLAttribute] = []
    result.reserveCapacity(tag.attributes.count)
    var property = node.pointee.properties
    var places = tag.attributes[...]
    while let here = property {
      let name = qualifiedName(here.pointee.name, here.pointee.ns)
      let place = places.popFirst()
      result.append(
        XMLAttribute(
          name: name, namespace: uri(here.pointee.ns), value: text(of: here),
          position: place?.position ?? tag.position,
          valuePosition: place?.valuePosition ?? tag.position,
          isVerbatim: place?.isVerbatim ?? false))
      property = here.pointee.next
    }
    return result
  }

  /// Without a DTD an attribute holds text alone: references are resolved already.
  private func text(of attribute: xmlAttrPtr) -> String {
    var text = ""
    var part = attribute.pointee.children
    while let here = part {
      if let content = here.pointee.content { text += String(cString: content) }
      part = here.pointee.next
    }
    return text
  }

  private func qualifiedName(_ name: UnsafePointer<xmlChar>?, _ space: xmlNsPtr?) -> String {
    let local = name.map { String(cString: $0) } ?? ""
    guard let prefix = space?.pointee.prefix else { return local }
    return String(cString: prefix) + ":" + local
  }

  private func uri(_ space: xmlNsPtr?) -> String? {
    space?.pointee.href.map { String(cString: $0) }
  }
}
