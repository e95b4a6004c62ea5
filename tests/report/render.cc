#include <fmt/core.h>

#include "base/file.h"
#include "report/report.h"

namespace {

nitro::Result<void> render_file(const char* from, const char* to) {
  const std::string text = TRY(nitro::read_file(from));
  const nitro::Json result = TRY(nitro::Json::parse(text));
  return nitro::write_file_atomic(to, TRY(nitro::report::render(result)));
}

}  // namespace

/// render RESULT.json OUT.html: the exit code is that of the error.
int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto rendered = render_file(argv[1], argv[2]);
  if (rendered) return 0;
  fmt::print(stderr, "{}\n", rendered.error().text());
  return nitro::exit_code(rendered.error().code);
}
