/* The NVRTC of CUDA 10.2 as far as its interface goes: it gives only PTX, which is no more than a
 * comment here, and refuses what that version does not take; with FAKE_NVRTC_FAILS=7 it does not
 * find its builtins. Compiled with FAKE_NVRTC_MAJOR=12 it also gives cubins. */
#include <stdlib.h>
#include <string.h>

#ifndef FAKE_NVRTC_MAJOR
#define FAKE_NVRTC_MAJOR 10
#endif
enum { kInvalidOption = 5 };

static const char kBinary[] = "// PTX\n";
static const char kLog[] = "invalid value for an option";

const char* nvrtcGetErrorString(int result) { return result == 0 ? "SUCCESS" : "INVALID_OPTION"; }
int nvrtcVersion(int* major, int* minor) { return *major = FAKE_NVRTC_MAJOR, *minor = 2, 0; }
int nvrtcCreateProgram(void** program, const char* source, const char* name, int count,
                       const char* const* headers, const char* const* names) {
  (void)source, (void)name, (void)count, (void)headers, (void)names;
  return *program = malloc(1), 0;
}
int nvrtcDestroyProgram(void** program) { return free(*program), *program = NULL, 0; }

static int known(const char* option) {
  static const char* const options[] = {"--std=c++14", "--gpu-architecture=compute_53",
                                        "--gpu-architecture=compute_62",
                                        "--gpu-architecture=compute_72"};
  for (size_t i = 0; i < sizeof options / sizeof *options; ++i) {
    if (strcmp(option, options[i]) == 0) return 1;
  }
  return FAKE_NVRTC_MAJOR > 10;
}
int nvrtcCompileProgram(void* program, int count, const char* const* options) {
  const char* fails = getenv("FAKE_NVRTC_FAILS");
  (void)program;
  if (fails != NULL) return atoi(fails);
  for (int i = 0; i < count; ++i) {
    if (!known(options[i])) return kInvalidOption;
  }
  return 0;
}
int nvrtcGetProgramLogSize(void* program, size_t* bytes) {
  return (void)program, *bytes = sizeof kLog, 0;
}
int nvrtcGetProgramLog(void* program, char* text) {
  return (void)program, memcpy(text, kLog, sizeof kLog), 0;
}
int nvrtcGetPTXSize(void* program, size_t* bytes) {
  return (void)program, *bytes = sizeof kBinary, 0;
}
int nvrtcGetPTX(void* program, char* text) {
  return (void)program, memcpy(text, kBinary, sizeof kBinary), 0;
}
#if FAKE_NVRTC_MAJOR > 10
int nvrtcGetCUBINSize(void* program, size_t* bytes) { return nvrtcGetPTXSize(program, bytes); }
int nvrtcGetCUBIN(void* program, char* text) { return nvrtcGetPTX(program, text); }
#endif
