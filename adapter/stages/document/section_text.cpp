#include "adapter/stages/document/section_text.h"

#include "adapter/stages/reading/trend.h"
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
std::string name_of(const Statement& one, std::string_view beside = {}) {
    std::string name = one.what.empty() ? "name not recorded" : one.what;
    join(name, ", ", beside);
    return one.is_plain() ? name : name + " (" + one.aside() + ")";
}

std::string notes_of(const Statement& one) {
    std::string out = one.why == one.reason ? std::string() : one.why;
    join(out, "; ", one.notes);
    return out;
}

// Its name, what else it is of, and where it stands.
std::string item_of(const Statement& one, const Specimens& specimens) {
    return one.resource().type() == "Observation" ? name_of(one, specimens.of(one).words)
                                                  : name_of(one);
}

// With what the laboratory says of it.
std::string value_of(const Statement& one) {
    std::string out = one.value;
    if (one.resource().type() == "Observation" && one.standing != Standing::NoValue)
        join(out, ", ", value_flag(one.resource().json()).words);
    return out;
}

// The range that a value was given, beside what its flag says of it.
std::string more_of(const Statement& one) {
    std::string out = notes_of(one);
    if (one.resource().type() == "Observation")
        if (const std::string range = ranges_given(one.resource().json()); !range.empty())
            join(out, "; ", "range given: " + range);
    return out;
}

}  // namespace

Json section_text(const Section& section, const Specimens& specimens) {
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
        add_cell(div, item_of(*one, specimens));
        add_cell(div, value_of(*one));
        add_cell(div, status_text(one->resource()));
        add_cell(div, more_of(*one));
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
