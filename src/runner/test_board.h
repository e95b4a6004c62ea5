#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/file.h"
#include "base/json.h"

namespace nitro::runner {

/// A file of src/runner/boards: its README says how it is written.
struct BoardTree {
  std::map<std::string, std::string> files = {};
  std::string tegrastats = {};
  std::map<std::string, Json> expected = {};
};

inline BoardTree read_tree(const std::filesystem::path& path) {
  BoardTree tree;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find(" =");
    if (line.empty() || line.starts_with("#") || equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    std::string content = line.substr(std::min(equals + 3, line.size()));
    if (name == "tegrastats") {
      tree.tegrastats = content;
    } else if (name.starts_with("expect ")) {
      tree.expected[name.substr(7)] = Json::parse(content).value();
    } else {
      const bool ends_in_zero = content.ends_with("\\0");
      if (ends_in_zero) content.replace(content.size() - 2, 2, 1, '\0');
      tree.files[name] += content + (ends_in_zero ? "" : "\n");
    }
  }
  return tree;
}

inline void write_tree(const BoardTree& tree, const std::filesystem::path& folder) {
  for (const auto& [name, content] : tree.files) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << content;
  }
}

}  // namespace nitro::runner
