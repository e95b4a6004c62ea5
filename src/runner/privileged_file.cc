#include "runner/privileged_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/file.h"
#include "base/shell_line.h"
#include "runner/board_files.h"

namespace nitro::runner {
namespace {

std::string sudo(const char* program, const std::filesystem::path& file) {
  return shell_line(std::array<std::string, 4>{"sudo", "-n", program, file.native()}) +
         " 2>/dev/null";
}

/// What a command of the shell prints on its first line, where it succeeds.
std::optional<std::string> first_line_of(const std::string& command) {
  std::FILE* stream = ::popen((command + " </dev/null").c_str(), "r");
  if (stream == nullptr) return std::nullopt;
  std::array<char, 4096> line{};
  const bool read = std::fgets(line.data(), line.size(), stream) != nullptr;
  if (::pclose(stream) != 0 || !read) return std::nullopt;
  std::string text = line.data();
  text.resize(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

bool succeeds(const std::string& command) {
  std::FILE* stream = ::popen((command + " </dev/null").c_str(), "r");
  return stream != nullptr && ::pclose(stream) == 0;
}

bool write_directly(const std::filesystem::path& file, const std::string& text) {
  const FileDescriptor opened(::open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  return opened.valid() &&
         ::write(opened.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool write_by_sudo(const std::filesystem::path& file, const std::string& text) {
  std::FILE* stream = ::popen((sudo("tee", file) + " >/dev/null").c_str(), "w");
  if (stream == nullptr) return false;
  const bool written = std::fputs(text.c_str(), stream) >= 0;
  return ::pclose(stream) == 0 && written;
}

}  // namespace

std::optional<std::string> privileged_text(const std::filesystem::path& file) {
  if (::access(file.c_str(), R_OK) == 0) return board_text(file);
  if (errno == ENOENT) return std::nullopt;
  return first_line_of(sudo("cat", file));
}

std::optional<int64_t> privileged_number(const std::filesystem::path& file) {
  const std::optional<std::string> text = privileged_text(file);
  int64_t number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

bool may_write(const std::filesystem::path& file) {
  if (::access(file.c_str(), W_OK) == 0) return true;
  return errno != ENOENT && succeeds(sudo("tee", file));
}

Result<void> write_privileged(const std::filesystem::path& file, const std::string& line) {
  if (write_directly(file, line + "\n") || write_by_sudo(file, line + "\n")) return {};
  return fail_with_hint(ErrorCode::kEnvironment,
                        fmt::format("{} cannot be written, by sudo either", file.native()),
                        "nitro doctor --device prints what the board's sudoers need");
}

}  // namespace nitro::runner
