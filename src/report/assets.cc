#include "report/assets.h"

#include "report_embedded.h"

namespace nitro::report {

std::string style_sheet() {
  return std::string(embedded::page_css) + std::string(embedded::charts_css) +
         std::string(embedded::search_css) + std::string(embedded::print_css);
}

std::string script() {
  std::string text = "(() => {\n'use strict';\n";
  for (std::string_view part :
       {embedded::format_js, embedded::store_js, embedded::details_js, embedded::icicle_js,
        embedded::table_js, embedded::roofline_js, embedded::search_js, embedded::main_js}) {
    text += part;
  }
  return text + "})();\n";
}

}  // namespace nitro::report
