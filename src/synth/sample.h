#pragma once

#include <cstdint>

#include "synth/sensors.h"

namespace nitro::synth {

/// Changes with whatever changes a pixel: samples of different versions are not of one set.
constexpr int kVersion = 1;

enum class Split : uint8_t { kTrain, kVal, kTest };

struct SampleKey {
  uint64_t seed = 0;
  Split split = Split::kTrain;
  int64_t index = 0;
};

struct Sample {
  int label = 0;  // a place in classes()
  Picture colour, depth, infrared;
};

/// The number of a sample's class: they take turns.
int label_of(int64_t index);

/// A pure function of its arguments: the same bytes on any machine, at any time.
Sample make_sample(const SampleKey& key, int size);

}  // namespace nitro::synth
