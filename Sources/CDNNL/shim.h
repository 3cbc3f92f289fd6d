// oneDNN as Swift sees it: shaped like oneDNN 3.x, built on 2.x or 3.x.
//
// Everything that depends on the library's version lives here, because Swift's #if cannot see
// DNNL_VERSION_MAJOR. Memory descriptors and primitive descriptors are opaque pointers.
// 2.x passes memory descriptors as 696-byte structs and makes a primitive descriptor from an
// operation descriptor (15 kB for recurrent ones); both stay inside this header.
#pragma once

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CDNNL_CHECKED static inline __attribute__((warn_unused_result)) dnnl_status_t
#define CDNNL_INLINE static inline

/// A memory descriptor: dnnl_memory_desc_t of 3.x, a heap copy of the struct in 2.x.
typedef struct cdnnl_md cdnnl_md;
/// A primitive descriptor together with the means to go to the next implementation.
typedef struct cdnnl_pd cdnnl_pd;

#if DNNL_VERSION_MAJOR < 3
typedef const dnnl_memory_desc_t *cdnnl_native_md;
struct cdnnl_pd_parts {
  dnnl_primitive_desc_t pd;
  dnnl_primitive_desc_iterator_t iterator;  // NULL where 2.x offers none (reorder, concat, sum)
  void *op;  // the iterator keeps a pointer to its operation descriptor
};
#else
typedef const_dnnl_memory_desc_t cdnnl_native_md;
struct cdnnl_pd_parts {
  dnnl_primitive_desc_t pd;
};
#endif

CDNNL_INLINE cdnnl_native_md cdnnl_md_native(const cdnnl_md *md) { return (cdnnl_native_md)md; }

CDNNL_INLINE struct cdnnl_pd_parts *cdnnl_pd_parts_of(const cdnnl_pd *pd) {
  return (struct cdnnl_pd_parts *)pd;
}

// MARK: Memory descriptors

#if DNNL_VERSION_MAJOR < 3
/// Moves a struct of 2.x to the heap.
CDNNL_CHECKED cdnnl_md_copy_out(const dnnl_memory_desc_t *from, cdnnl_md **out) {
  dnnl_memory_desc_t *copy = (dnnl_memory_desc_t *)malloc(sizeof *copy);
  if (!copy) return dnnl_out_of_memory;
  memcpy(copy, from, sizeof *copy);
  *out = (cdnnl_md *)copy;
  return dnnl_success;
}
#endif

CDNNL_CHECKED cdnnl_md_create(
    int ndims, const dnnl_dim_t *dims, dnnl_data_type_t type, dnnl_format_tag_t tag,
    cdnnl_md **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_memory_desc_t md;
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(&md, ndims, dims, type, tag);
  return status == dnnl_success ? cdnnl_md_copy_out(&md, out) : status;
#else
  return dnnl_memory_desc_create_with_tag((dnnl_memory_desc_t *)out, ndims, dims, type, tag);
#endif
}

CDNNL_CHECKED cdnnl_md_create_strides(
    int ndims, const dnnl_dim_t *dims, dnnl_data_type_t type, const dnnl_dim_t *strides,
    cdnnl_md **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_memory_desc_t md;
  dnnl_status_t status = dnnl_memory_desc_init_by_strides(&md, ndims, dims, type, strides);
  return status == dnnl_success ? cdnnl_md_copy_out(&md, out) : status;
#else
  return dnnl_memory_desc_create_with_strides(
      (dnnl_memory_desc_t *)out, ndims, dims, type, strides);
#endif
}

CDNNL_CHECKED cdnnl_md_clone(const cdnnl_md *md, cdnnl_md **out) {
#if DNNL_VERSION_MAJOR < 3
  return cdnnl_md_copy_out(cdnnl_md_native(md), out);
#else
  return dnnl_memory_desc_clone((dnnl_memory_desc_t *)out, cdnnl_md_native(md));
#endif
}

CDNNL_CHECKED cdnnl_md_reshape(
    const cdnnl_md *md, int ndims, const dnnl_dim_t *dims, cdnnl_md **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_memory_desc_t result;
  dnnl_status_t status = dnnl_memory_desc_reshape(&result, cdnnl_md_native(md), ndims, dims);
  return status == dnnl_success ? cdnnl_md_copy_out(&result, out) : status;
#else
  return dnnl_memory_desc_reshape((dnnl_memory_desc_t *)out, cdnnl_md_native(md), ndims, dims);
#endif
}

CDNNL_INLINE void cdnnl_md_destroy(cdnnl_md *md) {
#if DNNL_VERSION_MAJOR < 3
  free(md);
#else
  (void)dnnl_memory_desc_destroy((dnnl_memory_desc_t)md);
#endif
}

CDNNL_INLINE int cdnnl_md_equal(const cdnnl_md *a, const cdnnl_md *b) {
  return dnnl_memory_desc_equal(cdnnl_md_native(a), cdnnl_md_native(b));
}

CDNNL_INLINE size_t cdnnl_md_size(const cdnnl_md *md) {
  return dnnl_memory_desc_get_size(cdnnl_md_native(md));
}

/// The parts of a descriptor that its description needs, gathered from either version.
struct cdnnl_md_parts {
  int ndims;
  int inner_count;
  dnnl_format_kind_t kind;
  dnnl_data_type_t type;
  dnnl_dim_t dims[DNNL_MAX_NDIMS];
  dnnl_dim_t padded[DNNL_MAX_NDIMS];
  dnnl_dim_t strides[DNNL_MAX_NDIMS];
  dnnl_dim_t inner_blocks[DNNL_MAX_NDIMS];
  dnnl_dim_t inner_indices[DNNL_MAX_NDIMS];
};

#if DNNL_VERSION_MAJOR >= 3
CDNNL_INLINE void cdnnl_md_query_dims(
    const cdnnl_md *md, dnnl_query_t what, int count, dnnl_dim_t *out) {
  const dnnl_dims_t *dims = NULL;
  if (dnnl_memory_desc_query(cdnnl_md_native(md), what, &dims) == dnnl_success && dims)
    memcpy(out, *dims, sizeof(dnnl_dim_t) * (size_t)count);
}
#endif

CDNNL_INLINE struct cdnnl_md_parts cdnnl_md_parts_of(const cdnnl_md *md) {
  struct cdnnl_md_parts parts;
  memset(&parts, 0, sizeof parts);
  cdnnl_native_md native = cdnnl_md_native(md);
#if DNNL_VERSION_MAJOR < 3
  parts.ndims = native->ndims;
  parts.kind = native->format_kind;
  parts.type = native->data_type;
  memcpy(parts.dims, native->dims, sizeof parts.dims);
  memcpy(parts.padded, native->padded_dims, sizeof parts.padded);
  if (parts.kind == dnnl_blocked) {
    const dnnl_blocking_desc_t *blocking = &native->format_desc.blocking;
    parts.inner_count = blocking->inner_nblks;
    memcpy(parts.strides, blocking->strides, sizeof parts.strides);
    memcpy(parts.inner_blocks, blocking->inner_blks, sizeof parts.inner_blocks);
    memcpy(parts.inner_indices, blocking->inner_idxs, sizeof parts.inner_indices);
  }
#else
  (void)dnnl_memory_desc_query(native, dnnl_query_ndims_s32, &parts.ndims);
  (void)dnnl_memory_desc_query(native, dnnl_query_format_kind, &parts.kind);
  (void)dnnl_memory_desc_query(native, dnnl_query_data_type, &parts.type);
  cdnnl_md_query_dims(md, dnnl_query_dims, parts.ndims, parts.dims);
  cdnnl_md_query_dims(md, dnnl_query_padded_dims, parts.ndims, parts.padded);
  if (parts.kind == dnnl_blocked) {
    (void)dnnl_memory_desc_query(native, dnnl_query_inner_nblks_s32, &parts.inner_count);
    cdnnl_md_query_dims(md, dnnl_query_strides, parts.ndims, parts.strides);
    cdnnl_md_query_dims(md, dnnl_query_inner_blks, parts.inner_count, parts.inner_blocks);
    cdnnl_md_query_dims(md, dnnl_query_inner_idxs, parts.inner_count, parts.inner_indices);
  }
#endif
  return parts;
}

CDNNL_INLINE int cdnnl_md_ndims(const cdnnl_md *md) { return cdnnl_md_parts_of(md).ndims; }

CDNNL_INLINE dnnl_data_type_t cdnnl_md_data_type(const cdnnl_md *md) {
  return cdnnl_md_parts_of(md).type;
}

/// Copies the dims to `out`, which has room for DNNL_MAX_NDIMS.
CDNNL_INLINE void cdnnl_md_dims(const cdnnl_md *md, dnnl_dim_t *out) {
  struct cdnnl_md_parts parts = cdnnl_md_parts_of(md);
  memcpy(out, parts.dims, sizeof parts.dims);
}

/// Writes the memory format as oneDNN's verbose log names it: `acdb`, `aBcd16b`, `ABcd16b16a2b`.
CDNNL_INLINE void cdnnl_md_format(const cdnnl_md *md, char *text, size_t capacity) {
  struct cdnnl_md_parts parts = cdnnl_md_parts_of(md);
  if (parts.ndims == 0 || parts.kind != dnnl_blocked) {
    const char *kind = parts.ndims == 0 ? "undef" : dnnl_fmt_kind2str(parts.kind);
    snprintf(text, capacity, "%s", kind);
    return;
  }
  dnnl_dim_t blocks[DNNL_MAX_NDIMS], outer[DNNL_MAX_NDIMS];
  int order[DNNL_MAX_NDIMS];
  for (int d = 0; d < parts.ndims; d++) blocks[d] = 1;
  for (int i = 0; i < parts.inner_count; i++)
    blocks[parts.inner_indices[i]] *= parts.inner_blocks[i];
  for (int d = 0; d < parts.ndims; d++) outer[d] = parts.padded[d] / blocks[d];
  // Insertion sort by falling stride, then by falling extent; ties keep their logical order.
  for (int d = 0; d < parts.ndims; d++) {
    int at = d;
    while (at > 0) {
      int before = order[at - 1];
      dnnl_dim_t difference = parts.strides[d] - parts.strides[before];
      if (difference == 0) difference = outer[d] - outer[before];
      if (difference <= 0) break;
      order[at] = before;
      at--;
    }
    order[at] = d;
  }
  size_t used = 0;
  for (int i = 0; i < parts.ndims && used + 1 < capacity; i++)
    text[used++] = (char)((blocks[order[i]] == 1 ? 'a' : 'A') + order[i]);
  text[used] = '\0';
  for (int i = 0; i < parts.inner_count && used < capacity; i++) {
    int added = snprintf(
        text + used, capacity - used, "%d%c", (int)parts.inner_blocks[i],
        (char)('a' + parts.inner_indices[i]));
    used += added > 0 ? (size_t)added : 0;
  }
}

/// Looks a tag up by oneDNN's canonical name; dnnl_format_tag_undef when there is none.
CDNNL_INLINE dnnl_format_tag_t cdnnl_tag_from_text(const char *text) {
  for (int tag = dnnl_format_tag_any; tag < dnnl_format_tag_last; tag++)
    if (strcmp(dnnl_fmt_tag2str((dnnl_format_tag_t)tag), text) == 0) return (dnnl_format_tag_t)tag;
  return dnnl_format_tag_undef;
}

/// The tag of row-major order for that many dimensions.
CDNNL_INLINE dnnl_format_tag_t cdnnl_tag_plain(int ndims) {
  static const dnnl_format_tag_t tags[] = {
      dnnl_a,      dnnl_ab,      dnnl_abc,      dnnl_abcd,      dnnl_abcde,      dnnl_abcdef,
      dnnl_abcdefg, dnnl_abcdefgh, dnnl_abcdefghi, dnnl_abcdefghij, dnnl_abcdefghijk,
      dnnl_abcdefghijkl};
  return ndims >= 1 && ndims <= 12 ? tags[ndims - 1] : dnnl_format_tag_undef;
}

// MARK: Memory

CDNNL_CHECKED cdnnl_memory_create(
    const cdnnl_md *md, dnnl_engine_t engine, void *data, dnnl_memory_t *out) {
  return dnnl_memory_create(out, cdnnl_md_native(md), engine, data);
}

// MARK: Attributes

/// Appends `x := x + scale * dst` (what dst held before, read as `type` or, if that is undef, as
/// the type of dst).
CDNNL_CHECKED cdnnl_post_ops_append_sum(
    dnnl_post_ops_t post_ops, float scale, dnnl_data_type_t type) {
#if DNNL_VERSION_MAJOR < 3
  return dnnl_post_ops_append_sum_v2(post_ops, scale, type);
#else
  return dnnl_post_ops_append_sum(post_ops, scale, 0, type);
#endif
}

/// Multiplies results by fixed factors before the post-ops: one, or one an output channel.
///
/// 2.x generates code with them. 3.x has factors of the operands instead and reads them at every
/// run: `given_as` is the argument to give them as then, 0 in 2.x. One factor is that of the source,
/// several are those of the weights, whose channels come after a dimension of groups if `grouped`.
CDNNL_CHECKED cdnnl_attr_set_output_scales(
    dnnl_primitive_attr_t attr, dnnl_dim_t count, const float *scales, int grouped,
    int *given_as) {
#if DNNL_VERSION_MAJOR < 3
  (void)grouped;
  *given_as = 0;
  return dnnl_primitive_attr_set_output_scales(attr, count, count == 1 ? 0 : 1 << 1, scales);
#else
  (void)scales;
  int operand = count == 1 ? DNNL_ARG_SRC : DNNL_ARG_WEIGHTS;
  *given_as = DNNL_ARG_ATTR_SCALES | operand;
  return dnnl_primitive_attr_set_scales_mask(
      attr, operand, count == 1 ? 0 : grouped ? 1 << 0 | 1 << 1 : 1 << 0);
#endif
}

/// Multiplies an argument by a fixed factor before it is used; `given_as` as above.
CDNNL_CHECKED cdnnl_attr_set_scale(
    dnnl_primitive_attr_t attr, int argument, float scale, int *given_as) {
#if DNNL_VERSION_MAJOR < 3
  *given_as = 0;
  return dnnl_primitive_attr_set_scales(attr, argument, 1, 0, &scale);
#else
  (void)scale;
  *given_as = DNNL_ARG_ATTR_SCALES | argument;
  return dnnl_primitive_attr_set_scales_mask(attr, argument, 0);
#endif
}

/// Which stored number of an argument stands for 0; `given_as` as above, for one s32.
CDNNL_CHECKED cdnnl_attr_set_zero_point(
    dnnl_primitive_attr_t attr, int argument, int32_t zero_point, int *given_as) {
#if DNNL_VERSION_MAJOR < 3
  *given_as = 0;
  return dnnl_primitive_attr_set_zero_points(attr, argument, 1, 0, &zero_point);
#else
  (void)zero_point;
  *given_as = DNNL_ARG_ATTR_ZERO_POINTS | argument;
  return dnnl_primitive_attr_set_zero_points_mask(attr, argument, 0);
#endif
}

/// Appends an element-wise function. 3.x dropped the scale.
CDNNL_CHECKED cdnnl_post_ops_append_eltwise(
    dnnl_post_ops_t post_ops, dnnl_alg_kind_t algorithm, float alpha, float beta) {
#if DNNL_VERSION_MAJOR < 3
  return dnnl_post_ops_append_eltwise(post_ops, 1.0f, algorithm, alpha, beta);
#else
  return dnnl_post_ops_append_eltwise(post_ops, algorithm, alpha, beta);
#endif
}

CDNNL_CHECKED cdnnl_post_ops_append_binary(
    dnnl_post_ops_t post_ops, dnnl_alg_kind_t algorithm, const cdnnl_md *src1) {
  return dnnl_post_ops_append_binary(post_ops, algorithm, cdnnl_md_native(src1));
}

/// DNNL_ARG_ATTR_MULTIPLE_POST_OP is a function-like macro, which Swift does not import.
CDNNL_INLINE int cdnnl_arg_post_op_src1(int index) {
  return DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_SRC_1;
}

// MARK: Element-wise functions

/// The functions that both versions have, whatever they call them.
enum cdnnl_eltwise_kind {
  cdnnl_eltwise_relu,
  cdnnl_eltwise_tanh,
  cdnnl_eltwise_elu,
  cdnnl_eltwise_square,
  cdnnl_eltwise_abs,
  cdnnl_eltwise_sqrt,
  cdnnl_eltwise_linear,
  cdnnl_eltwise_bounded_relu,
  cdnnl_eltwise_soft_relu,
  cdnnl_eltwise_log_sigmoid,
  cdnnl_eltwise_logistic,
  cdnnl_eltwise_exp,
  cdnnl_eltwise_gelu_tanh,
  cdnnl_eltwise_gelu_erf,
  cdnnl_eltwise_swish,
  cdnnl_eltwise_log,
  cdnnl_eltwise_clip,
  cdnnl_eltwise_pow,
  cdnnl_eltwise_round,
  cdnnl_eltwise_mish,
  cdnnl_eltwise_hard_swish
};

struct cdnnl_eltwise {
  dnnl_alg_kind_t algorithm;
  float alpha;
  float beta;
};

/// Translates a function to the library's algorithm and numbers. 3.x has no bounded_relu and no
/// logsigmoid, and gave soft_relu and hardswish numbers of their own.
CDNNL_INLINE struct cdnnl_eltwise cdnnl_eltwise_resolve(
    enum cdnnl_eltwise_kind kind, float alpha, float beta) {
  struct cdnnl_eltwise result = {dnnl_eltwise_relu, alpha, beta};
  switch (kind) {
    case cdnnl_eltwise_relu: result.algorithm = dnnl_eltwise_relu; break;
    case cdnnl_eltwise_tanh: result.algorithm = dnnl_eltwise_tanh; break;
    case cdnnl_eltwise_elu: result.algorithm = dnnl_eltwise_elu; break;
    case cdnnl_eltwise_square: result.algorithm = dnnl_eltwise_square; break;
    case cdnnl_eltwise_abs: result.algorithm = dnnl_eltwise_abs; break;
    case cdnnl_eltwise_sqrt: result.algorithm = dnnl_eltwise_sqrt; break;
    case cdnnl_eltwise_linear: result.algorithm = dnnl_eltwise_linear; break;
    case cdnnl_eltwise_logistic: result.algorithm = dnnl_eltwise_logistic; break;
    case cdnnl_eltwise_exp: result.algorithm = dnnl_eltwise_exp; break;
    case cdnnl_eltwise_gelu_tanh: result.algorithm = dnnl_eltwise_gelu_tanh; break;
    case cdnnl_eltwise_gelu_erf: result.algorithm = dnnl_eltwise_gelu_erf; break;
    case cdnnl_eltwise_swish: result.algorithm = dnnl_eltwise_swish; break;
    case cdnnl_eltwise_log: result.algorithm = dnnl_eltwise_log; break;
    case cdnnl_eltwise_clip: result.algorithm = dnnl_eltwise_clip; break;
    case cdnnl_eltwise_pow: result.algorithm = dnnl_eltwise_pow; break;
    case cdnnl_eltwise_round: result.algorithm = dnnl_eltwise_round; break;
    case cdnnl_eltwise_mish: result.algorithm = dnnl_eltwise_mish; break;
#if DNNL_VERSION_MAJOR < 3
    case cdnnl_eltwise_bounded_relu: result.algorithm = dnnl_eltwise_bounded_relu; break;
    case cdnnl_eltwise_soft_relu: result.algorithm = dnnl_eltwise_soft_relu; break;
    case cdnnl_eltwise_log_sigmoid: result.algorithm = dnnl_eltwise_logsigmoid; break;
    case cdnnl_eltwise_hard_swish: result.algorithm = dnnl_eltwise_hardswish; break;
#else
    case cdnnl_eltwise_bounded_relu:
      result.algorithm = dnnl_eltwise_clip;
      result.alpha = 0.0f;
      result.beta = alpha;
      break;
    case cdnnl_eltwise_soft_relu:
      result.algorithm = dnnl_eltwise_soft_relu;
      result.alpha = 1.0f;
      break;
    case cdnnl_eltwise_log_sigmoid:
      result.algorithm = dnnl_eltwise_soft_relu;
      result.alpha = -1.0f;
      break;
    case cdnnl_eltwise_hard_swish:
      result.algorithm = dnnl_eltwise_hardswish;
      result.alpha = 1.0f / 6.0f;
      result.beta = 0.5f;
      break;
#endif
  }
  return result;
}

// MARK: Primitive descriptors

CDNNL_INLINE void cdnnl_pd_destroy(cdnnl_pd *pd) {
  struct cdnnl_pd_parts *parts = cdnnl_pd_parts_of(pd);
  if (parts->pd) (void)dnnl_primitive_desc_destroy(parts->pd);
#if DNNL_VERSION_MAJOR < 3
  if (parts->iterator) (void)dnnl_primitive_desc_iterator_destroy(parts->iterator);
  free(parts->op);
#endif
  free(parts);
}

/// An empty descriptor for the creators below to fill.
CDNNL_INLINE struct cdnnl_pd_parts *cdnnl_pd_allocate(void) {
  return (struct cdnnl_pd_parts *)calloc(1, sizeof(struct cdnnl_pd_parts));
}

/// Hands a filled descriptor out, or frees it when its creator failed.
CDNNL_CHECKED cdnnl_pd_finish(
    dnnl_status_t status, struct cdnnl_pd_parts *parts, cdnnl_pd **out) {
  if (status == dnnl_success) *out = (cdnnl_pd *)parts;
  else cdnnl_pd_destroy((cdnnl_pd *)parts);
  return status;
}

#if DNNL_VERSION_MAJOR < 3
/// Makes a primitive descriptor from an operation descriptor of 2.x, with its iterator.
///
/// The iterator does not copy the descriptor but reads it again at every step, so it lives as long.
CDNNL_CHECKED cdnnl_pd_from_op(
    const_dnnl_op_desc_t op, size_t size, const_dnnl_primitive_attr_t attr, dnnl_engine_t engine,
    cdnnl_pd **out) {
  struct cdnnl_pd_parts *parts = cdnnl_pd_allocate();
  if (!parts) return dnnl_out_of_memory;
  parts->op = malloc(size);
  if (!parts->op) return cdnnl_pd_finish(dnnl_out_of_memory, parts, out);
  memcpy(parts->op, op, size);
  dnnl_status_t status =
      dnnl_primitive_desc_iterator_create(&parts->iterator, parts->op, attr, engine, NULL);
  if (status == dnnl_success) {
    parts->pd = dnnl_primitive_desc_iterator_fetch(parts->iterator);
    if (!parts->pd) status = dnnl_out_of_memory;
  }
  return cdnnl_pd_finish(status, parts, out);
}
// The head and tail of a creator in 2.x.
#define CDNNL_OP(call, op) \
  do { \
    dnnl_status_t status = (call); \
    if (status != dnnl_success) return status; \
    return cdnnl_pd_from_op(&(op), sizeof(op), attr, engine, out); \
  } while (0)
#else
// The body of a creator in 3.x.
#define CDNNL_PD(call) \
  do { \
    struct cdnnl_pd_parts *parts = cdnnl_pd_allocate(); \
    if (!parts) return dnnl_out_of_memory; \
    return cdnnl_pd_finish((call), parts, out); \
  } while (0)
#endif

/// Goes to the next implementation; dnnl_last_impl_reached (2.x: dnnl_iterator_ends) after the last.
CDNNL_CHECKED cdnnl_pd_next(cdnnl_pd *pd) {
  struct cdnnl_pd_parts *parts = cdnnl_pd_parts_of(pd);
#if DNNL_VERSION_MAJOR < 3
  if (!parts->iterator) return dnnl_iterator_ends;
  dnnl_status_t status = dnnl_primitive_desc_iterator_next(parts->iterator);
  if (status != dnnl_success) return status;
  dnnl_primitive_desc_t next = dnnl_primitive_desc_iterator_fetch(parts->iterator);
  if (!next) return dnnl_out_of_memory;
  (void)dnnl_primitive_desc_destroy(parts->pd);
  parts->pd = next;
  return dnnl_success;
#else
  return dnnl_primitive_desc_next_impl(parts->pd);
#endif
}

CDNNL_INLINE int cdnnl_status_is_last_implementation(dnnl_status_t status) {
#if DNNL_VERSION_MAJOR < 3
  return status == dnnl_iterator_ends;
#else
  return status == dnnl_last_impl_reached;
#endif
}

/// A copy of the descriptor of an execution argument (DNNL_ARG_*); dnnl_unimplemented when unused.
CDNNL_CHECKED cdnnl_pd_argument_md(const cdnnl_pd *pd, int argument, cdnnl_md **out) {
  cdnnl_native_md md =
      dnnl_primitive_desc_query_md(cdnnl_pd_parts_of(pd)->pd, dnnl_query_exec_arg_md, argument);
  if (!md) return dnnl_unimplemented;
  return cdnnl_md_clone((const cdnnl_md *)md, out);
}

/// oneDNN's name of the implementation, such as `jit:avx512_core`; valid as long as `pd`.
CDNNL_INLINE const char *cdnnl_pd_implementation(const cdnnl_pd *pd) {
  const char *name = NULL;
  dnnl_status_t status =
      dnnl_primitive_desc_query(cdnnl_pd_parts_of(pd)->pd, dnnl_query_impl_info_str, 0, &name);
  return status == dnnl_success && name ? name : "";
}

/// The convolution algorithm that was chosen (direct or Winograd for auto).
CDNNL_INLINE dnnl_alg_kind_t cdnnl_pd_convolution_algorithm(const cdnnl_pd *pd) {
#if DNNL_VERSION_MAJOR < 3
  const dnnl_convolution_desc_t *op = NULL;
  dnnl_status_t status =
      dnnl_primitive_desc_query(cdnnl_pd_parts_of(pd)->pd, dnnl_query_convolution_d, 0, &op);
  return status == dnnl_success && op ? op->alg_kind : dnnl_alg_kind_undef;
#else
  dnnl_alg_kind_t algorithm = dnnl_alg_kind_undef;
  (void)dnnl_primitive_desc_query(
      cdnnl_pd_parts_of(pd)->pd, dnnl_query_alg_kind, 0, &algorithm);
  return algorithm;
#endif
}

CDNNL_CHECKED cdnnl_primitive_create(const cdnnl_pd *pd, dnnl_primitive_t *out) {
  return dnnl_primitive_create(out, cdnnl_pd_parts_of(pd)->pd);
}

// MARK: Operations (forward, inference). `dilation` counts from 0, as oneDNN does.

CDNNL_CHECKED cdnnl_convolution_forward_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const cdnnl_md *src, const cdnnl_md *weights,
    const cdnnl_md *bias, const cdnnl_md *dst, const dnnl_dim_t *strides,
    const dnnl_dim_t *dilation, const dnnl_dim_t *padding_l, const dnnl_dim_t *padding_r,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_convolution_desc_t op;
  CDNNL_OP(
      dnnl_dilated_convolution_forward_desc_init(
          &op, dnnl_forward_inference, algorithm, cdnnl_md_native(src), cdnnl_md_native(weights),
          cdnnl_md_native(bias), cdnnl_md_native(dst), strides, dilation, padding_l, padding_r),
      op);
#else
  CDNNL_PD(dnnl_convolution_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, algorithm, cdnnl_md_native(src),
      cdnnl_md_native(weights), cdnnl_md_native(bias), cdnnl_md_native(dst), strides, dilation,
      padding_l, padding_r, attr));
#endif
}

CDNNL_CHECKED cdnnl_inner_product_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *weights, const cdnnl_md *bias,
    const cdnnl_md *dst, const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_inner_product_desc_t op;
  CDNNL_OP(
      dnnl_inner_product_forward_desc_init(
          &op, dnnl_forward_inference, cdnnl_md_native(src), cdnnl_md_native(weights),
          cdnnl_md_native(bias), cdnnl_md_native(dst)),
      op);
#else
  CDNNL_PD(dnnl_inner_product_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, cdnnl_md_native(src), cdnnl_md_native(weights),
      cdnnl_md_native(bias), cdnnl_md_native(dst), attr));
#endif
}

/// A first state that is NULL is zero; a last state that is NULL is not asked for, in all recurrent
/// cells.
struct cdnnl_rnn_states {
  const cdnnl_md *first_h;
  const cdnnl_md *first_c;
  const cdnnl_md *last_h;
  const cdnnl_md *last_c;
};

CDNNL_CHECKED cdnnl_vanilla_rnn_forward_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t activation, float alpha, dnnl_rnn_direction_t direction,
    const cdnnl_md *src, const cdnnl_md *weights, const cdnnl_md *weights_iter,
    const cdnnl_md *bias, const cdnnl_md *dst, const struct cdnnl_rnn_states *states,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_rnn_desc_t op;
  CDNNL_OP(
      dnnl_vanilla_rnn_forward_desc_init(
          &op, dnnl_forward_inference, activation, direction, cdnnl_md_native(src),
          cdnnl_md_native(states->first_h), cdnnl_md_native(weights), cdnnl_md_native(weights_iter),
          cdnnl_md_native(bias), cdnnl_md_native(dst), cdnnl_md_native(states->last_h),
          dnnl_rnn_flags_undef, alpha, 0.0f),
      op);
#else
  CDNNL_PD(dnnl_vanilla_rnn_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, activation, direction, cdnnl_md_native(src),
      cdnnl_md_native(states->first_h), cdnnl_md_native(weights), cdnnl_md_native(weights_iter),
      cdnnl_md_native(bias), cdnnl_md_native(dst), cdnnl_md_native(states->last_h),
      dnnl_rnn_flags_undef, alpha, 0.0f, attr));
#endif
}

CDNNL_CHECKED cdnnl_lstm_forward_pd_create(
    dnnl_engine_t engine, dnnl_rnn_direction_t direction, const cdnnl_md *src,
    const cdnnl_md *weights, const cdnnl_md *weights_iter, const cdnnl_md *bias,
    const cdnnl_md *dst, const struct cdnnl_rnn_states *states, const_dnnl_primitive_attr_t attr,
    cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_rnn_desc_t op;
  CDNNL_OP(
      dnnl_lstm_forward_desc_init(
          &op, dnnl_forward_inference, direction, cdnnl_md_native(src),
          cdnnl_md_native(states->first_h), cdnnl_md_native(states->first_c),
          cdnnl_md_native(weights), cdnnl_md_native(weights_iter), cdnnl_md_native(bias),
          cdnnl_md_native(dst), cdnnl_md_native(states->last_h), cdnnl_md_native(states->last_c),
          dnnl_rnn_flags_undef),
      op);
#else
  CDNNL_PD(dnnl_lstm_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, direction, cdnnl_md_native(src),
      cdnnl_md_native(states->first_h), cdnnl_md_native(states->first_c), cdnnl_md_native(weights),
      cdnnl_md_native(weights_iter), NULL, NULL, cdnnl_md_native(bias), cdnnl_md_native(dst),
      cdnnl_md_native(states->last_h), cdnnl_md_native(states->last_c), dnnl_rnn_flags_undef,
      attr));
#endif
}

CDNNL_CHECKED cdnnl_gru_forward_pd_create(
    dnnl_engine_t engine, dnnl_rnn_direction_t direction, const cdnnl_md *src,
    const cdnnl_md *weights, const cdnnl_md *weights_iter, const cdnnl_md *bias,
    const cdnnl_md *dst, const struct cdnnl_rnn_states *states, const_dnnl_primitive_attr_t attr,
    cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_rnn_desc_t op;
  CDNNL_OP(
      dnnl_gru_forward_desc_init(
          &op, dnnl_forward_inference, direction, cdnnl_md_native(src),
          cdnnl_md_native(states->first_h), cdnnl_md_native(weights), cdnnl_md_native(weights_iter),
          cdnnl_md_native(bias), cdnnl_md_native(dst), cdnnl_md_native(states->last_h),
          dnnl_rnn_flags_undef),
      op);
#else
  CDNNL_PD(dnnl_gru_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, direction, cdnnl_md_native(src),
      cdnnl_md_native(states->first_h), cdnnl_md_native(weights), cdnnl_md_native(weights_iter),
      cdnnl_md_native(bias), cdnnl_md_native(dst), cdnnl_md_native(states->last_h),
      dnnl_rnn_flags_undef, attr));
#endif
}

CDNNL_CHECKED cdnnl_lbr_gru_forward_pd_create(
    dnnl_engine_t engine, dnnl_rnn_direction_t direction, const cdnnl_md *src,
    const cdnnl_md *weights, const cdnnl_md *weights_iter, const cdnnl_md *bias,
    const cdnnl_md *dst, const struct cdnnl_rnn_states *states, const_dnnl_primitive_attr_t attr,
    cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_rnn_desc_t op;
  CDNNL_OP(
      dnnl_lbr_gru_forward_desc_init(
          &op, dnnl_forward_inference, direction, cdnnl_md_native(src),
          cdnnl_md_native(states->first_h), cdnnl_md_native(weights), cdnnl_md_native(weights_iter),
          cdnnl_md_native(bias), cdnnl_md_native(dst), cdnnl_md_native(states->last_h),
          dnnl_rnn_flags_undef),
      op);
#else
  CDNNL_PD(dnnl_lbr_gru_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, direction, cdnnl_md_native(src),
      cdnnl_md_native(states->first_h), cdnnl_md_native(weights), cdnnl_md_native(weights_iter),
      cdnnl_md_native(bias), cdnnl_md_native(dst), cdnnl_md_native(states->last_h),
      dnnl_rnn_flags_undef, attr));
#endif
}

CDNNL_CHECKED cdnnl_pooling_forward_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const cdnnl_md *src, const cdnnl_md *dst,
    const dnnl_dim_t *strides, const dnnl_dim_t *kernel, const dnnl_dim_t *padding_l,
    const dnnl_dim_t *padding_r, const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_pooling_desc_t op;
  CDNNL_OP(
      dnnl_pooling_forward_desc_init(
          &op, dnnl_forward_inference, algorithm, cdnnl_md_native(src), cdnnl_md_native(dst),
          strides, kernel, padding_l, padding_r),
      op);
#else
  dnnl_dims_t dilation = {0};
  CDNNL_PD(dnnl_pooling_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, algorithm, cdnnl_md_native(src),
      cdnnl_md_native(dst), strides, kernel, dilation, padding_l, padding_r, attr));
#endif
}

/// 2.x has one descriptor for both sides; `dst` is always like `src`.
CDNNL_CHECKED cdnnl_eltwise_forward_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const cdnnl_md *src, float alpha, float beta,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_eltwise_desc_t op;
  CDNNL_OP(
      dnnl_eltwise_forward_desc_init(
          &op, dnnl_forward_inference, algorithm, cdnnl_md_native(src), alpha, beta),
      op);
#else
  CDNNL_PD(dnnl_eltwise_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, algorithm, cdnnl_md_native(src),
      cdnnl_md_native(src), alpha, beta, attr));
#endif
}

/// `dst` is always like `src`, and so 2.x has one descriptor for both.
CDNNL_CHECKED cdnnl_prelu_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *slopes,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_prelu_desc_t op;
  CDNNL_OP(
      dnnl_prelu_forward_desc_init(
          &op, dnnl_forward_inference, cdnnl_md_native(src), cdnnl_md_native(slopes)),
      op);
#else
  CDNNL_PD(dnnl_prelu_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, cdnnl_md_native(src), cdnnl_md_native(slopes),
      cdnnl_md_native(src), attr));
#endif
}

CDNNL_CHECKED cdnnl_binary_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const cdnnl_md *src0, const cdnnl_md *src1,
    const cdnnl_md *dst, const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_binary_desc_t op;
  CDNNL_OP(
      dnnl_binary_desc_init(
          &op, algorithm, cdnnl_md_native(src0), cdnnl_md_native(src1), cdnnl_md_native(dst)),
      op);
#else
  CDNNL_PD(dnnl_binary_primitive_desc_create(
      &parts->pd, engine, algorithm, cdnnl_md_native(src0), cdnnl_md_native(src1),
      cdnnl_md_native(dst), attr));
#endif
}

CDNNL_CHECKED cdnnl_softmax_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *dst, int axis,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_softmax_v2_desc_t op;
  CDNNL_OP(
      dnnl_softmax_v2_forward_desc_init(
          &op, dnnl_forward_inference, dnnl_softmax_accurate, cdnnl_md_native(src),
          cdnnl_md_native(dst), axis),
      op);
#else
  CDNNL_PD(dnnl_softmax_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, dnnl_softmax_accurate, cdnnl_md_native(src),
      cdnnl_md_native(dst), axis, attr));
#endif
}

/// Uses given statistics, a scale and a shift. 2.x joins the latter two only on demand.
CDNNL_CHECKED cdnnl_batch_normalization_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, float epsilon, const_dnnl_primitive_attr_t attr,
    cdnnl_pd **out) {
  unsigned flags = dnnl_use_global_stats | dnnl_use_scale | dnnl_use_shift;
#if DNNL_VERSION_MAJOR < 3
  dnnl_batch_normalization_desc_t op;
  CDNNL_OP(
      dnnl_batch_normalization_forward_desc_init(
          &op, dnnl_forward_inference, cdnnl_md_native(src), epsilon, flags),
      op);
#else
  CDNNL_PD(dnnl_batch_normalization_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, cdnnl_md_native(src), cdnnl_md_native(src),
      epsilon, flags, attr));
#endif
}

/// The logarithm of the softmax.
CDNNL_CHECKED cdnnl_log_softmax_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *dst, int axis,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_softmax_v2_desc_t op;
  CDNNL_OP(
      dnnl_softmax_v2_forward_desc_init(
          &op, dnnl_forward_inference, dnnl_softmax_log, cdnnl_md_native(src),
          cdnnl_md_native(dst), axis),
      op);
#else
  CDNNL_PD(dnnl_softmax_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, dnnl_softmax_log, cdnnl_md_native(src),
      cdnnl_md_native(dst), axis, attr));
#endif
}

/// Normalises the last dimension with statistics of its own, a scale and a shift.
CDNNL_CHECKED cdnnl_layer_normalization_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, float epsilon, const_dnnl_primitive_attr_t attr,
    cdnnl_pd **out) {
  unsigned flags = dnnl_use_scale | dnnl_use_shift;
#if DNNL_VERSION_MAJOR < 3
  dnnl_layer_normalization_desc_t op;
  CDNNL_OP(
      dnnl_layer_normalization_forward_desc_init(
          &op, dnnl_forward_inference, cdnnl_md_native(src), NULL, epsilon, flags),
      op);
#else
  CDNNL_PD(dnnl_layer_normalization_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, cdnnl_md_native(src), cdnnl_md_native(src), NULL,
      epsilon, flags, attr));
#endif
}

/// Local response normalisation across channels; `dst` is like `src`.
CDNNL_CHECKED cdnnl_lrn_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, dnnl_dim_t size, float alpha, float beta, float k,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_lrn_desc_t op;
  CDNNL_OP(
      dnnl_lrn_forward_desc_init(
          &op, dnnl_forward_inference, dnnl_lrn_across_channels, cdnnl_md_native(src), size, alpha,
          beta, k),
      op);
#else
  CDNNL_PD(dnnl_lrn_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, dnnl_lrn_across_channels, cdnnl_md_native(src),
      cdnnl_md_native(src), size, alpha, beta, k, attr));
#endif
}

CDNNL_CHECKED cdnnl_matmul_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *weights, const cdnnl_md *dst,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_matmul_desc_t op;
  CDNNL_OP(
      dnnl_matmul_desc_init(
          &op, cdnnl_md_native(src), cdnnl_md_native(weights), NULL, cdnnl_md_native(dst)),
      op);
#else
  CDNNL_PD(dnnl_matmul_primitive_desc_create(
      &parts->pd, engine, cdnnl_md_native(src), cdnnl_md_native(weights), NULL,
      cdnnl_md_native(dst), attr));
#endif
}

/// The factors are those of the extents.
CDNNL_CHECKED cdnnl_resampling_forward_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const cdnnl_md *src, const cdnnl_md *dst,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_resampling_desc_t op;
  CDNNL_OP(
      dnnl_resampling_forward_desc_init(
          &op, dnnl_forward_inference, algorithm, NULL, cdnnl_md_native(src),
          cdnnl_md_native(dst)),
      op);
#else
  CDNNL_PD(dnnl_resampling_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, algorithm, NULL, cdnnl_md_native(src),
      cdnnl_md_native(dst), attr));
#endif
}

/// Folds the dimensions whose extent is 1 in `dst`; `p` is that of a norm.
CDNNL_CHECKED cdnnl_reduction_pd_create(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const cdnnl_md *src, const cdnnl_md *dst,
    float p, const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_reduction_desc_t op;
  CDNNL_OP(
      dnnl_reduction_desc_init(
          &op, algorithm, cdnnl_md_native(src), cdnnl_md_native(dst), p, 0.0f),
      op);
#else
  CDNNL_PD(dnnl_reduction_primitive_desc_create(
      &parts->pd, engine, algorithm, cdnnl_md_native(src), cdnnl_md_native(dst), p, 0.0f, attr));
#endif
}

CDNNL_CHECKED cdnnl_deconvolution_forward_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *weights, const cdnnl_md *bias,
    const cdnnl_md *dst, const dnnl_dim_t *strides, const dnnl_dim_t *dilation,
    const dnnl_dim_t *padding_l, const dnnl_dim_t *padding_r, const_dnnl_primitive_attr_t attr,
    cdnnl_pd **out) {
#if DNNL_VERSION_MAJOR < 3
  dnnl_deconvolution_desc_t op;
  CDNNL_OP(
      dnnl_dilated_deconvolution_forward_desc_init(
          &op, dnnl_forward_inference, dnnl_deconvolution_direct, cdnnl_md_native(src),
          cdnnl_md_native(weights), cdnnl_md_native(bias), cdnnl_md_native(dst), strides, dilation,
          padding_l, padding_r),
      op);
#else
  CDNNL_PD(dnnl_deconvolution_forward_primitive_desc_create(
      &parts->pd, engine, dnnl_forward_inference, dnnl_deconvolution_direct, cdnnl_md_native(src),
      cdnnl_md_native(weights), cdnnl_md_native(bias), cdnnl_md_native(dst), strides, dilation,
      padding_l, padding_r, attr));
#endif
}

CDNNL_CHECKED cdnnl_reorder_pd_create(
    dnnl_engine_t engine, const cdnnl_md *src, const cdnnl_md *dst,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
  struct cdnnl_pd_parts *parts = cdnnl_pd_allocate();
  if (!parts) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_reorder_primitive_desc_create(
      &parts->pd, cdnnl_md_native(src), engine, cdnnl_md_native(dst), engine, attr);
  return cdnnl_pd_finish(status, parts, out);
}

/// Joins `count` sources. 2.x wants their structs side by side.
CDNNL_CHECKED cdnnl_concat_pd_create(
    dnnl_engine_t engine, const cdnnl_md *dst, int count, int axis, cdnnl_md *const *src,
    const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
  struct cdnnl_pd_parts *parts = cdnnl_pd_allocate();
  if (!parts) return dnnl_out_of_memory;
#if DNNL_VERSION_MAJOR < 3
  dnnl_memory_desc_t *joined = (dnnl_memory_desc_t *)malloc(sizeof *joined * (size_t)count);
  if (!joined) return cdnnl_pd_finish(dnnl_out_of_memory, parts, out);
  for (int i = 0; i < count; i++) joined[i] = *cdnnl_md_native(src[i]);
  dnnl_status_t status = dnnl_concat_primitive_desc_create(
      &parts->pd, cdnnl_md_native(dst), count, axis, joined, attr, engine);
  free(joined);
#else
  dnnl_status_t status = dnnl_concat_primitive_desc_create(
      &parts->pd, engine, cdnnl_md_native(dst), count, axis,
      (const_dnnl_memory_desc_t const *)src, attr);
#endif
  return cdnnl_pd_finish(status, parts, out);
}

/// Adds `count` sources times their scales.
CDNNL_CHECKED cdnnl_sum_pd_create(
    dnnl_engine_t engine, const cdnnl_md *dst, int count, const float *scales,
    cdnnl_md *const *src, const_dnnl_primitive_attr_t attr, cdnnl_pd **out) {
  struct cdnnl_pd_parts *parts = cdnnl_pd_allocate();
  if (!parts) return dnnl_out_of_memory;
#if DNNL_VERSION_MAJOR < 3
  dnnl_memory_desc_t *joined = (dnnl_memory_desc_t *)malloc(sizeof *joined * (size_t)count);
  if (!joined) return cdnnl_pd_finish(dnnl_out_of_memory, parts, out);
  for (int i = 0; i < count; i++) joined[i] = *cdnnl_md_native(src[i]);
  dnnl_status_t status = dnnl_sum_primitive_desc_create(
      &parts->pd, cdnnl_md_native(dst), count, scales, joined, attr, engine);
  free(joined);
#else
  dnnl_status_t status = dnnl_sum_primitive_desc_create(
      &parts->pd, engine, cdnnl_md_native(dst), count, scales,
      (const_dnnl_memory_desc_t const *)src, attr);
#endif
  return cdnnl_pd_finish(status, parts, out);
}

// MARK: The library

/// Caps the instruction set by name (`sse41`, `avx`, `avx2`, `avx512_core`, `avx512_core_bf16`, …);
/// dnnl_invalid_arguments for an unknown one. Works only before the first primitive is made.
CDNNL_CHECKED cdnnl_set_max_cpu_isa(const char *name) {
  static const dnnl_cpu_isa_t known[] = {
      dnnl_cpu_isa_sse41, dnnl_cpu_isa_avx,
      dnnl_cpu_isa_avx2,        dnnl_cpu_isa_avx2_vnni,       dnnl_cpu_isa_avx512_core,
      dnnl_cpu_isa_avx512_core_vnni, dnnl_cpu_isa_avx512_core_bf16, dnnl_cpu_isa_avx512_core_amx,
#if DNNL_VERSION_MAJOR >= 3
      dnnl_cpu_isa_avx2_vnni_2, dnnl_cpu_isa_avx512_core_fp16, dnnl_cpu_isa_avx512_core_amx_fp16,
#endif
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    const char *text = dnnl_cpu_isa2str(known[i]);
    if (strncmp(text, "cpu_isa_", 8) == 0) text += 8;
    if (strcmp(text, name) == 0) return dnnl_set_max_cpu_isa(known[i]);
  }
  return dnnl_invalid_arguments;
}

/// The instruction set that primitives use, e.g. `avx512_core_bf16`.
CDNNL_INLINE const char *cdnnl_effective_cpu_isa(void) {
  const char *text = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa());
  return strncmp(text, "cpu_isa_", 8) == 0 ? text + 8 : text;
}

/// The threading runtime: `OpenMP`, `TBB`, `sequential`, …
CDNNL_INLINE const char *cdnnl_cpu_runtime(void) {
  return dnnl_runtime2str(dnnl_version()->cpu_runtime);
}
