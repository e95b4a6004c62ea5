// A plan made special for a device computes the same: each operand's elements come from where they
// came from before.
#include "cuda/specialise.h"

#include <gtest/gtest.h>

#include <map>

#include "cuda/program.h"
#include "passes/testing_swin.h"
#include "plan/lower.h"
#include "plan/prepare.h"
#include "plan/verify_plan.h"

namespace nitro::cuda {
namespace {

using plan::Gemm;
using plan::kNoBuffer;
using plan::kRowPart;

/// The place of each element of a view, row after row.
std::vector<int64_t> places(const plan::Plan& plan, const plan::MatrixView& view, int64_t rows,
                            int64_t columns) {
  const auto numbers = [&](plan::BufferId table) {
    return table == kNoBuffer ? std::vector<int64_t>()
                              : plan.buffers[table].constant->as<int64_t>();
  };
  const std::vector<int64_t> bases = numbers(view.bases), offsets = numbers(view.offsets);
  std::vector<int64_t> result;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t base = row * view.row_stride;
    const int64_t panel = view.panel_rows;
    if (panel > 0) base = row / panel * panel * columns + row % panel * 8;
    if (!bases.empty()) base = bases[static_cast<size_t>(row)];
    for (int64_t column = 0; column < columns; ++column) {
      int64_t offset =
          panel > 0 ? column / 8 * panel * 8 + column % 8 : column * view.column_stride;
      if (!offsets.empty()) offset = offsets[static_cast<size_t>(column)];
      result.push_back(base + offset);
    }
  }
  return result;
}

std::vector<int64_t> places(const plan::Plan& plan, const plan::Attention& of) {
  std::vector<int64_t> result;
  for (int64_t batch = 0; batch < of.batch; ++batch) {
    for (int64_t query = 0; query < of.queries; ++query) {
      for (int64_t head = 0; head < of.heads; ++head) {
        for (int64_t channel = 0; channel < of.value_dim; ++channel) {
          const int64_t column = head * of.value_dim + channel;
          const auto row = static_cast<size_t>(batch * of.queries + query);
          result.push_back(of.out_bases == kNoBuffer
                               ? of.out.start + batch * of.out.batch_stride +
                                     head * of.out.head_stride + query * of.out.token_stride +
                                     channel
                               : plan.buffers[of.out_bases].constant->as<int64_t>()[row] +
                                     column / 8 * of.out_panel_rows * 8 + column % 8);
        }
      }
    }
  }
  return result;
}

/// Of one operand of an attention, token after token.
std::vector<int64_t> places(const plan::Attention& of, const plan::HeadView& view, int64_t heads,
                            int64_t channels) {
  std::vector<int64_t> result;
  const int64_t panel = of.panel_rows;
  for (int64_t batch = 0; batch < of.batch; ++batch) {
    for (int64_t token = 0; token < of.keys; ++token) {
      for (int64_t head = 0; head < heads; ++head) {
        for (int64_t channel = 0; channel < channels; ++channel) {
          const int64_t column = view.start + head * view.head_stride + channel;
          if (panel == 0) {
            result.push_back(column + batch * view.batch_stride + token * view.token_stride);
            continue;
          }
          const int64_t row = (batch * ((of.keys + panel - 1) / panel) + token / panel) * panel;
          result.push_back(row * of.panel_columns + column / 8 * panel * 8 + token % panel * 8 +
                           column % 8);
        }
      }
    }
  }
  return result;
}

/// Of a in panels of which each batch of an attention begins one.
std::vector<int64_t> places(const plan::WindowAttention& of) {
  std::vector<int64_t> result;
  const int64_t panel = of.projection.a.panel_rows, k = of.projection.k;
  for (int64_t batch = 0; batch < of.attention.batch; ++batch) {
    for (int64_t token = 0; token < of.attention.keys; ++token) {
      for (int64_t column = 0; column < k; ++column) {
        result.push_back(batch * panel * k + column / 8 * panel * 8 + token * 8 + column % 8);
      }
    }
  }
  return result;
}

/// The names of the steps that a step was made of.
std::pair<std::string, std::string> parts_of(const std::string& name) {
  const size_t plus = name.find(" + ");
  return plus == std::string::npos ? std::pair(name, name)
                                   : std::pair(name.substr(0, plus), name.substr(plus + 3));
}

/// A number for the results of a step, the same in both plans.
int64_t number_of(const plan::Step& step) {
  const size_t hash = std::hash<std::string>()(parts_of(step.name).second);
  return static_cast<int64_t>(hash & 0x3FFFFFFF) << 32;
}

/// For each product and attention by its name, its operands: for each element the step that made it
/// and the number of the element in that step's result; -1: nothing that is known.
using Flow = std::map<std::string, std::vector<std::vector<int64_t>>>;

class Follower {
 public:
  explicit Follower(const plan::Plan& plan) : plan_(plan) {
    for (const plan::Step& step : plan.steps)
      std::visit([&](const auto& kernel) { follow(step, kernel); }, step.kernel);
  }
  Flow flow;

 private:
  void follow(const plan::Step&, const plan::Loop&) {}
  void follow(const plan::Step&, const plan::PooledHead&) {}
  void follow(const plan::Step& step, const Gemm& gemm) {
    if (gemm.batch != 1) return;
    read(step.name, gemm.a.buffer, places(plan_, gemm.a, gemm.m, gemm.k));
    if (gemm.residual.buffer != kNoBuffer) {
      read(step.name, gemm.residual.buffer, places(plan_, gemm.residual, gemm.m, gemm.n));
    }
    write(step, gemm.out.buffer, places(plan_, gemm.out, gemm.m, gemm.n));
  }
  void follow(const plan::Step& step, const plan::Attention& of) {
    if (of.queries == of.keys) {
      read(step.name, of.q.buffer, places(of, of.q, of.heads, of.head_dim));
      read(step.name, of.k.buffer, places(of, of.k, of.key_heads, of.head_dim));
      read(step.name, of.v.buffer, places(of, of.v, of.key_heads, of.value_dim));
    }
    write(step, of.out.buffer, places(plan_, of));
  }
  void follow(const plan::Step& step, const plan::WindowAttention& of) {
    read(parts_of(step.name).first, of.projection.a.buffer, places(of));
    write(step, of.attention.out.buffer, places(plan_, of.attention));
  }

  void write(const plan::Step& step, plan::BufferId buffer, const std::vector<int64_t>& to) {
    std::vector<int64_t>& memory = contents_[buffer];
    memory.resize(static_cast<size_t>(plan_.buffers[buffer].type.elements()), -1);
    for (size_t i = 0; i < to.size(); ++i) {
      memory.at(static_cast<size_t>(to[i])) = number_of(step) + static_cast<int64_t>(i);
    }
  }
  void read(const std::string& name, plan::BufferId buffer, const std::vector<int64_t>& from) {
    std::vector<int64_t>& list = flow[name].emplace_back();
    if (!contents_.contains(buffer)) return;
    for (const int64_t place : from)
      list.push_back(contents_[buffer].at(static_cast<size_t>(place)));
  }

  const plan::Plan& plan_;
  std::map<plan::BufferId, std::vector<int64_t>> contents_;
};

/// Whether the parts that `reader` takes are those of what it multiplies.
void expect_parts(const plan::Plan& plan, const Gemm& reader,
                  const std::vector<int64_t>& multiplied) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const auto* made = std::get_if<Gemm>(&plan.steps[i].kernel);
    if (!made || made->row_parts_out != reader.row_parts_in) continue;
    const auto bases = made->row_part_bases == kNoBuffer
                           ? std::vector<int64_t>()
                           : plan.buffers[made->row_part_bases].constant->as<int64_t>();
    for (size_t part = 0; part < multiplied.size() / kRowPart; ++part) {
      const int64_t number = multiplied[part * kRowPart];
      ASSERT_EQ(number >> 32, number_of(plan.steps[i]) >> 32);
      const int64_t row = (number & 0xFFFFFFFF) / made->n, column = (number & 0xFFFFFFFF) % made->n;
      const int64_t base =
          bases.empty() ? row * made->n / kRowPart : bases[static_cast<size_t>(row)];
      ASSERT_EQ(base + column / kRowPart, static_cast<int64_t>(part)) << plan.steps[i].name;
    }
    return;
  }
  FAIL() << "nobody makes the parts";
}

struct Counts {
  int panels = 0;
  int tables = 0;  // of views in panels
  int attentions = 0;
  int attention_panels = 0;
  int windows = 0;  // attention with its projection
  int parts = 0;
  int part_tables = 0;
};

Counts expect_same(const plan::Plan& plain, const Target& target) {
  const plan::Plan special = specialise(plain, target);
  const auto valid = plan::verify(special);
  EXPECT_TRUE(valid) << valid.error().text();
  const Flow before = Follower(plain).flow, after = Follower(special).flow;
  for (const auto& [name, operands] : after) EXPECT_EQ(before.at(name), operands) << name;
  Counts counts;
  for (const plan::Step& step : special.steps) {
    EXPECT_TRUE(program_for(special, step, target)) << step.name;
    const auto* both = std::get_if<plan::WindowAttention>(&step.kernel);
    const auto* attention = both ? &both->attention : std::get_if<plan::Attention>(&step.kernel);
    if (attention) {
      counts.attentions += attention->out_bases != kNoBuffer ? 1 : 0;
      counts.attention_panels += attention->panel_rows > 0 ? 1 : 0;
    }
    counts.windows += both ? 1 : 0;
    const auto* gemm = both ? &both->projection : std::get_if<Gemm>(&step.kernel);
    if (!gemm || gemm->batch != 1) continue;
    counts.panels += gemm->a.panel_rows > 0 ? 1 : 0;
    counts.tables += gemm->out.panel_rows > 0 && gemm->out.bases != kNoBuffer ? 1 : 0;
    counts.parts += gemm->row_parts_in != kNoBuffer ? 1 : 0;
    counts.part_tables += gemm->row_part_bases != kNoBuffer ? 1 : 0;
    if (gemm->row_parts_in != kNoBuffer) {
      expect_parts(special, *gemm, after.at(parts_of(step.name).first)[0]);
    }
  }
  return counts;
}

plan::Plan swin(plan::Precision precision, int64_t width = 8) {
  auto prepared = plan::prepare(passes::TestSwin(2, width).build());
  return *plan::lower(*prepared, {precision});
}

TEST(Specialise, PanelsAndPartsHoldWhatWasThere) {
  const Counts counts = expect_same(swin(plan::Precision::kF16), target_of(90));
  EXPECT_GT(counts.panels, 0);
  EXPECT_GT(counts.attentions, 0);
  EXPECT_GT(counts.parts, 0);
}

TEST(Specialise, AttentionOfWindowsProjectsItself) {
  const Counts counts = expect_same(swin(plan::Precision::kF16, 64), target_of(90));
  EXPECT_EQ(counts.windows, 2);  // of the first block, a LayerNormalization makes the operand
  EXPECT_EQ(counts.attention_panels, 3);
  Target older = target_of(90);
  older.wgmma = false;
  EXPECT_EQ(expect_same(swin(plan::Precision::kF16, 64), older).windows, 0);
}

/// The rows of the first product are normalised in another order than they are made and added in.
TEST(Specialise, PartsFollowTheReadersRows) {
  passes::TestGraph g;
  const ValueId x = g.linear(g.input({1, 8, 32}), 32);
  const auto prepared = plan::prepare(g.finish({g.add(g.linear(g.layer_norm(x), 32), x)}));
  ASSERT_TRUE(prepared) << prepared.error().text();
  auto plan = plan::lower(*prepared, {plan::Precision::kF16});
  ASSERT_TRUE(plan) << plan.error().text();
  ASSERT_EQ(plan->steps.size(), 2);
  plan::MatrixView& normalised = std::get<Gemm>(plan->steps[1].kernel).a;
  const std::vector<int64_t> order = {96, 0, 224, 32, 160, 64, 192, 128};
  normalised.bases = static_cast<plan::BufferId>(plan->buffers.size());
  plan->buffers.push_back({plan::Buffer::Kind::kConstant,
                           {DType::kI32, {8}},
                           plan->constant_bytes,
                           Tensor::of(DType::kI32, {8}, order)});
  plan->constant_bytes += plan::kAlignment;
  const Counts counts = expect_same(*plan, target_of(90));
  EXPECT_EQ(counts.panels, 1);
  EXPECT_EQ(counts.tables, 1);
  EXPECT_EQ(counts.parts, 1);
  EXPECT_EQ(counts.part_tables, 1);
}

TEST(Specialise, DevicesWithoutWgmmaHaveNoPanels) {
  const Counts counts = expect_same(swin(plan::Precision::kF16), target_of(87));
  EXPECT_EQ(counts.panels + counts.attentions, 0);
  EXPECT_GT(counts.parts, 0);
}

TEST(Specialise, NothingChangesWithoutTensorCores) {
  const Counts old = expect_same(swin(plan::Precision::kF16), target_of(53));
  EXPECT_EQ(old.panels + old.attentions + old.parts, 0);
  const Counts exact = expect_same(swin(plan::Precision::kF32), target_of(90));
  EXPECT_EQ(exact.panels + exact.attentions + exact.parts, 0);
}

}  // namespace
}  // namespace nitro::cuda
