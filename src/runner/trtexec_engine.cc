#include "runner/trtexec_engine.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "runner/fields.h"
#include "runner/npy.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

constexpr size_t kPiece = size_t{1} << 20;
/// Of both sides of a comparison and some more; the rest would fill a board's card.
constexpr size_t kMostEngines = 8;
constexpr std::chrono::seconds kBetweenReports{5};
/// MiB for a kernel's own use, of which trtexec gives 16 before 8.4, too few for many kernels.
constexpr int kWorkspace = 1024;

Result<std::vector<EnginePort>> parse_ports(const Json& request, std::string_view key) {
  std::vector<EnginePort> ports;
  for (const Json& item : TRY(array_field(request, key))->items()) {
    const std::string word = TRY(text_field(item, "dtype"));
    const auto dtype = parse_dtype(word);
    if (!dtype) return fail(ErrorCode::kUnsupportedDtype, "'{}' is no type", display(word, 40));
    const Shape shape = TRY(integers_field(item, "shape", 0));
    ports.push_back({TRY(text_field(item, "name")), TRY(text_field(item, "binding")),
                     TensorType{*dtype, shape}});
  }
  return ports;
}

/// Removes all but the engines used last.
void remove_old_engines(const std::filesystem::path& folder) {
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> engines;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    engines.emplace_back(entry->last_write_time(error), entry->path());
  std::ranges::sort(engines, std::greater());
  for (size_t i = kMostEngines; i < engines.size(); ++i)
    std::filesystem::remove(engines[i].second, error);
}

/// Says every few seconds how long the build takes.
class BuildProgress {
 public:
  explicit BuildProgress(std::string version) : version_(std::move(version)) { report(); }

  bool operator()() {
    if (std::chrono::steady_clock::now() >= next_) report();
    return true;
  }

 private:
  void report() {
    const auto now = std::chrono::steady_clock::now();
    next_ = now + kBetweenReports;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin_).count();
    report_progress(fmt::format("building the engine with TensorRT {}, {} s", version_, seconds));
  }

  std::string version_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_;
};

std::vector<std::string> build_flags(const trace::TensorrtVersion& version,
                                     const std::string& precision) {
  using trace::TensorrtVersion;
  std::vector<std::string> flags;
  if (precision == "f16") flags.emplace_back("--fp16");
  if (version < TensorrtVersion{8, 4, 0})
    flags.push_back(fmt::format("--workspace={}", kWorkspace));
  if (version >= TensorrtVersion{8, 2, 0}) flags.emplace_back("--profilingVerbosity=detailed");
  flags.emplace_back(version < TensorrtVersion{8, 6, 0} ? "--buildOnly" : "--skipInference");
  return flags;
}

/// Names the engine of a file, by its content and by how it is built.
Result<std::string> engine_key(const TrtexecProgram& program, const std::filesystem::path& model,
                               const std::vector<std::string>& flags) {
  Sha256 key;
  const FileDescriptor file = TRY(open_for_reading(model));
  const uint64_t size = TRY(file_size(file));
  std::vector<std::byte> piece(kPiece);  // a model may take half of a board's memory
  for (uint64_t place = 0; place < size; place += kPiece) {
    const auto part = std::span(piece).first(std::min<uint64_t>(kPiece, size - place));
    TRY(read_exactly(file, place, part));
    key.add(part);
  }
  key.add(program.path.native() + text(program.version));
  for (const std::string& flag : flags) key.add("\n" + flag);
  return to_hex(key.finish()).substr(0, 32);
}

/// Where the engine is, built now if it is not there.
Result<std::filesystem::path> find_or_build(const TrtexecProgram& program,
                                            const std::filesystem::path& model,
                                            const std::vector<std::string>& flags,
                                            const std::filesystem::path& scratch) {
  const std::string key = TRY(engine_key(program, model, flags));
  const std::filesystem::path folder = TRY(cache_folder()) / "engines";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::kInputOutput, "cannot make the folder {}: {}", display(folder.native()),
                error.message());
  }
  const std::filesystem::path engine = folder / key;
  std::filesystem::last_write_time(engine, std::filesystem::file_time_type::clock::now(), error);
  if (!error) return engine;
  const std::filesystem::path part = engine.native() + fmt::format(".{}", ::getpid());
  std::vector<std::string> words = {"--onnx=" + model.native(), "--saveEngine=" + part.native()};
  words.insert(words.end(), flags.begin(), flags.end());
  const Result<std::string> built =
      run_trtexec(program, words, scratch, {.go_on = BuildProgress(text(program.version))});
  if (built) std::filesystem::rename(part, engine, error);
  if (!built || error) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
  }
  if (!built) return std::unexpected(built.error());
  if (error) return fail(ErrorCode::kRunnerFailed, "trtexec built no engine: {}", error.message());
  remove_old_engines(folder);
  return engine;
}

/// TensorRT before 10 has no 64-bit integers: its inputs are then of 32.
Result<Tensor> narrowed(const Tensor& tensor, const std::string& name) {
  const std::vector<int64_t> values = tensor.as<int64_t>();
  for (const int64_t value : values) {
    if (value != static_cast<int32_t>(value)) {
      return fail(ErrorCode::kUnsupportedDtype,
                  "the input '{}' has the value {}, and this TensorRT has integers of 32 bits",
                  display(name, 80), value);
    }
  }
  return Tensor::of(DType::kI32, tensor.shape(), values);
}

}  // namespace

Result<TrtexecEngine> TrtexecEngine::load(const TrtexecProgram& program, const Json& request,
                                          const std::filesystem::path& scratch) {
  TrtexecEngine engine;
  engine.scratch_ = scratch;
  engine.has_int64_ = program.version >= trace::TensorrtVersion{10, 0, 0};
  engine.inputs_ = TRY(parse_ports(request, "inputs"));
  engine.outputs_ = TRY(parse_ports(request, "outputs"));
  const std::string model = TRY(text_field(request, "model"));
  engine.engine_ = TRY(
      find_or_build(program, model,
                    build_flags(program.version, TRY(text_field(request, "precision"))), scratch));
  return engine;
}

Json TrtexecEngine::ports_json(const std::vector<EnginePort>& ports) {
  Json list = Json::array();
  for (const EnginePort& port : ports) {
    list.push_back(Json::object({{"name", port.name},
                                 {"dtype", name(port.type.dtype)},
                                 {"shape", Json::array_of(port.type.shape)}}));
  }
  return list;
}

Result<std::string> TrtexecEngine::raw_file(const EnginePort& port,
                                            const std::filesystem::path& npy) {
  const auto known = raw_files_.find(npy);
  if (known != raw_files_.end()) return known->second;
  Tensor tensor = TRY(read_npy(npy));
  if (tensor.type() != port.type) {
    return fail(ErrorCode::kShapeMismatch, "the input '{}' is {}, not {}", display(port.name),
                text(port.type), text(tensor.type()));
  }
  if (tensor.dtype() == DType::kI64 && !has_int64_) tensor = TRY(narrowed(tensor, port.name));
  const auto bytes = tensor.bytes();
  const std::string name = npy.stem().native() + ".bin";
  TRY(write_file_atomic(
      scratch_ / name,
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
  return raw_files_[npy] = name;
}

Result<std::vector<std::string>> TrtexecEngine::flags(const Json& inputs) {
  std::string files;
  for (const EnginePort& port : inputs_) {
    if (!inputs.at(port.name).is_string())
      return fail(ErrorCode::kShapeMismatch, "the input '{}' is missing", display(port.name));
    files += fmt::format("{}{}:{}", files.empty() ? "" : ",", port.binding,
                         TRY(raw_file(port, inputs.at(port.name).as_string())));
  }
  std::vector<std::string> words = {"--loadEngine=" + engine_.native()};
  if (!files.empty()) words.push_back("--loadInputs=" + files);
  return words;
}

}  // namespace nitro::runner
