import DNNL
import Measuring
import Topology

/// How a window of one dimension is seen as one of two, of which one has a single place.
///
/// oneDNN 2.6 has depthwise code for two dimensions only, and takes wide padding along the first of
/// them alone.
enum ImageView: Hashable {
  /// As it is.
  case own
  /// A row: the single place stands before.
  case row
  /// A column: the single place stands behind.
  case column

  /// The views of a window to be tried, in this order.
  static func all(spatialRank: Int, isDepthwise: Bool) -> [ImageView] {
    guard spatialRank == 1 else { return [.own] }
    // A column has no neighbours to share the weights with, which only a product that reads few of
    // them can bear.
    return isDepthwise ? [.own, .row, .column] : [.own, .row]
  }

  /// A list whose last entry is that of the one dimension, with one for the single place.
  func widened(_ list: [Int], by single: Int = 1) -> [Int] {
    switch self {
    case .own: list
    case .row: list.dropLast() + [single] + list.suffix(1)
    case .column: list + [single]
    }
  }

  /// The window of a convolution.
  func window(_ convolution: Topology.Convolution) -> Window {
    Window(
      strides: widened(convolution.stride), dilation: widened(convolution.dilation),
      paddingBegin: widened(convolution.paddingBegin, by: 0),
      paddingEnd: widened(convolution.paddingEnd, by: 0))
  }
}
