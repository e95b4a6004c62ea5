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
    if (!gemm || gemm->pairs) continue;  // the rules decide for these
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

  /// The time before the search, and the products.
  Result<std::vector<Product>> start() {
    Engine engine = TRY(load({}));
    std::vector<Product> products = products_of(engine.plan(), engine.device().target());
    result.before_ns = result.after_ns = TRY(time_of(engine));
    result.products = products.size();
    return products;
  }
  /// Tries the tiles of a product; whether one is kept.
  bool improve(const Product& product, const std::function<bool()>& stop) {
    ++result.tried_products;
    std::optional<Tuning> best;
    double least = result.after_ns;
    for (const GemmTile& tile : product.tiles) {
      if (stop()) break;
      Tuning tuning = result.tuning;
      tuning.set(product.gemm, tile);
      const Result<double> time = try_one(tuning);
      if (!time || *time >= least) continue;
      least = *time;
      best = std::move(tuning);
    }
    if (!best) return false;
    // Measured again: the least of many is lucky.
    const Result<double> again = time(*best);
    if (!again || *again >= kWorthwhile * result.after_ns) return false;
    result.tuning = std::move(*best);
    result.after_ns = *again;
    return true;
  }

  Tuned result;

 private:
  Result<Engine> load(const Tuning& tuning) {
    EngineOptions options = options_;
    auto merged = std::make_shared<Tuning>(options.tuning ? *options.tuning : Tuning());
    merged->merge(tuning);
    options.tuning = std::move(merged);
    return Engine::load(plan_, options);
  }
  Result<double> time(const Tuning& tuning) {
    Engine engine = TRY(load(tuning));
    return time_of(engine);
  }
  Result<double> try_one(const Tuning& tuning) {
    Result<double> measured = time(tuning);
    ++result.tried;
    if (!measured && result.failed++ == 0) result.failure = measured.error().text();
    return measured;
  }

  const plan::Plan& plan_;
  EngineOptions options_;
};

}  // namespace

Result<Tuned> tune(const plan::Plan& plan, const EngineOptions& options,
                   const std::function<void(const std::string&)>& say,
                   const std::function<bool()>& stop) {
  Search search(plan, options);
  const std::vector<Product> products = TRY(search.start());
  for (const Product& product : products) {
    if (stop()) break;
    const std::string name = fmt::format("{} of {}, {}", search.result.tried_products + 1,
                                         products.size(), product.name);
    say(fmt::format("product {}: trying {} tiles", name, product.tiles.size()));
    const bool kept = search.improve(product, stop);
    say(fmt::format("product {}: {}, a run takes {:.2f} us", name,
                    kept ? "kept a faster tile" : "the rules' tile stays",
                    search.result.after_ns / 1000));
  }
  return std::move(search.result);
}

}  // namespace nitro::cuda
