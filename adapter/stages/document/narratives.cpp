#include "adapter/stages/document/narratives.h"

#include "fhir/narrative.h"

namespace consultd {
namespace {

using fhir::Json;

// The resource with its text set, or taken out when `text` is null, and the Change that says so.
Status set_text(PacketResource& resource, const Json& text, StaticText rule,
                std::vector<Change>& changes) {
    const Json& json = resource.resource.json();
    changes.push_back({resource.full_url, std::string(resource.resource.type()) + ".text", rule,
                       json.get("text"), text});
    TRY_ASSIGN(resource.resource, fhir::Resource::from(text.is_null() ? json.without("text")
                                                                      : json.with("text", text)));
    return {};
}

}  // namespace

Result<std::vector<PacketResource>> clean_narratives(std::vector<PacketResource> resources,
                                                     std::vector<Change>& changes) {
    for (PacketResource& one : resources) {
        const Json text = one.resource.json().get("text");
        if (!text.is_object()) continue;
        const std::string_view div = text["div"].string();
        const Result<std::string> clean = fhir::sanitize_narrative(div);
        if (!clean)
            TRY(set_text(one, {}, "narrative.dropped", changes));
        else if (*clean != div)
            TRY(set_text(one, text.with("div", *clean), "narrative.sanitized", changes));
    }
    return resources;
}

}  // namespace consultd
