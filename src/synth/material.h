#pragma once

#include "synth/draw.h"
#include "synth/vec.h"

namespace nitro::synth {

enum class Pattern : uint8_t { kPlain, kCloud, kGrain, kStripes, kChecks, kDots, kPlanks, kTiles };

/// A surface as each sensor sees it. Where `pattern` is 1, the second values hold.
struct Material {
  Vec3 colour{0.5f, 0.5f, 0.5f};  // linear reflectance, 0..1
  Vec3 second{0.5f, 0.5f, 0.5f};
  float infrared = 0.5f;  // reflectance at the wavelength of the illuminator
  float infrared_second = 0.5f;
  Pattern pattern = Pattern::kPlain;
  float period = 0.1f;  // metres
  Turn grain;           // the directions of the pattern
  Vec3 shift;           // its origin
  float gloss = 0;      // weight of the highlight, 0..1
  int sharpness = 4;    // the highlight's exponent is 2 to this
  Vec3 glow;            // emitted light
  float glow_infrared = 0;
  float clear = 0;  // part of the light that goes through: depth sensors see nothing there
};

/// Weight of the second values at `point`, 0..1. `blur` (metres) is the width of a pixel there:
/// what is finer fades into its mean.
float pattern_at(const Material& material, const Vec3& point, float blur);

/// Value noise, 0..1, with features of size 1.
float noise_at(const Vec3& point);

Vec3 any_colour(Draw& draw);

// Families, each with its spread of colours, patterns and reflectances. Dyes are seldom seen in the
// near infrared: cloth and plastic of any colour may be bright there.
Material wood(Draw& draw);
Material cloth(Draw& draw);
Material carpet(Draw& draw);
Material plastic(Draw& draw);
Material metal(Draw& draw);
Material ceramic(Draw& draw);
Material leather(Draw& draw);
Material paper(Draw& draw);
Material plaster(Draw& draw);
Material stone(Draw& draw);
Material leaf(Draw& draw);
Material glass(Draw& draw);
/// A display, dark or lit.
Material screen(Draw& draw);
/// Wood, plastic, metal, painted, stone.
Material hard(Draw& draw);
/// Cloth or leather.
Material soft(Draw& draw);
/// One colour without a pattern that emits `strength`.
Material glowing(const Vec3& colour, float strength, float infrared);

}  // namespace nitro::synth
