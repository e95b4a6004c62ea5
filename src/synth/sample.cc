#include "synth/sample.h"

#include "synth/classes.h"

namespace nitro::synth {

int label_of(int64_t index) {
  return static_cast<int>(index % static_cast<int64_t>(classes().size()));
}

Sample make_sample(const SampleKey& key, int size) {
  const auto draw_for = [&](Stream stream) {
    return Draw(key_of({key.seed, static_cast<uint64_t>(key.split),
                        static_cast<uint64_t>(key.index), static_cast<uint64_t>(stream)}));
  };
  Draw scene_draw = draw_for(Stream::kScene);
  Draw colour_draw = draw_for(Stream::kColourNoise);
  Draw depth_draw = draw_for(Stream::kDepthNoise);
  Draw infrared_draw = draw_for(Stream::kInfraredNoise);
  Sample sample;
  sample.label = label_of(key.index);
  const Rendered rendered = render(compose(sample.label, scene_draw), size);
  sample.colour = see_colour(rendered, colour_draw);
  sample.depth = see_depth(rendered, depth_draw);
  sample.infrared = see_infrared(rendered, infrared_draw);
  return sample;
}

}  // namespace nitro::synth
