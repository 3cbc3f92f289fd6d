// Runs one oneDNN primitive under callgrind as one would by hand, to hold `--counters simulated`
// to it: by_hand relu ELEMENTS, or by_hand fc INPUTS OUTPUTS. Dumps the parts "cold" and "warm".
#include <valgrind/callgrind.h>

#include "shim.h"

#define CHECK(call) \
  do { \
    dnnl_status_t status = (call); \
    if (status != dnnl_success) { \
      fprintf(stderr, "%s: %d\n", #call, (int)status); \
      exit(1); \
    } \
  } while (0)

static dnnl_engine_t engine;
static dnnl_exec_arg_t arguments[8];
static int count;

static cdnnl_md *md(int ndims, const dnnl_dim_t *dims, dnnl_format_tag_t tag) {
  cdnnl_md *result = NULL;
  CHECK(cdnnl_md_create(ndims, dims, dnnl_f32, tag, &result));
  return result;
}

static void add(const cdnnl_pd *pd, int argument) {
  cdnnl_md *description = NULL;
  CHECK(cdnnl_pd_argument_md(pd, argument, &description));
  size_t bytes = cdnnl_md_size(description);
  float *data = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  for (size_t i = 0; i < bytes / sizeof *data; i++) data[i] = i % 3 ? 0.5f : -0.25f;
  dnnl_memory_t memory;
  CHECK(cdnnl_memory_create(description, engine, data, &memory));
  arguments[count].arg = argument;
  arguments[count++].memory = memory;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  CHECK(dnnl_engine_create(&engine, dnnl_cpu, 0));
  dnnl_stream_t stream;
  CHECK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
  cdnnl_pd *pd = NULL;
  if (strcmp(argv[1], "relu") == 0) {
    dnnl_dim_t dims[4] = {1, atoi(argv[2]) / 784, 28, 28};
    cdnnl_md *data = md(4, dims, dnnl_abcd);
    CHECK(cdnnl_eltwise_forward_pd_create(engine, dnnl_eltwise_relu, data, 0, 0, NULL, &pd));
    add(pd, DNNL_ARG_SRC);
    add(pd, DNNL_ARG_DST);
  } else {
    dnnl_dim_t in = atoi(argv[2]), out = atoi(argv[3]);
    dnnl_dim_t source[2] = {1, in}, weights[2] = {out, in}, result[2] = {1, out};
    CHECK(cdnnl_inner_product_forward_pd_create(
        engine, md(2, source, dnnl_ab), md(2, weights, dnnl_format_tag_any),
        md(1, &out, dnnl_a), md(2, result, dnnl_ab), NULL, &pd));
    add(pd, DNNL_ARG_SRC);
    add(pd, DNNL_ARG_WEIGHTS);
    add(pd, DNNL_ARG_BIAS);
    add(pd, DNNL_ARG_DST);
  }
  dnnl_primitive_t primitive;
  CHECK(cdnnl_primitive_create(pd, &primitive));
  CHECK(dnnl_primitive_execute(primitive, stream, count, arguments));
  CHECK(dnnl_stream_wait(stream));

  CALLGRIND_START_INSTRUMENTATION;
  for (int warm = 0; warm < 2; warm++) {
    CALLGRIND_ZERO_STATS;
    CHECK(dnnl_primitive_execute(primitive, stream, count, arguments));
    CHECK(dnnl_stream_wait(stream));
    CALLGRIND_DUMP_STATS_AT(warm ? "warm" : "cold");
  }
  CALLGRIND_STOP_INSTRUMENTATION;
  printf("%s\n", cdnnl_pd_implementation(pd));
  return 0;
}
