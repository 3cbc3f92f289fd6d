import DNNL

/// A constant ready to be read by a primitive.
struct Constant {
  /// Where it lies.
  let data: UnsafeMutableRawPointer
  /// What lies there.
  let descriptor: MemoryDescriptor
}

/// The memory of a plan's constants: large ones on pages of their own, small ones side by side.
final class ConstantStore {
  private static let chunk = 1 << 20

  private var buffers: [HugeBuffer] = []
  private var open: HugeBuffer?
  private var used = 0
  private var scratch: HugeBuffer?
  /// Bytes handed out.
  private(set) var bytes = 0

  /// Memory for a constant.
  func allocate(_ descriptor: MemoryDescriptor) throws(DNNLError) -> Constant {
    let size = (max(1, descriptor.size) + 63) / 64 * 64
    bytes += size
    if size > ConstantStore.chunk / 4 {
      let buffer = try HugeBuffer(bytes: size)
      buffers.append(buffer)
      return Constant(data: buffer.base, descriptor: descriptor)
    }
    if let open, used + size <= open.bytes {
      defer { used += size }
      return Constant(data: open.base + used, descriptor: descriptor)
    }
    let fresh = try HugeBuffer(bytes: ConstantStore.chunk)
    buffers.append(fresh)
    open = fresh
    used = size
    return Constant(data: fresh.base, descriptor: descriptor)
  }

  /// Memory for one constant in plain order, until the next call.
  func temporary(bytes: Int) throws(DNNLError) -> UnsafeMutableRawPointer {
    if let scratch, scratch.bytes >= bytes { return scratch.base }
    scratch = nil
    let fresh = try HugeBuffer(bytes: bytes)
    scratch = fresh
    return fresh.base
  }

  /// Gives the temporary memory back.
  func releaseTemporary() { scratch = nil }
}
