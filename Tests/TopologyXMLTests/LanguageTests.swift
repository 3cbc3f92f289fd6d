import Foundation
import Testing
import Topology
import TopologyXML

@testable import XMLTree

/// The schema says what the layer kinds do.
@Suite struct LanguageTests {
  let vocabulary: SchemaVocabulary

  init() throws { vocabulary = try XMLSchema(TopologySchema.standard.bytes).vocabulary }

  var primitives: [String] { vocabulary.elements["layer"]?.children ?? [] }

  @Test func elementsAreTheLayerKinds() {
    let kinds = LayerKinds.standard.elements
    #expect(primitives.sorted() == kinds.map(\.name).sorted())
    for kind in kinds {
      let element = vocabulary.elements[kind.name]
      let attributes = Set(element?.attributes ?? []).subtracting(["with", "if"])
      #expect(attributes == Set(kind.required + kind.optional), "<\(kind.name)>")
      #expect(Set(element?.required ?? []) == Set(kind.required), "<\(kind.name)>")
    }
  }

  @Test func everyPrimitiveTakesAConditionAndExpressionsForItsListedValues() {
    for name in primitives {
      let element = vocabulary.elements[name]
      #expect(element?.attributes.contains("if") == true, "<\(name)>")
      #expect(element?.united == Set(element?.values.keys.map(\.self) ?? []), "<\(name)>")
    }
  }

  @Test func furtherOperandsAreAllowedWhereTheyAreTaken() throws {
    for type in LayerKinds.standard.all {
      for element in type.elements {
        // An inlay's attributes belong to one kind or another; its operand is always one.
        var values = element.name == "inlay" ? ["kind": "copy"] : [:]
        for name in element.required where values[name] == nil {
          values[name] = vocabulary.elements[element.name]?.values[name]?.first ?? "1"
        }
        if element.name == "activation" { values["kind"] = "relu" }
        if element.name == "split" { values["parts"] = "1" }
        if element.name == "resample" { values["scale"] = "1" }
        let kind = try type.init(Attributes(element: element.name, values))
        let takesMore = kind.operands.upperBound > 1
        let allowsWith = vocabulary.elements[element.name]?.attributes.contains("with") == true
        #expect(takesMore == allowsWith, "<\(element.name)>")
      }
    }
  }

  /// Every list of values in the schema is the list of the kind, as its error message names it.
  @Test func listedValuesAreThoseOfTheKinds() throws {
    for type in LayerKinds.standard.all {
      for element in type.elements {
        let listed = vocabulary.elements[element.name]?.values ?? [:]
        for (attribute, values) in listed {
          var attributes = Dictionary(uniqueKeysWithValues: element.required.map { ($0, "1") })
          for (other, choices) in listed where element.required.contains(other) {
            attributes[other] = choices.first
          }
          attributes[attribute] = "?"
          do throws(AttributeError) {
            _ = try type.init(Attributes(element: element.name, attributes))
            Issue.record("<\(element.name)> takes any \(attribute)")
          } catch {
            #expect(error.attribute == attribute)
            if values.contains("true") {
              #expect(values == ["true", "false", "1", "0"])
            } else {
              let choices = error.message.split(separator: " is none of ").last ?? ""
              let names = choices.split(separator: ", ").map(String.init)
              #expect(Set(names) == Set(values), "<\(element.name) \(attribute)>")
            }
          }
        }
      }
    }
  }

  @Test func layoutsAreTheModels() {
    #expect(
      vocabulary.elements["input"]?.values["layout"]?.sorted()
        == Layout.allCases.map(\.rawValue).sorted())
  }

  @Test func everyElementIsDocumented() throws {
    let schema = try XMLDocument.parse(TopologySchema.standard.bytes).root
    func check(_ element: XMLElement) {
      let local = element.name.dropFirst(3)
      let isReference = element["ref"] != nil || element["type"] != nil && local == "element"
      if ["element", "attribute", "complexType", "simpleType"].contains(local), !isReference,
        element["name"] != nil
      {
        #expect(element.children.first?.name == "xs:annotation", "\(element["name"] ?? "")")
      }
      for child in element.children { check(child) }
    }
    check(schema)
  }
}
