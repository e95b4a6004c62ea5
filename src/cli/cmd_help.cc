#include <array>

#include "cli/verbs.h"

namespace nitro::cli {
namespace {

class Help final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.optional_positional("VERB", "The verb to explain", words_[0]);
    arguments.optional_positional("SECOND", "Its second word, as in `zoo list`", words_[1]);
  }

  Result<int> run(Console& console) override {
    if (words_[0].empty()) {
      console.raw(overview());
      return 0;
    }
    std::vector<std::string> words;
    for (const std::string& word : words_)
      if (!word.empty()) words.push_back(word);
    const VerbRow* row = TRY(find_verb(words));
    Arguments arguments(row->name, row->summary);
    row->make()->declare(arguments);
    console.raw(arguments.help());
    return 0;
  }

 private:
  std::array<std::string, 2> words_;
};

}  // namespace

std::unique_ptr<Verb> make_help() { return std::make_unique<Help>(); }

}  // namespace nitro::cli
