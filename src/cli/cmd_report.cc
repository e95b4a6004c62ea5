#include "base/file.h"
#include "base/text.h"
#include "cli/output_file.h"
#include "cli/verbs.h"
#include "report/report.h"

namespace nitro::cli {
namespace {

class Report final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("RESULT", "A result of `nitro profile` or `nitro optimize`", result_);
    arguments.option("-o,--output", "The HTML file to write; - for stdout", output_);
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    if (output_.empty()) return fail(ErrorCode::kUsage, "nitro report needs -o FILE");
    const std::string text = TRY(read_file(result_));
    const Json result = TRY(in_context(Json::parse(text), display(result_)));
    const std::string page = TRY(in_context(report::render(result), display(result_)));
    TRY(write_output(console, output_, page, force_));
    if (output_ == "-") return 0;
    console.document(Json::object({{"file", output_.native()}, {"bytes", page.size()}}));
    console.text(fmt::format("wrote {}\n", display(output_.native())));
    return 0;
  }

 private:
  std::string result_;
  std::filesystem::path output_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_report() { return std::make_unique<Report>(); }

}  // namespace nitro::cli
