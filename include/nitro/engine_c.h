#pragma once

/* Nitro's CUDA engine as a C library (libnitro_engine.so): loads a plan that `nitro export --plan`
 * wrote and runs it on an NVIDIA GPU. Needs the driver and NVRTC at run time, nothing of CUDA to
 * build.
 *
 * Functions that can fail return 0 or NULL then, and fill `error` where it is not NULL. An engine is
 * for one thread at a time. Device addresses are those of the device's primary context, which is
 * that of the CUDA runtime and of PyTorch. */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NITRO_API __attribute__((visibility("default")))
#else
#define NITRO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct CUstream_st; /* of cuda.h */

typedef struct nitro_engine nitro_engine;

/* One sentence each; the code is a word such as "environment", "bad_file", "out_of_memory". */
typedef struct nitro_engine_error {
  char code[32];
  char message[1024];
  char hint[512];
} nitro_engine_error;

typedef struct nitro_engine_options {
  int device; /* its number, as the driver counts them */
  /* Folders that may hold NVIDIA's pip packages (nvidia/…), separated by ':'; NULL: none. */
  const char* package_folders;
} nitro_engine_options;

/* An input or output. What it points to lives as long as the engine. */
typedef struct nitro_engine_port {
  const char* name;
  const char* dtype; /* f32 f16 bf16 f64 i8 u8 i32 i64 bool */
  const int64_t* shape;
  size_t rank;
  size_t bytes;
} nitro_engine_port;

/* Compiles (or takes from the cache) and uploads everything. `options` may be NULL. */
NITRO_API nitro_engine* nitro_engine_load(const char* plan_file,
                                          const nitro_engine_options* options,
                                          nitro_engine_error* error);
NITRO_API void nitro_engine_free(nitro_engine* engine);

NITRO_API size_t nitro_engine_input_count(const nitro_engine* engine);
NITRO_API size_t nitro_engine_output_count(const nitro_engine* engine);
/* `i` must be below the count. */
NITRO_API nitro_engine_port nitro_engine_input(const nitro_engine* engine, size_t i);
NITRO_API nitro_engine_port nitro_engine_output(const nitro_engine* engine, size_t i);
/* The device address where input or output i is read or written now. */
NITRO_API uint64_t nitro_engine_input_memory(const nitro_engine* engine, size_t i);
NITRO_API uint64_t nitro_engine_output_memory(const nitro_engine* engine, size_t i);
NITRO_API const char* nitro_engine_device_name(const nitro_engine* engine);
NITRO_API size_t nitro_engine_step_count(const nitro_engine* engine);
/* Of the device: arena, constants, inputs and outputs. */
NITRO_API size_t nitro_engine_memory_bytes(const nitro_engine* engine);

/* Lets all inputs and outputs be at device addresses of the caller's (multiples of 256; 0: in the
 * engine's memory), by recording the launches again. Memory must outlive the runs. NULL: all 0. */
NITRO_API int nitro_engine_bind(nitro_engine* engine, const uint64_t* inputs,
                                const uint64_t* outputs, nitro_engine_error* error);

/* Puts one run into a stream (NULL: CUDA's default stream) and returns. Allocates nothing. */
NITRO_API int nitro_engine_run(nitro_engine* engine, struct CUstream_st* stream,
                               nitro_engine_error* error);

/* Copies all inputs from the host to where they are now, runs, copies all outputs to the host, and
 * waits. Each must have the bytes of its port. */
NITRO_API int nitro_engine_run_host(nitro_engine* engine, const void* const* inputs,
                                    void* const* outputs, nitro_engine_error* error);

#ifdef __cplusplus
}
#endif
