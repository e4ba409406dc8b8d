#include "adapter/stages/document/narratives.h"

#include "adapter/stages/reading/attachment_text.h"
#include "fhir/narrative.h"

namespace consultd {
namespace {

using fhir::Json;

// The resource with its text set, or taken out when `text` is null, and the Change that says so.
Status set_text(PacketResource& resource, const Json& text, StaticText rule, ChangeList& changes) {
    const Json& json = resource.resource.json();
    changes.add(resource.full_url, std::string(resource.resource.type()) + ".text", rule,
                json.get("text"), text);
    TRY_ASSIGN(resource.resource, fhir::Resource::from(text.is_null() ? json.without("text")
                                                                      : json.with("text", text)));
    return {};
}

// What is no XHTML may still be read as HTML, and may hold what stands nowhere else: its words, a
// block a line. Null where there are none, or where they repeat the data.
// https://hl7.org/fhir/R4/valueset-narrative-status.html
Json words_alone(const Json& text) {
    const std::string_view status = text["status"].string();
    if (status == "generated" || status == "empty") return {};  // says what stands in the data too
    const std::string words = text_of_html(text["div"].string());
    if (words.empty()) return {};
    std::string div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>";
    for (const char letter : words)
        div += letter == '\n' ? "<br/>" : fhir::escape_xml(std::string_view(&letter, 1));
    return text.with("div", div + "</p></div>");
}

}  // namespace

Result<std::vector<PacketResource>> clean_narratives(std::vector<PacketResource> resources,
                                                     ChangeList& changes) {
    for (PacketResource& one : resources) {
        const Json text = one.resource.json().get("text");
        if (!text.is_object()) continue;
        const std::string_view div = text["div"].string();
        const Result<std::string> clean = fhir::sanitize_narrative(div);
        if (!clean) {
            const Json words = words_alone(text);
            TRY(set_text(one, words,
                         words.is_null() ? StaticText("narrative.dropped")
                                         : StaticText("narrative.rewritten"),
                         changes));
        } else if (*clean != div)
            TRY(set_text(one, text.with("div", *clean), "narrative.sanitized", changes));
    }
    return resources;
}

}  // namespace consultd
