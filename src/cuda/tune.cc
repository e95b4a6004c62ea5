#include "cuda/tune.h"

#include <fmt/format.h>

#include <algorithm>

namespace nitro::cuda {
namespace {

constexpr size_t kRuns = 200;          // whose median is the time of a plan
constexpr size_t kMostTiles = 14;      // of a product, the best by the rules
constexpr double kWorthwhile = 0.997;  // of the time before: less than that is noise

/// A product of the plan, and how often it occurs.
struct Product {
  plan::Gemm gemm;
  std::string name;
  int64_t count = 0;
  std::vector<GemmTile> tiles;

  double work() const {
    return static_cast<double>(count * gemm.batch * (gemm.m + 256) * (gemm.n + 256)) *
           static_cast<double>(gemm.k);
  }
};

bool in_panels(const plan::Gemm& gemm) {
  return gemm.a.panel_rows > 0 && gemm.a.bases == plan::kNoBuffer;
}

bool same(const plan::Gemm& a, const plan::Gemm& b) {
  return a.m == b.m && a.n == b.n && a.k == b.k && a.batch == b.batch &&
         a.normalize == b.normalize &&
         (a.residual.buffer == plan::kNoBuffer) == (b.residual.buffer == plan::kNoBuffer) &&
         in_panels(a) == in_panels(b);
}

std::vector<Product> products_of(const plan::Plan& plan, const Target& target) {
  std::vector<Product> products;
  for (const plan::Step& step : plan.steps) {
    const auto* gemm = std::get_if<plan::Gemm>(&step.kernel);
    if (!gemm) continue;
    const auto known = std::ranges::find_if(
        products, [&](const Product& other) { return same(other.gemm, *gemm); });
    if (known != products.end()) {
      ++known->count;
      continue;
    }
    std::vector<GemmTile> tiles = gemm_tiles(plan, *gemm, target, in_panels(*gemm));
    if (tiles.size() > kMostTiles) tiles.resize(kMostTiles);
    if (tiles.size() > 1) products.push_back({*gemm, step.name, 1, std::move(tiles)});
  }
  std::ranges::stable_sort(products, std::ranges::greater{}, &Product::work);
  return products;
}

/// Nanoseconds of one run.
Result<double> time_of(Engine& engine) {
  const std::vector<const Recording*> order(kRuns, &engine.recording());
  std::vector<double> times = TRY(engine.times(order));
  std::ranges::nth_element(times, times.begin() + kRuns / 2);
  return times[kRuns / 2];
}

class Search {
 public:
  Search(const plan::Plan& plan, EngineOptions options)
      : plan_(plan), options_(std::move(options)) {}

  Result<double> time(const Tuning& tuning) {
    Engine engine = TRY(load(tuning));
    return time_of(engine);
  }
  Result<Engine> load(const Tuning& tuning) {
    options_.tuning = std::make_shared<Tuning>(tuning);
    return Engine::load(plan_, options_);
  }

 private:
  const plan::Plan& plan_;
  EngineOptions options_;
};

}  // namespace

Result<Tuned> tune(const plan::Plan& plan, const EngineOptions& options,
                   const std::function<void(const std::string&)>& say,
                   const std::function<bool()>& stop) {
  Search search(plan, options);
  Tuned result;
  std::vector<Product> products;
  {
    Engine engine = TRY(search.load({}));
    products = products_of(engine.plan(), engine.device().target());
    result.before_ns = TRY(time_of(engine));
  }
  result.after_ns = result.before_ns;
  for (const Product& product : products) {
    Tuning best = result.tuning;
    double least = result.after_ns;
    for (const GemmTile& tile : product.tiles) {
      if (stop()) break;
      Tuning tuning = result.tuning;
      tuning.set(product.gemm, tile);
      const Result<double> time = search.time(tuning);
      ++result.tried;
      if (!time || *time >= least) continue;
      least = *time;
      best = std::move(tuning);
    }
    // Measured again: the least of many is lucky.
    if (const Result<double> again = search.time(best);
        again && *again < kWorthwhile * result.after_ns) {
      result.tuning = std::move(best);
      result.after_ns = *again;
    }
    say(fmt::format("{}, {} times: {:.2f} us", product.name, product.count,
                    result.after_ns / 1000));
  }
  return result;
}

}  // namespace nitro::cuda
