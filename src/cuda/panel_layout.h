#pragma once

#include <optional>
#include <vector>

#include "cuda/buffer_uses.h"
#include "cuda/read_order.h"
#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// Where element `number` of rows of `columns`, counted row after row, lies when they are in panels
/// of `panel` rows (plan::MatrixView::panel_rows).
int64_t place_in_panels(int64_t number, int64_t columns, int64_t panel);

/// Lays what products read in panels, where the steps that write and read it can.
class PanelLayout {
 public:
  PanelLayout(plan::Plan& plan, const BufferUses& uses, const Target& target)
      : plan_(plan), uses_(uses), target_(target) {}

  /// Whether `reader`'s operand a is in panels of `panel` rows now. Each `batch_rows` rows begin
  /// with a panel of their own.
  bool lay(plan::Gemm& reader, int64_t panel, int64_t batch_rows);

 private:
  /// A view or an attention whose rows move, and where they start then.
  template <class Of>
  struct Move {
    Of* of = nullptr;
    std::vector<int64_t> starts;
    bool needs_table = true;
  };

  std::optional<std::vector<int64_t>> moved(const std::optional<std::vector<int64_t>>& starts,
                                            int64_t columns) const;
  bool add_view(plan::MatrixView& view, int64_t rows, int64_t columns, bool needs_table = false);
  bool add_writer(plan::Kernel& kernel);
  bool add_reader(plan::Kernel& kernel, plan::BufferId buffer, const plan::Gemm& reader);
  void apply(const Move<plan::MatrixView>& move);
  bool in_order(const std::vector<int64_t>& starts) const;

  plan::Plan& plan_;
  const BufferUses& uses_;
  const Target& target_;
  ReadOrder order_;
  int64_t panel_ = 0;
  int64_t batch_rows_ = 0;
  std::vector<Move<plan::MatrixView>> views_;
  Move<plan::Attention> attention_;
};

}  // namespace nitro::cuda
