/* A CUPTI for the driver beside it: of what that executes while kernels are recorded, each 10
   microseconds are one of them. FAKE_CUPTI_LOSES is how many it does not tell. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { kKernelNs = 10000, kConcurrentKernel = 10, kRecordBytes = 144, kBadParameter = 1, kEnd = 12 };

typedef void (*RequestBuffer)(uint8_t** buffer, size_t* bytes, size_t* most_records);
typedef void (*BufferFull)(void* context, uint32_t stream, uint8_t* buffer, size_t bytes,
                           size_t valid_bytes);
static RequestBuffer request_buffer;
static BufferFull buffer_full;
static int64_t begin_ns;

static int64_t executed_ns(void) {
  int64_t (*function)(void) = NULL;
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  void* symbol = driver != NULL ? dlsym(driver, "fake_executed_ns") : NULL;
  memcpy(&function, &symbol, sizeof symbol);
  return function != NULL ? function() : 0;
}

int cuptiActivityRegisterCallbacks(RequestBuffer request, BufferFull full) {
  request_buffer = request;
  buffer_full = full;
  return 0;
}
int cuptiActivityEnable(int kind) {
  begin_ns = executed_ns();
  return kind == kConcurrentKernel ? 0 : kBadParameter;
}
int cuptiActivityDisable(int kind) { return kind == kConcurrentKernel ? 0 : kBadParameter; }

/* Latest first: the order of records is not that of kernels. */
int cuptiActivityFlushAll(uint32_t flags) {
  const char* loses = getenv("FAKE_CUPTI_LOSES");
  int64_t left = (executed_ns() - begin_ns) / kKernelNs - (loses != NULL ? atoi(loses) : 0);
  while (left > 0) {
    uint8_t* buffer = NULL;
    size_t bytes = 0, most = 0, used = 0;
    request_buffer(&buffer, &bytes, &most);
    for (; left > 0 && used + kRecordBytes <= bytes; used += kRecordBytes) {
      const uint32_t kind = kConcurrentKernel;
      const uint64_t start = (uint64_t)(--left * kKernelNs), end = start + kKernelNs - 1000;
      memset(buffer + used, 0xFF, kRecordBytes);
      memcpy(buffer + used, &kind, sizeof kind);
      memcpy(buffer + used + 16, &start, sizeof start);
      memcpy(buffer + used + 24, &end, sizeof end);
    }
    buffer_full(NULL, 0, buffer, bytes, used);
  }
  return (void)flags, 0;
}
int cuptiActivityGetNextRecord(uint8_t* buffer, size_t valid_bytes, void** record) {
  uint8_t* next = *record == NULL ? buffer : (uint8_t*)*record + kRecordBytes;
  if (next + kRecordBytes > buffer + valid_bytes) return kEnd;
  *record = next;
  return 0;
}

/* The range profiler: each 10 microseconds that the driver executes are a kernel, which moves as
   many bytes as its number says kilobytes, and keeps everything busy for a quarter of its time. This
   GPU knows nothing of tensor cores. FAKE_CUPTI_FORBIDS counting to users. */
enum { kInvalidMetric = 14, kNotAllowed = 35, kOfKernels = 1, kByCupti = 2 };
typedef struct { size_t size; void* reserved; size_t device; const char* name; } ChipName;
typedef struct { size_t size; void *reserved, *context; size_t image_size; uint8_t* image; } Availability;
typedef struct { size_t size; void *reserved, *host; const char* name; } Properties;
typedef struct { size_t size; void *reserved, *host; size_t image_size; } Size;
typedef struct { size_t size; void *reserved, *ranges; const char** names; size_t count, most; uint32_t nodes; size_t image_size; } DataSize;
typedef struct { size_t size; void *reserved, *ranges; size_t config_size; const uint8_t* config; size_t data_size; uint8_t* data; int range, replay; } Config;
typedef struct { size_t size; void* reserved; const uint8_t* data; size_t data_size, ranges; } DataInfo;
typedef struct { size_t size; void *reserved, *host; const uint8_t* data; size_t data_size, range; const char** names; size_t count; double* values; } Evaluate;
static size_t counted;

int cuptiProfilerInitialize(void* p) { return (void)p, 0; }
int cuptiDeviceGetChipName(ChipName* p) { return p->name = "FAKE100", 0; }
int cuptiProfilerGetCounterAvailability(Availability* p) {
  if (getenv("FAKE_CUPTI_FORBIDS") != NULL) return kNotAllowed;
  return p->image_size = 16, 0;
}
int cuptiProfilerHostInitialize(void* p) { return (void)p, 0; }
int cuptiProfilerHostDeinitialize(void* p) { return (void)p, 0; }
int cuptiProfilerHostGetMetricProperties(Properties* p) {
  return strstr(p->name, "tensor") != NULL ? kInvalidMetric : 0;
}
int cuptiProfilerHostConfigAddMetrics(void* p) { return (void)p, 0; }
int cuptiProfilerHostGetConfigImageSize(Size* p) { return p->image_size = 16, 0; }
int cuptiProfilerHostGetConfigImage(void* p) { return (void)p, 0; }
int cuptiRangeProfilerEnable(void* p) { return (void)p, 0; }
int cuptiRangeProfilerDisable(void* p) { return (void)p, 0; }
int cuptiRangeProfilerGetCounterDataSize(DataSize* p) { return p->image_size = 16, 0; }
int cuptiRangeProfilerCounterDataImageInitialize(void* p) { return (void)p, 0; }
int cuptiRangeProfilerSetConfig(Config* p) {
  return p->range == kOfKernels && p->replay == kByCupti ? 0 : kBadParameter;
}
int cuptiRangeProfilerStart(void* p) {
  begin_ns = executed_ns();
  return (void)p, 0;
}
int cuptiRangeProfilerStop(void* p) {
  counted = (size_t)((executed_ns() - begin_ns) / kKernelNs);
  return (void)p, 0;
}
int cuptiRangeProfilerDecodeData(void* p) { return (void)p, 0; }
int cuptiRangeProfilerGetCounterDataInfo(DataInfo* p) { return p->ranges = counted, 0; }
int cuptiProfilerHostEvaluateToGpuValues(Evaluate* p) {
  for (size_t i = 0; i < p->count; ++i)
    p->values[i] = strstr(p->names[i], "bytes") != NULL ? 1000.0 * (double)(p->range + 1) : 25.0;
  return 0;
}
