# The headers of NVTX, of the Python package `nvidia-nvtx-cu12` in .venv: they alone are needed.
file(GLOB nvtx_folders ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/nvidia/nvtx/include)
find_path(NITRO_NVTX nvtx3/nvToolsExt.h PATHS ${nvtx_folders}
  NO_DEFAULT_PATH REQUIRED DOC "nvtx3/nvToolsExt.h; run scripts/bootstrap.sh first")
