/* A tool of NVTX, as NVTX_INJECTION64_PATH names one: writes each range of the default domain into the
 * file $FAKE_NVTX_LOG, "push NAME" and "pop" a line. */
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>

static FILE* output;
static int depth;

static int NVTX_API push(const char* name) {
  fprintf(output, "push %s\n", name);
  fflush(output);
  return depth++;
}

static int NVTX_API pop(void) {
  fprintf(output, "pop\n");
  fflush(output);
  return --depth;
}

int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table) {
  const NvtxExportTableCallbacks* callbacks =
      (const NvtxExportTableCallbacks*)get_table(NVTX_ETID_CALLBACKS);
  NvtxFunctionTable table = NULL;
  unsigned int size = 0;
  const char* path = getenv("FAKE_NVTX_LOG");
  if (!callbacks || !path) return 0;
  if (!callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, &size)) return 0;
  if (size <= NVTX_CBID_CORE_RangePop) return 0;
  output = fopen(path, "w");
  if (!output) return 0;
  *table[NVTX_CBID_CORE_RangePushA] = (NvtxFunctionPointer)push;
  *table[NVTX_CBID_CORE_RangePop] = (NvtxFunctionPointer)pop;
  return 1;
}
