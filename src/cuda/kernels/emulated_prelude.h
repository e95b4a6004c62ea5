// prelude.cuh for the processor: the same names, and what CUDA itself has, so that kernels without
// tensor cores run in tests. The threads of a block are fibers that take turns at barriers; the
// blocks follow each other. Each compiled program has its own copy of all this.

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <memory>
#include <utility>
#include <vector>

#define __device__
#define __host__
#define __global__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __shared__ static
#define __constant__ static
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};
static dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulated {

constexpr size_t kStackBytes = 256 << 10;
constexpr int kWarp = 32;
enum class State { kReady, kAtBlock, kAtWarp, kDone };

struct Thread {
  State state = State::kDone;
  unsigned mask = 0;       // of the warp barrier it waits at
  int fiber = -1;          // that runs it
  unsigned exchanges = 0;  // so far
};

struct Fiber {
  Fiber()
      : stack(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Fiber() { munmap(stack, kStackBytes); }
  ucontext_t context;
  void* stack;
};

/// One block at a time.
struct Block {
  std::vector<Thread> threads;
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<int> idle;        // fibers
  std::vector<char> exchanged;  // [warp][parity][lane] of 8 bytes
  ucontext_t scheduler;
  int next = 0;     // thread to start
  int current = 0;  // running
  void (*kernel)(void**) = nullptr;
  void** arguments = nullptr;
  const char* error = nullptr;
};
static Block block;
static char* dynamic_shared = nullptr;

inline void enter(int thread) {
  block.current = thread;
  threadIdx.x = (unsigned)thread % blockDim.x;
  threadIdx.y = (unsigned)thread / blockDim.x % blockDim.y;
  threadIdx.z = (unsigned)thread / blockDim.x / blockDim.y;
}

/// What a fiber does: threads from beginning to end, the next where one ends without waiting.
static void work() {
  for (;;) {
    const int own = block.threads[(size_t)block.current].fiber;
    block.kernel(block.arguments);
    block.threads[(size_t)block.current].state = State::kDone;
    if (block.next < (int)block.threads.size()) {
      Thread& thread = block.threads[(size_t)block.next];
      thread.state = State::kReady;
      thread.fiber = own;
      enter(block.next++);
      continue;
    }
    block.idle.push_back(own);
    swapcontext(&block.fibers[(size_t)own]->context, &block.scheduler);
  }
}

inline int free_fiber() {
  if (!block.idle.empty()) {
    const int fiber = block.idle.back();
    block.idle.pop_back();
    return fiber;
  }
  std::unique_ptr<Fiber> fiber(new Fiber);
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = fiber->stack;
  fiber->context.uc_stack.ss_size = kStackBytes;
  fiber->context.uc_link = nullptr;
  makecontext(&fiber->context, work, 0);
  block.fibers.push_back(std::move(fiber));
  return (int)block.fibers.size() - 1;
}

/// Runs a thread until it waits or ends.
inline void resume(int thread) {
  enter(thread);
  const int fiber = block.threads[(size_t)thread].fiber;
  swapcontext(&block.scheduler, &block.fibers[(size_t)fiber]->context);
}

inline void wait(State state, unsigned mask) {
  const int own = block.current;
  Thread& thread = block.threads[(size_t)own];
  thread.state = state;
  thread.mask = mask;
  swapcontext(&block.fibers[(size_t)thread.fiber]->context, &block.scheduler);
}

/// Lets the threads go on that wait at a barrier which all have reached.
inline bool release() {
  bool any = false;
  size_t at_block = 0;
  for (const Thread& thread : block.threads) at_block += thread.state == State::kAtBlock;
  if (at_block == block.threads.size()) {
    for (Thread& thread : block.threads) thread.state = State::kReady;
    return true;
  }
  for (size_t first = 0; first < block.threads.size(); first += kWarp) {
    for (size_t lane = 0; lane < kWarp && first + lane < block.threads.size(); ++lane) {
      const Thread& one = block.threads[first + lane];
      if (one.state != State::kAtWarp) continue;
      const unsigned mask = one.mask;
      bool all = true;
      for (size_t other = 0; other < kWarp; ++other) {
        if (!(mask >> other & 1)) continue;
        const size_t place = first + other;
        all = all && place < block.threads.size() && block.threads[place].state == State::kAtWarp &&
              block.threads[place].mask == mask;
      }
      if (!all) continue;
      for (size_t other = 0; other < kWarp; ++other) {
        if (mask >> other & 1) block.threads[first + other].state = State::kReady;
      }
      any = true;
    }
  }
  return any;
}

inline void run_block() {
  for (Thread& thread : block.threads) thread = Thread();
  block.next = 0;
  for (;;) {
    while (block.next < (int)block.threads.size()) {
      const int thread = block.next++;
      block.threads[(size_t)thread].state = State::kReady;
      block.threads[(size_t)thread].fiber = free_fiber();
      resume(thread);
    }
    bool ran = false;
    bool alive = false;
    for (size_t i = 0; i < block.threads.size(); ++i) {
      if (block.threads[i].state == State::kReady) {
        resume((int)i);
        ran = true;
      }
      alive = alive || block.threads[i].state != State::kDone;
    }
    if (!alive) return;
    if (!ran && !release()) {
      block.error = "threads wait at a barrier that others do not reach";
      return;
    }
  }
}

/// Exchanges 8 bytes with the lanes in `mask`: every lane gives `own` and reads that of `from`.
inline uint64_t exchange(unsigned mask, uint64_t own, int from) {
  const int thread = block.current;
  const unsigned parity = block.threads[(size_t)thread].exchanges++ & 1u;
  uint64_t* slots =
      (uint64_t*)block.exchanged.data() + ((size_t)(thread / kWarp) * 2 + parity) * kWarp;
  slots[thread % kWarp] = own;
  wait(State::kAtWarp, mask);
  return slots[from & (kWarp - 1)];
}

template <class T>
T exchange_as(unsigned mask, T own, int from) {
  static_assert(sizeof(T) <= 8, "a shuffle takes 8 bytes");
  uint64_t bits = 0;
  memcpy(&bits, &own, sizeof own);
  bits = exchange(mask, bits, from);
  memcpy(&own, &bits, sizeof own);
  return own;
}
inline int lane() { return block.current % kWarp; }

template <size_t... I>
struct Sequence {};
template <size_t N, size_t... I>
struct MakeSequence : MakeSequence<N - 1, N - 1, I...> {};
template <size_t... I>
struct MakeSequence<0, I...> {
  typedef Sequence<I...> type;
};
template <class... P, size_t... I>
void call_each(void (*kernel)(P...), void** arguments, Sequence<I...>) {
  kernel((P)arguments[I]...);
}
template <class... P>
void call(void (*kernel)(P...), void** arguments) {
  call_each(kernel, arguments, typename MakeSequence<sizeof...(P)>::type());
}

inline const char* launch(void (*kernel)(void**), void** arguments, const long long* grid,
                          long long threads, long long shared_bytes) {
  blockDim.x = (unsigned)threads;
  gridDim.x = (unsigned)grid[0];
  gridDim.y = (unsigned)grid[1];
  gridDim.z = (unsigned)grid[2];
  block.threads.assign((size_t)threads, Thread());
  block.exchanged.assign((size_t)((threads + kWarp - 1) / kWarp * kWarp * 2 * 8), 0);
  block.kernel = kernel;
  block.arguments = arguments;
  block.error = nullptr;
  std::vector<char> memory((size_t)shared_bytes + 128);
  dynamic_shared = (char*)(((uintptr_t)memory.data() + 127) / 128 * 128);
  for (unsigned z = 0; z < gridDim.z; ++z) {
    for (unsigned y = 0; y < gridDim.y; ++y) {
      for (unsigned x = 0; x < gridDim.x; ++x) {
        blockIdx.x = x;
        blockIdx.y = y;
        blockIdx.z = z;
        memset(dynamic_shared, 0xFF, (size_t)shared_bytes);
        run_block();
        if (block.error) {
          // Fibers in the middle of a thread cannot be used again.
          block.fibers.clear();
          block.idle.clear();
          return block.error;
        }
      }
    }
  }
  return nullptr;
}

}  // namespace emulated

inline void __syncthreads() { emulated::wait(emulated::State::kAtBlock, 0); }
inline void __syncwarp(unsigned mask = 0xFFFFFFFFu) {
  emulated::wait(emulated::State::kAtWarp, mask);
}
inline void __threadfence() {}
inline void __threadfence_block() {}
template <class T>
T __shfl_sync(unsigned mask, T x, int from) {
  return emulated::exchange_as(mask, x, from);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T x, int with) {
  return emulated::exchange_as(mask, x, emulated::lane() ^ with);
}
template <class T>
T __shfl_down_sync(unsigned mask, T x, unsigned by) {
  const int from = emulated::lane() + (int)by;
  return emulated::exchange_as(mask, x, from < 32 ? from : emulated::lane());
}
template <class T>
T __shfl_up_sync(unsigned mask, T x, unsigned by) {
  const int from = emulated::lane() - (int)by;
  return emulated::exchange_as(mask, x, from >= 0 ? from : emulated::lane());
}

template <class T>
T atomicAdd(T* p, T x) {
  const T old = *p;
  *p = old + x;
  return old;
}
template <class T>
T atomicMax(T* p, T x) {
  const T old = *p;
  *p = old < x ? x : old;
  return old;
}
template <class T>
T __ldg(const T* p) {
  return *p;
}

inline float __uint_as_float(unsigned x) {
  float y;
  memcpy(&y, &x, 4);
  return y;
}
inline float __int_as_float(int x) { return __uint_as_float((unsigned)x); }
inline unsigned __float_as_uint(float x) {
  unsigned y;
  memcpy(&y, &x, 4);
  return y;
}
inline int __float_as_int(float x) { return (int)__float_as_uint(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float x) { return expf(x); }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }

struct __align__(8) float2 {
  float x, y;
};
struct __align__(16) float4 {
  float x, y, z, w;
};
struct __align__(8) int2 {
  int x, y;
};
struct __align__(16) int4 {
  int x, y, z, w;
};
struct __align__(8) uint2 {
  unsigned x, y;
};
struct __align__(16) uint4 {
  unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

// From here on what prelude.cuh defines.

struct f16 {
  unsigned short bits;
};
struct bf16 {
  unsigned short bits;
};

inline float to_float(f16 x) {
  _Float16 y;
  memcpy(&y, &x, 2);
  return (float)y;
}
inline f16 half_of(double x) {
  const _Float16 y = (_Float16)x;
  f16 z;
  memcpy(&z, &y, 2);
  return z;
}
inline f16 to_f16(float x) { return half_of(x); }
inline float to_float(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }
inline bf16 to_bf16(float x) {
  const unsigned wide = __float_as_uint(x);
  const unsigned rounded = wide + 0x7FFFu + ((wide >> 16) & 1u);
  return bf16{(unsigned short)(x != x ? 0x7FC0u : rounded >> 16)};
}

inline float load(const f16* p, long long i) { return to_float(p[i]); }
inline float load(const bf16* p, long long i) { return to_float(p[i]); }
inline float load(const float* p, long long i) { return p[i]; }
inline float load(const double* p, long long i) { return (float)p[i]; }
inline int load(const signed char* p, long long i) { return p[i]; }
inline int load(const unsigned char* p, long long i) { return p[i]; }
inline int load(const int* p, long long i) { return p[i]; }
inline long long load(const long long* p, long long i) { return p[i]; }

inline void store(f16* p, long long i, float x) { p[i] = to_f16(x); }
inline void store(bf16* p, long long i, float x) { p[i] = to_bf16(x); }
inline void store(float* p, long long i, float x) { p[i] = x; }
inline void store(double* p, long long i, float x) { p[i] = x; }
inline void store(signed char* p, long long i, long long x) { p[i] = (signed char)x; }
inline void store(unsigned char* p, long long i, long long x) { p[i] = (unsigned char)x; }
inline void store(int* p, long long i, long long x) { p[i] = (int)x; }
inline void store(long long* p, long long i, long long x) { p[i] = x; }

inline unsigned pack_half2(float low, float high) {
  return to_f16(low).bits | (unsigned)to_f16(high).bits << 16;
}
inline float low_half(unsigned x) { return to_float(f16{(unsigned short)(x & 0xFFFFu)}); }
inline float high_half(unsigned x) { return to_float(f16{(unsigned short)(x >> 16)}); }
// Products and sums of halves are exact in double but for ranges that rounding to half leaves out.
inline unsigned fma_half2(unsigned a, unsigned b, unsigned c) {
  const double low = (double)low_half(a) * low_half(b) + low_half(c);
  const double high = (double)high_half(a) * high_half(b) + high_half(c);
  return half_of(low).bits | (unsigned)half_of(high).bits << 16;
}

inline unsigned pack_bytes(float a, float b, float c, float d) {
  return ((unsigned)(int)a & 0xFF) | ((unsigned)(int)b & 0xFF) << 8 |
         ((unsigned)(int)c & 0xFF) << 16 | (unsigned)(int)d << 24;
}
template <bool kUnsignedA>
int add_dot(unsigned a, unsigned b, int c) {
  for (int i = 0; i < 32; i += 8) {
    const int x = kUnsignedA ? (unsigned char)(a >> i) : (signed char)(a >> i);
    c += x * (signed char)(b >> i);
  }
  return c;
}

inline float shuffle_xor(float x, int mask) { return __shfl_xor_sync(0xFFFFFFFFu, x, mask); }
inline float lanes_sum(float x) {
  for (int mask = 16; mask > 0; mask /= 2) x += shuffle_xor(x, mask);
  return x;
}
inline float lanes_max(float x) {
  for (int mask = 16; mask > 0; mask /= 2) x = fmaxf(x, shuffle_xor(x, mask));
  return x;
}

inline unsigned multiprocessor() { return blockIdx.x % 2; }
inline void wait_for_previous() {}
inline void let_next_start() {}

inline float short_exp2(float x) { return exp2f(x); }
inline float short_reciprocal(float x) { return 1.0f / x; }

inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
inline float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f)); }
inline float gelu_tanh(float x) {
  return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
}
