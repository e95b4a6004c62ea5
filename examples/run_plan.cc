// Runs a plan on zeros and times it: run_plan MODEL.plan [RUNS]
//
//   nitro export model.onnx --plan -o model.plan
//   run_plan model.plan 1000
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "nitro/engine.h"

namespace {

int failed(const nitro::EngineFailure& failure) {
  std::cerr << "error: " << failure.message << '\n';
  if (!failure.hint.empty()) std::cerr << "hint: " << failure.hint << '\n';
  return failure.code == "environment" || failure.code == "out_of_memory" ? 4 : 3;
}

void describe(const char* word, const std::vector<nitro::EnginePort>& ports) {
  for (const nitro::EnginePort& port : ports) {
    std::cout << word << ' ' << port.name << ' ' << port.dtype << '[';
    for (std::size_t i = 0; i < port.shape.size(); ++i)
      std::cout << (i == 0 ? "" : ",") << port.shape[i];
    std::cout << "]\n";
  }
}

/// One byte vector for each port, and where they are.
template <class Pointer>
struct HostMemory {
  explicit HostMemory(const std::vector<nitro::EnginePort>& ports) {
    for (const nitro::EnginePort& port : ports) memory.emplace_back(port.bytes);
    for (std::vector<char>& bytes : memory) places.push_back(bytes.data());
  }
  std::vector<std::vector<char>> memory;
  std::vector<Pointer> places;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: run_plan MODEL.plan [RUNS]\n";
    return 2;
  }
  const int runs = argc == 3 ? std::max(1, std::atoi(argv[2])) : 100;
  nitro::EngineFailure failure;
  const auto engine = nitro::PlanEngine::load(argv[1], failure);
  if (!engine) return failed(failure);
  std::cout << engine->step_count() << " steps on " << engine->device_name() << ", "
            << engine->memory_bytes() / 1000000 << " MB\n";
  describe("input", engine->inputs());
  describe("output", engine->outputs());

  // The first run also brings the inputs to the device; those that follow find them there.
  HostMemory<const void*> inputs(engine->inputs());
  HostMemory<void*> outputs(engine->outputs());
  if (!engine->run_host(inputs.places, outputs.places)) return failed(engine->failure());

  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < runs; ++i) {
    if (!engine->run(nullptr)) return failed(engine->failure());
  }
  // Copies the outputs after one more run in the engine's own stream; with a CUDA toolkit this
  // would be a synchronisation of the stream that was given to run().
  if (!engine->run_host(inputs.places, outputs.places)) return failed(engine->failure());
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  std::cout << runs << " runs: " << took.count() / (runs + 1)
            << " us each, with the copies of one\n";
  return 0;
}
