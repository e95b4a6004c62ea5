#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cost/cost.h"
#include "ir/graph.h"

namespace nitro::plan {

using BufferId = uint32_t;
inline constexpr BufferId kNoBuffer = std::numeric_limits<BufferId>::max();

/// How a plan stores the floating-point values between its steps; with kF16 but for those that f16
/// cannot hold. All arithmetic accumulates in f32.
enum class Precision : uint8_t { kF32, kF16 };

/// A piece of device memory. Inputs and outputs have the type that the graph gives them; what lies
/// between them is of the plan's precision.
struct Buffer {
  enum class Kind : uint8_t { kInput, kOutput, kConstant, kArena };
  Kind kind = Kind::kArena;
  TensorType type;
  /// Inputs and outputs: which one. Constants and arena: bytes from the start of theirs, a multiple
  /// of kAlignment.
  int64_t place = 0;
  std::optional<Tensor> constant = {};  // of exactly `type`
};
inline constexpr int64_t kAlignment = 256;
/// Columns whose mean and distances are kept together (Gemm::row_parts_out).
inline constexpr int64_t kRowPart = 16;

/// Element (batch, row, column) of a matrix in a buffer, in elements from its start:
/// batch * batch_stride + bases[row] + offsets[column]. Without tables: row * row_stride and
/// column * column_stride.
struct MatrixView {
  BufferId buffer = kNoBuffer;
  BufferId bases = kNoBuffer;    // i32 [rows], a constant
  BufferId offsets = kNoBuffer;  // i32 [columns], a constant
  int64_t row_stride = 0;
  int64_t column_stride = 1;
  int64_t batch_stride = 0;
  /// Columns that lie next to each other: each aligned run of `run` columns (1, 2, 4 or 8) is
  /// contiguous and starts at a multiple of `run` elements.
  int64_t run = 1;
  /// Where not 0, rows lie in panels of so many, as tensor cores take them: column c lies
  /// c / 8 * panel_rows * 8 + c % 8 elements after the row's start, which is that of bases or else
  /// row / panel_rows * panel_rows * columns + row % panel_rows * 8. The strides mean nothing then.
  int64_t panel_rows = 0;
  bool operator==(const MatrixView&) const = default;
};

/// What of a product f16 cannot be trusted to hold, so that it is computed in f32.
enum class Wide : uint8_t { kNothing, kResults, kOperands };

enum class Activation : uint8_t { kNone, kGelu, kGeluTanh, kRelu, kSilu, kHardSwish, kSigmoid };

/// For each batch, row < m, column < n:
///   sum = alpha * column_scales[column] * (sum over k of norm(a)[row, k] * b[column, k])
///   out = act(sum + bias[column]) + residual[row, column]
/// norm is the identity or (x - mean) / sqrt(variance + epsilon) over each row of a, whose scale
/// and shift are already in b and bias. b, or a and b, may be 8-bit integers; a is not normalised
/// then.
struct Gemm {
  int64_t batch = 1;
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  bool normalize = false;
  double epsilon = 0;
  double alpha = 1;
  Activation activation = Activation::kNone;
  MatrixView a;               // [m, k]
  MatrixView b;               // [n, k]
  BufferId bias = kNoBuffer;  // f32 [n]
  /// With normalize: f32 [n], the sum of each row of b as it is stored, for kernels that subtract
  /// the mean after the product.
  BufferId column_sums = kNoBuffer;
  MatrixView residual;  // [m, n]; no buffer: none
  MatrixView out;       // [m, n]
  /// Where not 0, b is a constant packed for tiles of `packed_rows` rows. With packed_columns, tile
  /// by tile of n, and in it of k, each [packed_rows, packed_columns + 8]; without, in panels: tile
  /// by tile of n, each [k / 8, packed_rows, 8]. The last tile is filled up with zeros.
  int64_t packed_rows = 0;
  int64_t packed_columns = 0;
  /// f32 [rows, columns / kRowPart, 2]: of each kRowPart columns of a row of out their mean and the
  /// sum of the squared distances from it. Row r has its parts from number row_part_bases[r] on, or
  /// else from r * n / kRowPart.
  BufferId row_parts_out = kNoBuffer;
  BufferId row_part_bases = kNoBuffer;  // i32 [m], a constant
  /// The same of the rows of a, in order.
  BufferId row_parts_in = kNoBuffer;
  BufferId column_scales = kNoBuffer;  // f32 [n]; no buffer: 1
  /// Where not 0, out is of 8-bit integers: the result divided by this, rounded to the nearest
  /// (ties to even), plus zero, and what their type cannot hold is its nearest.
  double quantum = 0;
  int64_t zero = 0;
  Wide wide = Wide::kNothing;
  /// An element of a and b is a pair of 8-bit integers next to each other in k, which counts pairs;
  /// those of b are signed. Only in plans made special for a device.
  bool pairs = false;
  bool operator==(const Gemm&) const = default;
};

/// Element (batch, head, token, channel) of a value: the sum of the strides, in elements; channels
/// are contiguous.
struct HeadView {
  BufferId buffer = kNoBuffer;
  int64_t start = 0;
  int64_t batch_stride = 0;
  int64_t head_stride = 0;
  int64_t token_stride = 0;
  bool operator==(const HeadView&) const = default;
};

/// out = softmax(scale * q @ k^T + bias) @ v per batch and head.
struct Attention {
  int64_t batch = 0;
  int64_t heads = 0;
  int64_t key_heads = 0;  // shared in groups by the heads
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t head_dim = 0;   // of q and k
  int64_t value_dim = 0;  // of v and out
  double scale = 1;
  /// Where not 0, q, k and v lie in panels of so many rows of panel_columns
  /// (MatrixView::panel_rows), each batch from a panel of its own on: token t is row t there, and a
  /// view's start + head * head_stride is the head's first column. Its other strides mean nothing
  /// then.
  int64_t panel_rows = 0;
  int64_t panel_columns = 0;
  double softcap = 0;  // 0: none; else c * tanh(scores / c) before the bias is added
  bool causal = false;
  HeadView q;
  HeadView k;
  HeadView v;
  HeadView out;
  /// Where present, i32 [batch * queries], a constant: out is in panels (MatrixView::panel_rows),
  /// these are the starts of its rows, and head and channel give the column.
  BufferId out_bases = kNoBuffer;
  int64_t out_panel_rows = 0;
  /// f16 or f32 (that of the plan), element (batch % bias_batches, head, query, key) by strides;
  /// the stride along the keys is 1 or 0.
  BufferId bias = kNoBuffer;
  int64_t bias_batches = 1;
  int64_t bias_batch_stride = 0;
  int64_t bias_head_stride = 0;
  int64_t bias_query_stride = 0;
  int64_t bias_key_stride = 1;
  bool operator==(const Attention&) const = default;
};

/// What a loop does to the rows of a matrix, for kernels that can do that along with their own
/// work. The matrix [rows, columns] and the result lie row after row.
struct RowWork {
  enum class Kind : uint8_t {
    kOther,
    kNormalize,  // (x - mean) / sqrt(variance + epsilon) of each row, times scale, plus shift
    kMean,       // of each `together` rows, which lie next to each other
  };
  Kind kind = Kind::kOther;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t together = 1;
  double epsilon = 0;
  BufferId x = kNoBuffer;
  BufferId scale = kNoBuffer;  // f32 [columns], constants; none: 1 and 0
  BufferId shift = kNoBuffer;
  bool operator==(const RowWork&) const = default;
};

/// Generated code: `body` runs for each i < elements, by `lanes` (1, or 32: one warp) threads that
/// see their number as `lane`. It reads and writes through the pointers p0, p1, … of the buffers in
/// `reads` and then `writes`. `functions` are device functions that it calls. Both are C++14 and
/// use nothing but the operations of cuda/kernels/prelude.cuh.
struct Loop {
  int64_t elements = 0;
  int64_t lanes = 1;
  std::string functions = {};
  std::string body = {};
  std::vector<BufferId> reads = {};
  std::vector<BufferId> writes = {};
  RowWork work = {};
  bool operator==(const Loop&) const = default;
};

/// An attention whose q, k and v are columns of the result of a product, which is kept nowhere:
/// head h has (2 * head_dim + value_dim) columns, those of its q, k and v. Row b * panel_rows + t
/// of the product's a, in panels, is token t of batch b. Only in plans made special for a device.
struct WindowAttention {
  Gemm projection;
  Attention attention;
  bool operator==(const WindowAttention&) const = default;
};

/// after(product(mean(before(x)))), where x is that of `mean`; before and after normalise or are
/// kOther, which is nothing. What lies between them is kept nowhere. Only in plans made special for
/// a device.
struct PooledHead {
  RowWork before;
  RowWork mean;
  Gemm product;
  RowWork after;
  BufferId out = kNoBuffer;  // [product.m, product.n]
  bool operator==(const PooledHead&) const = default;
};

using Kernel = std::variant<Loop, Gemm, Attention, WindowAttention, PooledHead>;

/// One kernel launch. Its results depend on nothing but its reads, so that running it twice in a
/// row gives the same memory.
struct Step {
  std::string name;  // for people: "gemm 196x1152x384 norm", unique in the plan
  Kernel kernel;
  std::vector<OriginId> origins;  // sorted, unique
  cost::Cost cost = {};           // FLOPs of the nodes; bytes of the step's own reads and writes
};

struct Port {
  std::string name;
  BufferId buffer = kNoBuffer;
};

/// A graph as an ordered list of launches.
struct Plan {
  std::string name;
  Precision precision = Precision::kF16;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Origin> origins;
  int64_t arena_bytes = 0;
  int64_t constant_bytes = 0;
};

/// The buffers that a kernel reads, and those that it writes, each in the order of its arguments;
/// absent operands are left out. A kernel's arguments are its reads, then its writes.
std::vector<BufferId> reads(const Kernel& kernel);
std::vector<BufferId> writes(const Kernel& kernel);

}  // namespace nitro::plan
