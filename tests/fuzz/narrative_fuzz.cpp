// A cleaned narrative is clean: cleaning it again changes nothing, it has a text,
// and nothing in it runs or loads.
#include <cstdlib>

#include "fhir/narrative.h"

using consultd::fhir::narrative_text;
using consultd::fhir::sanitize_narrative;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view div(reinterpret_cast<const char*>(data), size);
    const auto clean = sanitize_narrative(div);
    const auto text = narrative_text(div);
    if (!clean.ok()) return 0;
    check(text.ok());
    const auto again = sanitize_narrative(*clean);
    check(again.ok() && *again == *clean);
    check(narrative_text(*clean).ok());
    for (const char* tag : {"<script", "<style", "<iframe", "<form", "<object", "<svg", "<!", "<?"})
        check(clean->find(tag) == std::string::npos);
    // A quotation mark that is not escaped stands only around an attribute's value.
    for (const char* source :
         {" src=\"http", " href=\"javascript", " href=\"data", " onload=\"", " action=\""})
        check(clean->find(source) == std::string::npos);
    return 0;
}
