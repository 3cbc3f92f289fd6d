/// What a convolution by Winograd's algorithm F(m × m, r × r) executes.
///
/// The output is cut into tiles of m × m. Each tile takes the (m + r − 1)² inputs around it and
/// needs one multiply-add for each of them and each pair of channels, where the direct algorithm
/// needs m²·r² (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016).
/// Against that stand the transforms of inputs and outputs, and tiles that reach over the edge: an
/// output of 13 × 13 takes 16 tiles of 4 × 4, half as many outputs again.
///
/// The filters are transformed once, when the plan packs the weights, and do not count.
public struct WinogradCost: Hashable, Sendable {
  /// Outputs of a tile in one direction: m.
  public var tile: Int
  /// Extent of the filter: r.
  public var filter: Int
  /// Floating-point operations that transform the inputs of a tile, one channel.
  public var inputTransform: Int
  /// The same for its outputs, one channel.
  public var outputTransform: Int

  /// Describes an algorithm.
  public init(tile: Int, filter: Int, inputTransform: Int, outputTransform: Int) {
    self.tile = tile
    self.filter = filter
    self.inputTransform = inputTransform
    self.outputTransform = outputTransform
  }

  /// F(4 × 4, 3 × 3) as oneDNN executes it: 12 vectors of 6 inputs with 12 multiplications and 12
  /// additions each; 10 vectors of 6 products with 6 multiplications and 10 additions each.
  ///
  /// Counted in `jit_avx512_core_f32_wino_conv_4x3_kernel.cpp` (`trans_I_4x4_3x3`,
  /// `trans_O_4x4_3x3`).
  public static let oneDNN4x3 = WinogradCost(
    tile: 4, filter: 3, inputTransform: 12 * 24, outputTransform: 10 * 16)

  /// F(2 × 2, 3 × 3) as oneDNN executes it: 8 vectors with 4 additions each; 6 vectors with 4
  /// additions each, and a scale for each of the 4 outputs.
  ///
  /// Counted in `jit_avx512_core_f32_wino_conv_2x3.cpp`, which may compute a few tiles more than
  /// the output needs, to fill its blocks.
  public static let oneDNN2x3 = WinogradCost(
    tile: 2, filter: 3, inputTransform: 8 * 4, outputTransform: 6 * 4 + 4)

  /// The algorithm behind a oneDNN implementation.
  ///
  /// - Parameter implementation: oneDNN's name, such as `jit_wino_4x3:avx512_core`.
  /// - Returns: Nil for one that is not Winograd's.
  public static func of(implementation: String) -> WinogradCost? {
    guard implementation.contains("wino") else { return nil }
    return implementation.contains("4x3") ? oneDNN4x3 : oneDNN2x3
  }

  /// Floating-point operations of a convolution, a multiply-add being two.
  ///
  /// 2·(m + r − 1)²·tiles·inputs·outputs + tiles·(inputs·input transform + outputs·output
  /// transform), with batch·⌈height/m⌉·⌈width/m⌉ tiles.
  ///
  /// - Parameters:
  ///   - batch: Images.
  ///   - inputs: Channels of the input.
  ///   - outputs: Channels of the output.
  ///   - height: Rows of the output.
  ///   - width: Columns of the output.
  /// - Returns: The operations; bias and post-ops are not among them.
  public func flops(batch: Int, inputs: Int, outputs: Int, height: Int, width: Int) -> Int {
    let tiles = batch * ((height + tile - 1) / tile) * ((width + tile - 1) / tile)
    let side = tile + filter - 1
    return 2 * side * side * tiles * inputs * outputs
      + tiles * (inputs * inputTransform + outputs * outputTransform)
  }
}
