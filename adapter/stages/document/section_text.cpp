#include "adapter/stages/document/section_text.h"

#include "adapter/stages/reading/type_words.h"
#include "fhir/narrative.h"

namespace consultd {
namespace {

using fhir::Json;

constexpr std::string_view div_start = R"(<div xmlns="http://www.w3.org/1999/xhtml">)";

Json generated(std::string div) { return Json::object({{"status", "generated"}, {"div", div}}); }

void add_cell(std::string& out, std::string_view text) {
    out.append("<td>").append(fhir::escape_xml(text)).append("</td>");
}

// With its standing where that is no plain fact.
std::string name_of(const Statement& one) {
    const std::string name = one.what.empty() ? "name not recorded" : one.what;
    return one.is_plain() ? name : name + " (" + one.aside() + ")";
}

std::string notes_of(const Statement& one) {
    std::string out = one.why == one.reason ? std::string() : one.why;
    join(out, "; ", one.notes);
    return out;
}

}  // namespace

Json section_text(const Section& section) {
    // Only the last section mixes so many types that the type must be said.
    const bool with_type = section.row == &additional_section();
    std::string div(div_start);
    div += "<table><thead><tr>";
    if (with_type) div += "<th>Type</th>";
    div +=
        "<th>Date</th><th>Item</th><th>Value</th><th>Status</th><th>Notes</th></tr></thead><tbody>";
    for (const Statement* one : section.entries) {
        div += "<tr>";
        if (with_type) add_cell(div, one->resource().type());
        add_cell(div, when_text(one->when));
        add_cell(div, name_of(*one));
        add_cell(div, one->value);
        add_cell(div, status_text(one->resource()));
        add_cell(div, notes_of(*one));
        div += "</tr>";
    }
    div += "</tbody></table></div>";
    return generated(std::move(div));
}

Json notice_text(std::string_view notice, std::string_view words,
                 const std::vector<const Statement*>& covered) {
    std::string div(div_start);
    div.append("<p>").append(fhir::escape_xml(notice)).append("</p><p>");
    div.append(fhir::escape_xml(words)).append("</p><ul>");
    for (const Statement* one : covered) {
        std::string item(type_word(one->resource().type()));
        join(item, ": ", name_of(*one));
        join(item, ", ", when_text(one->when));
        div.append("<li>").append(fhir::escape_xml(item)).append("</li>");
    }
    return generated(div + "</ul></div>");
}

Json no_information_text(std::string_view words) {
    return generated(std::string(div_start) + "<p>" + fhir::escape_xml(words) + "</p></div>");
}

}  // namespace consultd
