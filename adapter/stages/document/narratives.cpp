#include "adapter/stages/document/narratives.h"

#include "fhir/narrative.h"

namespace consultd {
namespace {

using fhir::Json;

// The resource with its text set, or taken out when `text` is null, and the Change that says so.
Result<PacketResource> with_text(const PacketResource& resource, const Json& text, StaticText rule,
                                 std::vector<Change>& changes) {
    const Json& json = resource.resource.json();
    changes.push_back({resource.full_url, std::string(resource.resource.type()) + ".text", rule,
                       json.get("text"), text});
    TRY_ASSIGN(
        fhir::Resource changed,
        fhir::Resource::from(text.is_null() ? json.without("text") : json.with("text", text)));
    return PacketResource{resource.source, resource.full_url, std::move(changed)};
}

}  // namespace

Result<std::vector<PacketResource>> clean_narratives(const std::vector<PacketResource>& resources,
                                                     std::vector<Change>& changes) {
    std::vector<PacketResource> out;
    out.reserve(resources.size());
    for (const PacketResource& one : resources) {
        const Json text = one.resource.json().get("text");
        if (!text.is_object()) {
            out.push_back(one);
            continue;
        }
        const std::string_view div = text["div"].string();
        Result<std::string> clean = fhir::sanitize_narrative(div);
        if (!clean) {
            TRY_ASSIGN(PacketResource changed, with_text(one, {}, "narrative.dropped", changes));
            out.push_back(std::move(changed));
            continue;
        }
        if (*clean == div) {
            out.push_back(one);
            continue;
        }
        TRY_ASSIGN(PacketResource changed,
                   with_text(one, text.with("div", *clean), "narrative.sanitized", changes));
        out.push_back(std::move(changed));
    }
    return out;
}

}  // namespace consultd
