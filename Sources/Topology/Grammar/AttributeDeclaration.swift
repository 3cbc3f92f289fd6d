/// What the language says of one attribute of an element: its name, what its text may be, what holds
/// without it, and what it means.
///
/// The schema, the tables of the guide and the writer are made of these; an ``Attribute`` adds how the
/// text is read.
public struct AttributeDeclaration: Hashable, Sendable {
  /// What the text of an attribute may be; any of them may hold `${}`.
  public enum Form: Hashable, Sendable {
    /// A number, or extents joined by `x`.
    case number
    /// Any text: lists joined by commas, words.
    case text
    /// `true`, `false`, `1` or `0`.
    case boolean
    /// One of some words.
    case choice(ChoiceType)
    /// The name of a value, which is an operand of the primitive.
    case operand
  }

  /// What holds where an attribute is absent.
  public enum Absence: Hashable, Sendable, ExpressibleByStringLiteral {
    /// An element without it is invalid.
    case required
    /// The kind that takes it demands it, but the element has kinds that do not.
    case demanded
    /// A text that means the same, and words for it where the text itself says little.
    case value(String, meaning: String? = nil)
    /// What is done then, in a few words.
    case words(String)
    /// The guide says it below the table.
    case explained

    /// ``words(_:)``.
    public init(stringLiteral value: String) { self = .words(value) }
  }

  /// The attribute's name, such as `kernel`.
  public let name: String
  /// What its text may be.
  public let form: Form
  /// What holds without it.
  public let absence: Absence
  /// What it means, in sentences, with units: the schema's text, without what holds by default.
  public let doc: String
  /// What it means, in a clause: the guide's text, which may use the letters of the element's formulas.
  public let guide: String

  /// Declares an attribute; `guide` is the sentence of `doc` as a clause unless it is given.
  public init(
    _ name: String, _ form: Form, _ absence: Absence, doc: String, guide: String? = nil
  ) {
    self.name = name
    self.form = form
    self.absence = absence
    self.doc = doc
    let sentence = doc.hasSuffix(".") ? String(doc.dropLast()) : doc
    self.guide = guide ?? sentence.prefix(1).lowercased() + sentence.dropFirst()
  }

  /// Whether an element without it is invalid.
  public var isRequired: Bool { absence == .required }

  /// What holds without it, as a sentence; `nil` where there is nothing to say.
  public var sentenceOfAbsence: String? {
    switch absence {
    case .required, .demanded, .explained: nil
    case .value(_, let meaning?), .words(let meaning): "Default: \(meaning)."
    case .value(let text, nil):
      form != .boolean && text.first?.isLetter == true
        ? "Default `\(text)`." : "Default \(text)."
    }
  }

  /// What holds without it, as a cell of a table.
  public var cellOfAbsence: String {
    switch absence {
    case .required, .demanded: "required"
    case .explained: "see below"
    case .value(let text, _): "`\(text)`"
    case .words(let words): words
    }
  }
}

/// Words of which an attribute takes one: a type of the schema.
public struct ChoiceType: Hashable, Sendable {
  /// The type's name in the schema, such as `poolKind`.
  public let name: String
  /// What it is, in a sentence.
  public let doc: String
  /// The words, in the order in which messages list them.
  public let words: [String]

  /// Declares a type.
  public init(_ name: String, doc: String, words: [String]) {
    self.name = name
    self.doc = doc
    self.words = words
  }
}

/// An enum whose raw values are the words that attributes take.
public protocol AttributeChoice: RawRepresentable<String>, CaseIterable, Sendable {
  /// The type's name in the schema, unique in the language.
  static var typeName: String { get }
  /// What it is, in a sentence.
  static var typeDoc: String { get }
}

extension AttributeChoice {
  /// The words as a type of the schema.
  public static var choiceType: ChoiceType {
    ChoiceType(typeName, doc: typeDoc, words: allCases.map(\.rawValue))
  }
}

extension Layout: AttributeChoice {
  /// `layout`, which inputs and constants have, too.
  public static let typeName = "layout"
  /// What the schema says of it.
  public static let typeDoc = "What dims mean."
}
