#include "passes/lossy/points.h"

namespace nitro::passes {

std::string input_point(const Dense& layer) { return layer.name + " input"; }
std::string branch_point(const ResidualBranch& branch) { return branch.name + " branch"; }

std::vector<CalibrationPoint> calibration_points(const Graph& graph) {
  const DenseLayers layers(graph);
  std::vector<CalibrationPoint> points;
  for (const Dense& layer : layers.all()) points.push_back({input_point(layer), {layer.x}});
  for (const ResidualBranch& branch : residual_branches(layers))
    points.push_back({branch_point(branch), {branch.source, branch.y}});
  return points;
}

}  // namespace nitro::passes
