/// `depth-to-space`, `space-to-depth`: blocks of `block` x `block` cells of an image made of
/// channels, or channels of them, as their ONNX namesakes.
///
/// From N x C x H x W depth-to-space makes N x C/block² x H·block x W·block. Its `mode` says which
/// part of the channel's number tells the cell: `dcr` the high one, `crd` the low one.
/// They compute nothing: no parameters, MACs or FLOP.
struct DepthToSpace: LayerKind {
  static let elements = [
    ElementSchema("depth-to-space", doc: "Blocks of cells made of channels.", block, mode),
    ElementSchema("space-to-depth", doc: "Channels made of blocks of cells.", block),
  ]

  private static let block = Attribute<Int>(
    "block", in: 1...65536, doc: "Cells of a block in each dimension.")
  private static let mode = Attribute<Mode>(
    "mode", default: .dcr,
    doc: "Which part of a channel's number tells the cell: `dcr` the high one.",
    guide: "of `depth-to-space`: which part of a channel's number tells the cell; `dcr` "
      + "the high one, `crd` the low one")

  private enum Mode: String, AttributeChoice {
    case dcr, crd

    static let typeName = "depthMode"
    static let typeDoc = "How channels become cells."
  }

  private let block: Int
  private let direction: SpaceBlocks.Direction

  init(_ attributes: Attributes) throws(AttributeError) {
    block = try attributes[Self.block]
    if attributes.element == "space-to-depth" {
      direction = .toDepth
    } else {
      direction = try attributes[Self.mode] == .dcr ? .toSpace : .toSpaceChannelsFirst
    }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.layout == .nchw else { throw ShapeError("wants nchw, not \(input)") }
    let (channels, height, width) = (input.dims[1], input.dims[2], input.dims[3])
    if direction == .toDepth {
      guard height.isMultiple(of: block), width.isMultiple(of: block) else {
        throw ShapeError("\(height)x\(width) cells are not blocks of \(block)x\(block)")
      }
      return try TensorType(
        dims: [input.dims[0], channels * block * block, height / block, width / block], .nchw)
    }
    guard channels.isMultiple(of: block * block) else {
      throw ShapeError("\(channels) channels are not blocks of \(block)x\(block)")
    }
    return try TensorType(
      dims: [input.dims[0], channels / (block * block), height * block, width * block], .nchw)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = try outputType([program.type(of: inputs[0])])
    return program.emit(
      block == 1 ? .identity : .spaceBlocks(SpaceBlocks(block: block, direction: direction)),
      inputs, type: type)
  }
}
