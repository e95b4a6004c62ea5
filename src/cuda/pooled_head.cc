#include "cuda/pooled_head.h"

#include "cuda/buffer_uses.h"
#include "cuda/joined_step.h"

namespace nitro::cuda {
namespace {

using plan::BufferId;
using plan::kNoBuffer;
using plan::RowWork;

bool is_f16(const plan::Plan& plan, BufferId buffer) {
  return plan.buffers[buffer].type.dtype == DType::kF16;
}

bool is_dense(const plan::MatrixView& view, int64_t columns) {
  return view.bases == kNoBuffer && view.offsets == kNoBuffer && view.row_stride == columns &&
         view.column_stride == 1 && view.panel_rows == 0;
}

const plan::Loop* loop_of(const plan::Step& step, RowWork::Kind kind) {
  const auto* loop = std::get_if<plan::Loop>(&step.kernel);
  return loop && loop->work.kind == kind && loop->writes.size() == 1 ? loop : nullptr;
}

/// The steps that become one, in order.
struct Head {
  plan::PooledHead kernel;
  std::vector<size_t> steps;
};

class HeadFinder {
 public:
  HeadFinder(const plan::Plan& plan, const Target& target)
      : plan_(plan), target_(target), uses_(plan) {}

  /// That around the mean which step `at` is.
  std::optional<Head> find(size_t at) const {
    const plan::Loop* mean = loop_of(plan_.steps[at], RowWork::Kind::kMean);
    if (!mean) return std::nullopt;
    Head head;
    head.kernel.mean = mean->work;
    const std::optional<size_t> product = uses_.only_reader(plan_, mean->writes[0]);
    const auto* gemm = product ? std::get_if<plan::Gemm>(&plan_.steps[*product].kernel) : nullptr;
    if (!gemm || !multiplies(*gemm, *mean)) return std::nullopt;
    head.kernel.product = *gemm;
    head.kernel.out = gemm->out.buffer;
    head.steps = {at, *product};
    take_normalization_before(head);
    take_normalization_after(head);
    head.kernel.product.a = head.kernel.product.out = {};
    const bool fits = is_f16(plan_, head.kernel.mean.x) &&
                      shared_bytes(head.kernel) <= target_.shared_bytes_per_block;
    return fits ? std::optional(std::move(head)) : std::nullopt;
  }

 private:
  bool multiplies(const plan::Gemm& gemm, const plan::Loop& mean) const {
    const plan::Buffer& weights = plan_.buffers[gemm.b.buffer];
    return gemm.batch == 1 && !gemm.normalize && gemm.alpha == 1 &&
           gemm.activation == plan::Activation::kNone && gemm.residual.buffer == kNoBuffer &&
           gemm.a.buffer == mean.writes[0] && gemm.k == mean.work.columns &&
           gemm.m * mean.work.together == mean.work.rows && is_dense(gemm.a, gemm.k) &&
           is_dense(gemm.b, gemm.k) && is_dense(gemm.out, gemm.n) && weights.constant &&
           is_f16(plan_, gemm.b.buffer) && gemm.packed_rows == 0 && gemm.k % 8 == 0 &&
           gemm.n % kHeadBlocks == 0 && gemm.n / kHeadBlocks <= kHeadThreads;
  }

  void take_normalization_before(Head& head) const {
    RowWork& mean = head.kernel.mean;
    const std::optional<size_t> writer = uses_.writer(mean.x);
    const plan::Loop* before =
        writer ? loop_of(plan_.steps[*writer], RowWork::Kind::kNormalize) : nullptr;
    if (!before || !uses_.only_reader(plan_, mean.x) || before->work.rows != mean.rows ||
        before->work.columns != mean.columns) {
      return;
    }
    head.kernel.before = before->work;
    mean.x = before->work.x;
    head.steps.insert(head.steps.begin(), *writer);
  }

  void take_normalization_after(Head& head) const {
    const plan::Gemm& product = head.kernel.product;
    const std::optional<size_t> reader = uses_.only_reader(plan_, product.out.buffer);
    const plan::Loop* after =
        reader ? loop_of(plan_.steps[*reader], RowWork::Kind::kNormalize) : nullptr;
    if (!after || after->work.rows != product.m || after->work.columns != product.n) return;
    head.kernel.after = after->work;
    head.kernel.after.x = kNoBuffer;
    head.kernel.out = after->writes[0];
    head.steps.push_back(*reader);
  }

  const plan::Plan& plan_;
  const Target& target_;
  const BufferUses uses_;
};

}  // namespace

void fuse_heads(plan::Plan& plan, const Target& target) {
  if (target.compute_capability < 90) return;
  const HeadFinder finder(plan, target);
  std::vector<Head> heads;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (auto head = finder.find(i)) heads.push_back(std::move(*head));
  }
  std::vector<bool> joined(plan.steps.size());
  for (const Head& head : heads) {
    std::vector<const plan::Step*> steps;
    for (const size_t at : head.steps) {
      steps.push_back(&plan.steps[at]);
      joined[at] = at != head.steps.back();
    }
    plan.steps[head.steps.back()] = joined_step(plan, steps, head.kernel);
  }
  size_t i = 0;
  std::erase_if(plan.steps, [&](const plan::Step&) { return joined[i++]; });
}

int64_t shared_bytes(const plan::PooledHead& head) {
  const int64_t columns = head.product.n / kHeadBlocks, k = head.product.k;
  return columns * k * 2 + ((kHeadRowWarps + 2) * k + columns + 2 * kHeadBlocks) * 4 + 16;
}

}  // namespace nitro::cuda
