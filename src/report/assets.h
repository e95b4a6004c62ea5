#pragma once

#include <string>
#include <string_view>

namespace nitro::report {

/// The style sheet of the page.
std::string style_sheet();

/// The script of the page. It reads the element #data and fills what the sections left for it.
std::string script();

}  // namespace nitro::report
