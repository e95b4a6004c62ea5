#pragma once

#include <string>

#include "base/json.h"

namespace nitro::report {

// The parts of the page in its order. Each takes the whole result and gives HTML, "" where it has
// nothing to show. The document has passed check_document().

/// Three sentences and the numbers behind them.
std::string verdict_section(const Json& result);
std::string prediction_section(const Json& result);
/// The module tree and the table of layers.
std::string time_section(const Json& result);
/// The layers under the roofs of the machine.
std::string roofline_section(const Json& result);
/// Which part of each layer follows which clock of the board, where that was probed.
std::string clock_section(const Json& result);
/// Accuracy before and after, and what changed in the answers.
std::string accuracy_section(const Json& result);
/// "Worse: −3.1 points [−5.0, −1.2]." of an accuracy comparison of docs/eval.schema.json.
std::string accuracy_verdict(const Json& comparison, double margin);
/// The trials of a search, what the winner's steps bring, and what each step does alone.
std::string search_section(const Json& result);
/// What each pass of the recipe brought.
std::string ledger_section(const Json& result);
/// The raw samples before and after.
std::string distribution_section(const Json& result);
/// How far the outputs moved.
std::string numerics_section(const Json& result);
/// What makes the numbers worth less.
std::string quality_notes_section(const Json& result);
/// Model, workload, runner and machine.
std::string environment_section(const Json& result);
/// Commands and recipe.
std::string reproduce_section(const Json& result);

}  // namespace nitro::report
