#include <algorithm>

#include "cli/verbs.h"
#include "cli/written_model.h"
#include "zoo/zoo.h"

namespace nitro::cli {
namespace {

template <class Enum>
Enum from_word(std::string_view word) {
  const auto& names = enum_names(Enum{});
  return static_cast<Enum>(std::ranges::find(names, word) - names.begin());
}

template <class Enum>
std::vector<std::string> words_of() {
  const auto& names = enum_names(Enum{});
  return {names.begin(), names.end()};
}

class ZooExport final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("NAME", "A name of `nitro zoo list`", name_);
    arguments.option("-o,--output", "The ONNX file to write; - for stdout", output_);
    arguments.option("--batch", "Images per call (default 1)", batch_, 1);
    arguments.option("--texts", "Texts per call of a model that reads text (default 1)", texts_, 1);
    arguments.option("--weights",
                     "A safetensors file with the parameters, or `random`; default: trained ones "
                     "where Nitro brings them, else random ones",
                     weights_);
    arguments.choice("--modality", "What the input is (default rgb)", modality_,
                     words_of<zoo::Modality>());
    arguments.choice("--preprocessing", "none: the input is normalised already (default)",
                     preprocessing_, words_of<zoo::Preprocessing>());
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    zoo::Options options;
    options.batch = batch_;
    if (texts_ != 0) options.texts = texts_;
    options.weights = weights_;
    options.modality = from_word<zoo::Modality>(modality_);
    options.preprocessing = from_word<zoo::Preprocessing>(preprocessing_);
    const std::string_view prefix = "zoo:";
    std::string_view bare = name_;
    if (bare.starts_with(prefix)) bare.remove_prefix(prefix.size());
    const Graph graph = TRY(zoo::build(bare, options));
    TRY(write_graph(console, graph,
                    output_.empty() ? std::filesystem::path(std::string(bare) + ".onnx") : output_,
                    force_));
    return 0;
  }

 private:
  std::string name_;
  std::filesystem::path output_;
  std::filesystem::path weights_;
  int64_t batch_ = 1;
  int64_t texts_ = 0;  // not given
  std::string modality_ = "rgb";
  std::string preprocessing_ = "none";
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_zoo_export() { return std::make_unique<ZooExport>(); }

}  // namespace nitro::cli
