/* A libcuda.so.1 without a GPU, for tests of what is around the engine: memory is the host's and zero,
 * a kernel computes nothing and takes 10 microseconds, and FAKE_BLOCK_NS nanoseconds for each of its
 * blocks. FAKE_CAPABILITY is its compute capability, by default 90; what is copied to it is also
 * appended to the file FAKE_UPLOADS. With FAKE_GPU_CLOCK and FAKE_EMC_CLOCK, files with a clock in
 * hertz, a kernel takes instead of 10 microseconds, by the remainder of its blocks by 3: 10,000
 * cycles of the first clock (0), of the second (1), or 10 microseconds (2). Compiled with FAKE_CUDA_VERSION=10020 it has only functions of
 * CUDA 10.2. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef FAKE_CUDA_VERSION
#define FAKE_CUDA_VERSION 12080
#endif
enum { kLaunchNs = 10000, kCycles = 10000, kMostFunctions = 64 };

struct work {
  int64_t ns, gpu_cycles, emc_cycles;
};

static int capturing;
static struct work captured;
static int64_t now_ns;  /* of launches that are done or pending */
static int64_t pending_ns;
static struct {
  void (*function)(void*);
  void* argument;
} functions[kMostFunctions];
static int function_count;

static int64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* A handle that holds a number. */
static int make(void** handle, int64_t number) {
  int64_t* held = malloc(sizeof *held);
  *held = number;
  *handle = held;
  return 0;
}
static int give_back(void* handle) {
  free(handle);
  return 0;
}
static int64_t ns_of_cycles(int64_t cycles, const char* clock) {
  double hertz = 1e9;
  FILE* file = cycles != 0 ? fopen(getenv(clock), "r") : NULL;
  if (file != NULL) {
    if (fscanf(file, "%lf", &hertz) != 1) hertz = 1e9;
    fclose(file);
  }
  return (int64_t)((double)cycles * 1e9 / hertz);
}
static int add_work(struct work work) {
  if (capturing) {
    captured.ns += work.ns;
    captured.gpu_cycles += work.gpu_cycles;
    captured.emc_cycles += work.emc_cycles;
  } else {
    const int64_t ns = work.ns + ns_of_cycles(work.gpu_cycles, "FAKE_GPU_CLOCK") +
                       ns_of_cycles(work.emc_cycles, "FAKE_EMC_CLOCK");
    now_ns += ns;
    pending_ns += ns;
  }
  return 0;
}
static int make_graph(void** handle, const struct work* work) {
  struct work* held = malloc(sizeof *held);
  *held = *work;
  *handle = held;
  return 0;
}

int64_t fake_executed_ns(void) { return now_ns; }

int cuInit(unsigned flags) { return (int)(flags & 0); }
int cuDriverGetVersion(int* version) { return *version = FAKE_CUDA_VERSION, 0; }
/* NVRTC asks for it where it finds a driver: not supported. */
int cuGetExportTable(const void** table, const void* id) { return *table = NULL, (void)id, 801; }
int cuGetErrorName(int error, const char** name) { return *name = "CUDA_ERROR_OF_TEST", error & 0; }
int cuGetErrorString(int error, const char** text) { return *text = "of the test", error & 0; }
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetName(char* name, int size, int device) {
  strncpy(name, "Fake GPU", (size_t)size);
  return device & 0;
}
static int capability(void) {
  const char* given = getenv("FAKE_CAPABILITY");
  return given != NULL ? atoi(given) : 90;
}
int cuDeviceGetAttribute(int* value, int attribute, int device) {
  switch (attribute) {
    case 75: *value = capability() / 10; break;
    case 76: *value = capability() % 10; break;
    case 1: *value = 1024; break;   /* threads per block */
    case 12: *value = 65536; break; /* registers per block */
    case 13: *value = 1000000; break; /* kHz */
    case 97: *value = (capability() < 90 ? 48 : 227) << 10; break; /* shared memory per block */
    default: *value = 132; break; /* multiprocessors and others */
  }
  return device & 0;
}
int cuDeviceGetPCIBusId(char* id, int size, int device) {
  strncpy(id, "0000:00:00.0", (size_t)size);
  return device & 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int device) { return *bytes = (size_t)1 << 33, device & 0; }
int cuDevicePrimaryCtxRetain(void** context, int device) { return make(context, device); }
#if FAKE_CUDA_VERSION < 11000
#define cuDevicePrimaryCtxRelease_v2 cuDevicePrimaryCtxRelease
#endif
int cuDevicePrimaryCtxRelease_v2(int device) { return device & 0; }
int cuCtxPushCurrent_v2(void* context) { return (void)context, 0; }
int cuCtxPopCurrent_v2(void** context) { return *context = NULL, 0; }

int cuModuleLoadData(void** module, const void* image) { return (void)image, make(module, 0); }
int cuModuleUnload(void* module) { return give_back(module); }
int cuModuleGetFunction(void** function, void* module, const char* name) {
  return *function = module, (void)name, 0;
}
int cuFuncSetAttribute(void* function, int attribute, int value) {
  return (void)function, (attribute ^ value) & 0;
}
int cuFuncGetAttribute(int* value, int attribute, void* function) {
  return *value = 0, (void)function, attribute & 0;
}
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* function, int threads,
                                                size_t shared) {
  return *blocks = 1, (void)function, (threads ^ (int)shared) & 0;
}

int cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
  return *free_bytes = *total = (size_t)1 << 33, 0;
}
int cuMemAlloc_v2(uint64_t* memory, size_t bytes) {
  const size_t size = (bytes + 255) / 256 * 256;
  void* made = aligned_alloc(256, size);
  if (made == NULL) return 2;
  memset(made, 0, size);
  *memory = (uint64_t)(uintptr_t)made;
  return 0;
}
int cuMemFree_v2(uint64_t memory) { return free((void*)(uintptr_t)memory), 0; }
int cuMemcpyHtoDAsync_v2(uint64_t target, const void* source, size_t bytes, void* stream) {
  const char* log = getenv("FAKE_UPLOADS");
  FILE* file = log != NULL ? fopen(log, "a") : NULL;
  if (file != NULL) {
    fwrite(source, 1, bytes, file);
    fclose(file);
  }
  return memcpy((void*)(uintptr_t)target, source, bytes), (void)stream, 0;
}
int cuMemcpyDtoHAsync_v2(void* target, uint64_t source, size_t bytes, void* stream) {
  return memcpy(target, (void*)(uintptr_t)source, bytes), (void)stream, 0;
}
int cuMemsetD8Async(uint64_t memory, unsigned char value, size_t bytes, void* stream) {
  return memset((void*)(uintptr_t)memory, value, bytes), (void)stream, 0;
}

int cuStreamCreate(void** stream, unsigned flags) { return make(stream, flags); }
int cuStreamDestroy_v2(void* stream) { return give_back(stream); }
int cuStreamSynchronize(void* stream) {
  for (int i = 0; i < function_count; ++i) functions[i].function(functions[i].argument);
  function_count = 0;
  const int64_t end = clock_ns() + pending_ns;
  pending_ns = 0;
  while (clock_ns() < end) {
  }
  return (void)stream, 0;
}
int cuLaunchHostFunc(void* stream, void (*function)(void*), void* argument) {
  if (function_count == kMostFunctions) return 1;
  functions[function_count].function = function;
  functions[function_count++].argument = argument;
  return (void)stream, 0;
}

int cuEventCreate(void** event, unsigned flags) { return make(event, flags); }
int cuEventDestroy_v2(void* event) { return give_back(event); }
int cuEventRecord(void* event, void* stream) {
  return *(int64_t*)event = now_ns, (void)stream, 0;
}
int cuEventElapsedTime(float* milliseconds, void* start, void* end) {
  *milliseconds = (float)(*(int64_t*)end - *(int64_t*)start) * 1e-6F;
  return 0;
}

static int launch(unsigned gx, unsigned gy, unsigned gz) {
  const char* given = getenv("FAKE_BLOCK_NS");
  const int64_t blocks = (int64_t)gx * gy * gz;
  struct work work = {kLaunchNs, 0, 0};
  if (getenv("FAKE_GPU_CLOCK") != NULL && blocks % 3 == 0) work = (struct work){0, kCycles, 0};
  if (getenv("FAKE_EMC_CLOCK") != NULL && blocks % 3 == 1) work = (struct work){0, 0, kCycles};
  work.ns += given != NULL ? atoi(given) * blocks : 0;
  return add_work(work);
}
int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned shared, void* stream, void** arguments, void** extra) {
  (void)function, (void)bx, (void)by, (void)bz, (void)shared;
  (void)stream, (void)arguments, (void)extra;
  return launch(gx, gy, gz);
}
#if FAKE_CUDA_VERSION >= 11080
int cuLaunchKernelEx(const void* config, void* function, void** arguments, void** extra) {
  const unsigned* grid = config; /* comes first in it */
  (void)function, (void)arguments, (void)extra;
  return launch(grid[0], grid[1], grid[2]);
}
#endif
int cuStreamBeginCapture_v2(void* stream, int mode) {
  capturing = 1;
  captured = (struct work){0, 0, 0};
  return (void)stream, mode & 0;
}
int cuStreamEndCapture(void* stream, void** graph) {
  capturing = 0;
  return (void)stream, make_graph(graph, &captured);
}
int cuGraphDestroy(void* graph) { return give_back(graph); }
#if FAKE_CUDA_VERSION >= 11040
int cuGraphUpload(void* executable, void* stream) { return (void)executable, (void)stream, 0; }
int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long flags) {
  return (void)flags, make_graph(executable, graph);
}
#endif
#if FAKE_CUDA_VERSION < 11000
#define cuGraphInstantiate_v2 cuGraphInstantiate
#endif
int cuGraphInstantiate_v2(void** executable, void* graph, void** node, char* log, size_t size) {
  return (void)node, (void)log, (void)size, make_graph(executable, graph);
}
int cuGraphExecDestroy(void* executable) { return give_back(executable); }
int cuGraphLaunch(void* executable, void* stream) {
  return (void)stream, add_work(*(struct work*)executable);
}
